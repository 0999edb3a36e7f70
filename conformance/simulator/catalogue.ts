import type { JsonObject } from "../../schemas/json.ts";
import * as faults from "./faults.ts";
import type { Fault } from "./faults.ts";
import type { CallName } from "./seen.ts";
import type { Simulator } from "./simulator.ts";
import type { Passage } from "./socket.ts";

/** A fault that people ask for by name. */
export interface NamedFault {
  name: string;
  /** What happens, to what it is done. */
  about: string;
  kind: "request" | "upgrade" | "socket" | "network";
  /** `call` narrows a fault of requests; `times` counts for requests and upgrades. */
  begin(simulator: Simulator, options: { call?: CallName; times: number }): void;
}

/** Long enough to do something meanwhile. */
const DELAY_MS = 3_000;
const SYNC_CALLS: readonly CallName[] = ["pull", "push", "batch", "status"];

function onRequest(name: string, about: string, make: () => Fault): NamedFault {
  return {
    name,
    about,
    kind: "request",
    begin: (simulator, { call, times }) =>
      simulator.fault(
        ({ call: asked }) => (call === undefined ? SYNC_CALLS.includes(asked) : asked === call),
        make(),
        times,
      ),
  };
}

function onSocket(
  name: string,
  about: string,
  does: (socket: Simulator["open"][number]) => void,
): NamedFault {
  return { name, about, kind: "socket", begin: (simulator) => simulator.open.forEach(does) };
}

function passing(name: string, about: string, passage: () => Passage): NamedFault {
  return onSocket(name, about, (socket) => void (socket.passage = passage()));
}

/** Events alone: what tells of a change, not what answers the client's own messages. */
const isEvent = ({ meta, clientChangeId, type }: JsonObject): boolean =>
  meta !== undefined && clientChangeId === undefined && type !== "SYNC_RESPONSE";

/** The same event further on in the log. */
function movedAhead(event: JsonObject, by: number): JsonObject {
  const meta = event["meta"] as JsonObject;
  const seq = Number(meta["seq"]) + by;
  return { ...event, ...(event["seq"] === undefined ? {} : { seq }), meta: { ...meta, seq } };
}

/** Each event goes out after the next one. */
function swapped(): Passage {
  let kept: JsonObject | undefined;
  return (frame) => {
    if (!isEvent(frame)) return [frame];
    const earlier = kept;
    kept = earlier === undefined ? frame : undefined;
    return earlier === undefined ? [] : [frame, earlier];
  };
}

/** Every fault by name, in the order in which they are listed. */
export const CATALOGUE: readonly NamedFault[] = [
  onRequest(
    "lose-request",
    "the connection ends before the server has the request",
    () => faults.loseRequest,
  ),
  onRequest(
    "lose-answer",
    "the server does it, and the connection ends before the answer",
    () => faults.loseAnswer,
  ),
  onRequest("duplicate", "the server gets it twice", () => faults.duplicate),
  onRequest("delay", `the answer comes ${DELAY_MS / 1000} s later`, () => ({
    do: "delay-answer",
    until: new Promise((resolve) => setTimeout(resolve, DELAY_MS)),
  })),
  onRequest("401", "TOKEN_EXPIRED, whatever the token", () => faults.refusal("TOKEN_EXPIRED")),
  onRequest("403", "FORBIDDEN", () => faults.refusal("FORBIDDEN")),
  onRequest("409", "IDEMPOTENCY_IN_FLIGHT, Retry-After 1 s", () =>
    faults.refusal("IDEMPOTENCY_IN_FLIGHT", { retryAfter: 1 }),
  ),
  onRequest("410", "CURSOR_EXPIRED", () => faults.refusal("CURSOR_EXPIRED")),
  onRequest("413", "BODY_TOO_LARGE", () => faults.refusal("BODY_TOO_LARGE")),
  onRequest("422", "IDEMPOTENCY_KEY_REUSED", () => faults.refusal("IDEMPOTENCY_KEY_REUSED")),
  onRequest("429", "RATE_LIMITED, Retry-After 5 s", () => faults.refusal("RATE_LIMITED", { retryAfter: 5 })),
  onRequest("500", "INTERNAL", () => faults.refusal("INTERNAL")),
  onRequest("503", "UNAVAILABLE, Retry-After 5 s", () => faults.refusal("UNAVAILABLE", { retryAfter: 5 })),
  onRequest("truncated", "the server does it, and its answer breaks off", () => faults.truncated),
  onRequest("html", "a captive portal's page, with status 200", () => faults.html),
  onRequest("other-json", "JSON of somebody else, with status 200", () => faults.otherJson),
  onRequest("wrong-type", "the server does it, and its answer says text/html", () => faults.wrongContentType),
  onRequest("unknown-members", "the server does it, and says more than a client knows", () =>
    faults.alterJson((body: JsonObject) => ({ ...body, weather: { sky: "blue" }, since2031: true })),
  ),
  {
    name: "refuse-upgrade",
    about: "the next socket is refused with 503",
    kind: "upgrade",
    begin: (simulator, { times }) =>
      simulator.failUpgrades({ refuse: faults.answerOf("UNAVAILABLE") }, times),
  },
  {
    name: "drop-upgrade",
    about: "the connection ends during the next handshake",
    kind: "upgrade",
    begin: (simulator, { times }) => simulator.failUpgrades("drop", times),
  },
  onSocket("cut", "open sockets break", (socket) => socket.cut()),
  onSocket("half-open", "open sockets carry nothing any more, and nobody is told", (socket) =>
    socket.freeze(),
  ),
  ...[4400, 4401, 4403, 4408, 4429, 1012].map((code) =>
    onSocket(`close-${code}`, `open sockets are closed with ${code}`, (socket) => socket.close(code)),
  ),
  onSocket("unknown-message", "a message of a type that a client does not know", (socket) =>
    socket.inject({ type: "WEATHER", sky: "blue", timestamp: new Date().toISOString() }),
  ),
  onSocket("repeat-events", "every event that was told comes once more", (socket) =>
    socket.received.filter(isEvent).forEach((event) => socket.inject(event)),
  ),
  onSocket("future-event", "the last event comes once more, its seq 1000 ahead", (socket) => {
    const event = socket.received.findLast(isEvent);
    if (event) socket.inject(movedAhead(event, 1_000));
  }),
  onSocket("bad-json", "a frame that breaks off", (socket) => socket.inject('{"type":"ENTRY_UPD')),
  passing("swap-events", "of two events the second comes first, from now on", swapped),
  passing("drop-events", "no event arrives, from now on", () => (frame) => (isEvent(frame) ? [] : [frame])),
  passing("more-members", "messages have members that a client does not know, from now on", () => (frame) => [
    { ...frame, weather: "fine" },
  ]),
  {
    name: "network-down",
    about: "nothing comes through, until network-up",
    kind: "network",
    begin: (simulator) => simulator.cutNetwork(),
  },
  {
    name: "network-up",
    about: "everything comes through again",
    kind: "network",
    begin: (simulator) => simulator.restoreNetwork(),
  },
];

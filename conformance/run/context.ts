import { effectiveLimits } from "../../schemas/limits.ts";
import type { Call, Identity } from "../wire/device.ts";
import { Device } from "../wire/device.ts";
import { FENCE } from "../wire/listener.ts";
import type { Control, HistoryOptions, RawRequest, ServerCheck, ServerContext } from "../check.ts";
import type { HttpRequest } from "../drivers/transport.ts";
import { createBuilders } from "../entities.ts";
import { exchange } from "../wire/exchange.ts";
import { expect } from "../expect.ts";
import { guardRequest, isServed } from "../wire/guard.ts";
import { createRedactor } from "../wire/redaction.ts";
import { Pace } from "../wire/pace.ts";
import type { Redactor } from "../wire/redaction.ts";
import type { Reply } from "../wire/reply.ts";
import { seededRandom, uniqueStrings } from "./seeded.ts";
import { Sockets } from "../wire/sockets.ts";
import { socketEndpoint } from "../subject/subject.ts";
import type { ControlPort, Subject } from "../subject/subject.ts";
import { createTokens } from "../wire/tokens.ts";
import { Transcript } from "../wire/transcript.ts";
import { CheckFailure, HarnessError, Inconclusive, NotApplicable } from "../verdict.ts";

/**
 * Stamps of built items lie this far in the past, so that none is ever later than the server's clock: not when a
 * check builds hundreds of items within one millisecond, nor when the two clocks differ a little.
 */
const STAMP_LAG_MS = 60_000;
const POLL_MS = 20;
/** A check may make a token by itself; the redaction has to know that, too. */
const JWT_IN_HEADER = /^bearer\s+([\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})$/i;

/** A check's context, and what the harness keeps of it. */
export interface Stage {
  context: ServerContext;
  transcript: Transcript;
  sockets: Sockets;
  /** The users that this check made; those who wrote anything. */
  writers: Set<string>;
  /** Whether the server has done, in this check, what a sync call asked for. */
  served(): boolean;
  /** Knows the tokens of this check. */
  redactor: Redactor;
}

export interface StageOptions {
  seed: string;
  /** Differs between runs even with one seed: users must be fresh. */
  nonce: string;
  signal: AbortSignal;
  histories?: HistoryOptions;
  /** What the checks of one run share; default: nothing. */
  shared?: Map<string, Promise<unknown>>;
  /** Users that wrote are added to these. */
  writers?: Set<string>;
}

/** Sets the stage for one check: a fresh user, a device, a transcript. Sends nothing. */
export async function createStage(
  check: Pick<ServerCheck, "id" | "needs">,
  subject: Subject,
  options: StageOptions,
): Promise<Stage> {
  const { signal } = options;
  if (!subject.tokens) throw new NotApplicable("no credentials were given: --jwt-secret or --token-command");
  const redactor = createRedactor(subject.redactor);
  const transcript = new Transcript(redactor);
  const random = seededRandom(options.seed, check.id);
  const unique = uniqueStrings(random);
  const writers = options.writers ?? new Set<string>();
  const now = (): number => Date.now() + subject.clockOffsetMs;
  let users = 0;
  let stages = 0;
  const freshUser = (): string =>
    `conformance-${options.nonce}-${check.id.replace("/", "-")}-${(users += 1)}`;
  const user = freshUser();
  const tokens = createTokens(subject.tokens, user, now, (token) => redactor.conceal(token));

  const limits = effectiveLimits(subject.discovery.limits);
  // Whoever asks for a rate wants to go beyond it.
  const pace = check.needs.some((need) => need.startsWith("limit:requestBurst"))
    ? undefined
    : new Pace(limits, signal);
  let served = false;
  const send = async (request: HttpRequest, by: string | undefined, anyAnswer = false): Promise<Reply> => {
    if (by !== undefined) await pace?.turn(by);
    const own = JWT_IN_HEADER.exec(request.headers["authorization"] ?? "")?.[1];
    if (own !== undefined) redactor.conceal(own);
    const wire = { transport: subject.transport, transcript, signal, timeoutMs: subject.requestTimeoutMs };
    const reply = await exchange(request, wire, anyAnswer);
    served ||= !anyAnswer && isServed(reply);
    return reply;
  };

  const call =
    (identity: Identity) =>
    async (one: Call): Promise<Reply> => {
      if (/push|batch/.test(one.path)) writers.add(identity.user);
      if (one.invalid === undefined)
        guardRequest({ method: one.method, path: one.path, headers: {} }, one.json);
      const request = requestOf(one.method, one.path, one.headers, jsonBytes(one.json));
      return send(one.abandon ? { ...request, abandon: true } : request, identity.user, one.abandon);
    };
  let lastStamp = 0;
  const nextStamp = (): string => {
    lastStamp = Math.max(now() - STAMP_LAG_MS, lastStamp + 1);
    return new Date(lastStamp).toISOString();
  };
  const builders = createBuilders({ at: nextStamp, unique, random });
  const writeFence = async (writer: Device): Promise<string> => {
    const id = `${FENCE}${unique("goal")}`;
    await writer.push({ goals: [builders.aGoal({ id })] });
    return id;
  };
  const sockets = new Sockets({
    subject,
    transcript,
    signal,
    at: nextStamp,
    unique,
    onWrite: (writer) => writers.add(writer),
    writeFence,
  });
  const deviceOf = (identity: Identity): Device =>
    new Device(
      identity,
      call(identity),
      () => unique("key"),
      (opening, connect) => sockets.open(opening, connect),
    );
  const token = await tokens.valid();
  const device = deviceOf({ user, token, id: unique("device"), protocol: "1" });

  const http = (raw: RawRequest): Promise<Reply> => {
    if (raw.as) writers.add(raw.as.user);
    return send(rawRequest(raw), raw.as?.user, raw.anyAnswer);
  };

  const context: ServerContext = {
    ...builders,
    device,
    newDevice: () => device.with({ id: unique("device") }),
    deployedDevice: () => device.with({ id: unique("device"), protocol: null }),
    stranger: async () => {
      const other = freshUser();
      return deviceOf({ user: other, token: await tokens.valid(other), id: unique("device"), protocol: "1" });
    },
    expect,
    tokens,
    http: http as ServerContext["http"],
    discovery: subject.discovery,
    limits,
    socketPath: pathOf(socketEndpoint(subject)),
    origin: subject.origin ?? "",
    control: controlOf(check, subject),
    now,
    at: (offsetMs = 0) => new Date(now() + offsetMs).toISOString(),
    random,
    waitFor: (what, condition, timeoutMs = 5_000) => waitFor(what, condition, timeoutMs, signal),
    inconclusive: (reason) => {
      throw new Inconclusive(reason);
    },
    signal,
    theatre: {
      shared: options.shared ?? new Map(),
      histories: { ...options.histories, seed: options.seed },
      open: () =>
        createStage(check, subject, { ...options, nonce: `${options.nonce}-h${(stages += 1)}`, writers }),
    },
  };
  if (subject.origin === undefined) forbidOrigin(context, check);
  return { context, transcript, sockets, writers, served: () => served, redactor };
}

function pathOf(endpoint: string): string {
  return endpoint.replace(/^wss?:\/\/[^/?]*/, "") || "/";
}

/** A check that uses the origin without needing it must not go on with an empty one. */
function forbidOrigin(context: ServerContext, check: Pick<ServerCheck, "id">): void {
  Object.defineProperty(context, "origin", {
    enumerable: false,
    get: () => {
      throw new HarnessError(`${check.id} uses "origin" without saying so in its needs`);
    },
  });
}

function controlOf(check: Pick<ServerCheck, "id" | "needs">, subject: Subject): Control {
  const invoke: ControlPort["invoke"] = async (verb, params) => {
    if (!check.needs.includes(`control:${verb}`)) {
      throw new HarnessError(`${check.id} uses control verb "${verb}" without saying so in its needs`);
    }
    await subject.control!.invoke(verb, params);
  };
  return {
    restart: () => invoke("restart"),
    kill: () => invoke("kill"),
    evict: (user) => invoke("evict", { user }),
    failNextWrite: () => invoke("fail-next-write"),
    advanceClock: async (ms) => {
      await invoke("advance-clock", { ms });
      subject.clockOffsetMs += ms;
    },
  };
}

async function waitFor(
  what: string,
  condition: () => Promise<boolean>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    signal.throwIfAborted();
    if (performance.now() > deadline) {
      throw new CheckFailure(`waited in vain: ${what}`, {
        expected: what,
        actual: `not within ${timeoutMs} ms`,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function rawRequest(raw: RawRequest): HttpRequest {
  const body =
    raw.bytes ?? (raw.text === undefined ? jsonBytes(raw.json) : new TextEncoder().encode(raw.text));
  const method = raw.method ?? (body === undefined ? "GET" : "POST");
  return requestOf(method, raw.path, { ...raw.as?.headers, ...raw.headers }, body);
}

function requestOf(
  method: string,
  path: string,
  headers: Record<string, string | undefined>,
  body: Uint8Array | undefined,
): HttpRequest {
  const all = { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers };
  const present = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { method, path, headers: Object.fromEntries(present), ...(body === undefined ? {} : { body }) };
}

function jsonBytes(json: unknown): Uint8Array | undefined {
  return json === undefined ? undefined : new TextEncoder().encode(JSON.stringify(json));
}

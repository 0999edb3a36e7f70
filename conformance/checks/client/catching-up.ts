import type { JsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import { loseRequest } from "../../simulator/faults.ts";
import type { SeenSocket } from "../../simulator/socket.ts";
import { withEachSocket } from "../../clients/attempts.ts";
import * as faulty from "./catching-up.mutants.ts";

const isRequest = ({ type }: JsonObject): boolean => type === "SYNC_REQUEST";

/** What a socket asked for, as soon as it has. */
function askedOn({ waitFor }: ClientContext, socket: SeenSocket): Promise<JsonObject> {
  return waitFor("SYNC_REQUEST on a socket that is open", () => socket.sent.find(isRequest));
}

/** The greatest place in the log that a pull has told. */
function pulledTo({ simulator }: ClientContext): number {
  const told = simulator
    .calls("pull")
    .flatMap(({ told: answer }) =>
      answer ? [JSON.parse(new TextDecoder().decode(answer.body)) as JsonObject] : [],
    );
  return Math.max(0, ...told.map(({ lastSeq }) => (typeof lastSeq === "number" ? lastSeq : 0)));
}

/** The server's own frames stop at the next sockets, once these were greeted. */
function onlyWelcome(context: ClientContext): () => void {
  return withEachSocket(context.simulator, (socket) => {
    if (socket.state === "asked") socket.passage = (frame) => (frame["type"] === "WELCOME" ? [frame] : []);
  });
}

/** The socket that is opened after `known` others, once it was greeted. */
function nextSocket({ simulator, waitFor }: ClientContext, known: number): Promise<SeenSocket> {
  return waitFor("another socket", () =>
    simulator.sockets.slice(known).find(({ state, received }) => state === "open" && received.length > 0),
  );
}

/** Waits until the app shows an entity. */
async function shows({ waitFor }: ClientContext, app: App, what: string, id: string): Promise<void> {
  await waitFor(what, () => app.get("logbook_entry", id));
}

/** An entry that another device writes, and the event that tells it. */
async function written({ other, anEntry }: ClientContext, notes: string) {
  const entry = anEntry({ notes });
  const { meta } = (await other.push({ entries: [entry] })).body.results[0]!;
  const event = { type: "ENTRY_CREATED", entry, meta: meta as unknown as JsonObject } as JsonObject;
  return { id: entry["id"] as string, seq: meta!.seq, event };
}

export const onEveryConnection = clientCheck({
  id: "CLI-037/on-every-connection",
  name: "each new socket catches up from the stored cursor, and what was missed is there",
  brokenBy: [faulty.catchesUpOnce, faulty.catchesUpFromNothing],
  needs: ["realtime"],
  secondMs: 20,
  async run(context) {
    const { open, simulator, expect } = context;
    await written(context, "before the app was opened");
    const app = await open({ realtime: true });
    for (const round of [1, 2, 3]) {
      const heard = await written(context, `told as it happens, ${round}`);
      await shows(context, app, "the app shows what it was told", heard.id);
      simulator.cutNetwork();
      const missed = await written(context, `written while the network was away, ${round}`);
      const known = simulator.sockets.length;
      simulator.restoreNetwork();
      const socket = await nextSocket(context, known);
      const { lastSeq } = await askedOn(context, socket);
      const most = Math.max(missed.seq - 1, pulledTo(context));
      expect.ok(
        `lastSeq of SYNC_REQUEST on socket ${known + 1} is a cursor that was stored: 1 at least, and ${most}, up to which the client has seen everything, at most`,
        typeof lastSeq === "number" && lastSeq >= 1 && lastSeq <= most,
        lastSeq ?? "none: the whole history again",
      );
      await shows(context, app, "the app shows what it missed", missed.id);
    }
  },
});

export const eventsBeforeTheEnd = clientCheck({
  id: "CLI-038/events-before-the-end",
  name: "an event that comes before the catch-up has ended does not move the cursor, whatever numbers it carries",
  brokenBy: [
    faulty.movesTheCursorByAnyEvent,
    faulty.movesTheCursorByMeta,
    faulty.isLiveFromTheStart,
    faulty.staysLiveForEver,
    faulty.asksSinceItWasLastOpen,
    faulty.takesAnAcknowledgementForTheEnd,
  ],
  needs: ["realtime"],
  secondMs: 20,
  async run(context) {
    const { open, simulator, expect, unique, pass, inconclusive } = context;
    await written(context, "before the app was opened");
    const app = await open({ realtime: true });
    const heard = await written(context, "told as it happens");
    await shows(context, app, "the app shows what it was told", heard.id);
    const restorePulls = simulator.fault("pull", loseRequest, Infinity);
    const tellAll = onlyWelcome(context);
    const known = simulator.sockets.length;
    simulator.socket!.cut();

    const second = await nextSocket(context, known);
    // Its catch-up is on its way when somebody writes: first what it would tell, then what is told at once.
    const missed = await written(context, "part of the catch-up");
    const later = [];
    for (const notes of ["without a number", "with its number", "acknowledged"])
      later.push(await written(context, notes));
    second.inject(later[0]!.event);
    second.inject({ ...later[1]!.event, seq: later[1]!.seq });
    const { meta } = later[2]!.event;
    const told = { message: "Mutation applied", clientChangeId: unique("change"), outcome: "applied" };
    second.inject({ type: "SYNC_RESPONSE", ...told, meta: meta!, lastSeq: later[2]!.seq });
    await pass(1);
    tellAll();
    second.cut();

    const third = await nextSocket(context, known + 1);
    const asked = await askedOn(context, third).catch(() =>
      inconclusive("the client asks for nothing on its socket while its pulls get no answer"),
    );
    const lastSeq = Number(asked["lastSeq"] ?? 0);
    expect.ok(
      `lastSeq of SYNC_REQUEST on socket ${known + 2} is less than ${missed.seq}: no catch-up has told that change, only events before its end`,
      lastSeq < missed.seq || lastSeq <= pulledTo(context),
      lastSeq,
    );
    restorePulls();
    for (const { id } of [missed, ...later])
      await shows(context, app, "the app shows all that was written", id);
  },
});

export const cursorWithItsChange = clientCheck({
  id: "CLI-038/cursor-with-its-change",
  name: "a client that is killed right after an event has stored both the change and the cursor, or neither",
  brokenBy: [faulty.keepsTheCursorBeforeTheEvent],
  needs: ["realtime", "kill"],
  async run(context) {
    const { open, simulator, expect, pass, waitFor, inconclusive } = context;
    let app = await open({ realtime: true });
    for (const moment of [0.2, 0.6]) {
      await waitFor("a socket that has caught up", () =>
        simulator.open.some(({ received }) => received.some(({ type }) => type === "SYNC_RESPONSE")),
      );
      // It has stored a cursor when it shows what came after its catch-up.
      const heard = await written(context, "told in peace");
      await shows(context, app, "the app shows what it was told", heard.id);
      const { id, seq } = await written(context, "told right before the end");
      await waitFor("the event", () => simulator.frames.some(({ text }) => text.includes(id)));
      await pass(moment);
      await app.kill();

      const restorePulls = simulator.fault("pull", loseRequest, Infinity);
      const tellAll = onlyWelcome(context);
      const known = simulator.sockets.length;
      app = await app.reopen({ caughtUp: false });
      const socket = await nextSocket(context, known);
      const asked = await askedOn(context, socket).catch(() =>
        inconclusive("the client asks for nothing on its socket while its pulls get no answer"),
      );
      const lastSeq = Number(asked["lastSeq"] ?? 0);
      expect.ok(
        `a client that asks from ${lastSeq}, having stored the change with seq ${seq}, shows it`,
        lastSeq < seq || (await app.get("logbook_entry", id)) !== undefined,
        "the cursor covers the change, and the change is not there: no catch-up will ever bring it",
      );
      tellAll();
      restorePulls();
      socket.cut();
      await shows(context, app, "the app shows what it was told", id);
    }
  },
});

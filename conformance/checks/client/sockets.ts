import type { JsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import type { SeenFrame } from "../../simulator/seen.ts";
import { demandDuration, withEachSocket } from "../../clients/attempts.ts";
import { goesOnAfterClose } from "./life.mutants.ts";
import * as faulty from "./sockets.mutants.ts";

const isPing = ({ from, message }: SeenFrame): boolean => from === "client" && message?.["type"] === "PING";

export const pingsAfterSilence = clientCheck({
  id: "CLI-040/pings-after-silence",
  name: "on a silent socket PING goes out within 30 seconds, and again after the next silence",
  brokenBy: [faulty.neverPings, faulty.pingsOnce],
  needs: ["realtime"],
  secondMs: 16,
  async run({ open, simulator, waitFor }) {
    await open({ realtime: true });
    // On a slow machine the second may go out on another socket.
    for (const count of [1, 2])
      await waitFor(
        `PING ${count} on a socket that is silent`,
        () => simulator.frames.filter(isPing)[count - 1],
        {
          seconds: 31,
        },
      );
  },
});

export const pingsInTime = clientCheck({
  id: "CLI-040/half-a-minute-of-silence",
  name: "of the silences before PING one at least is half a minute, and not a whole one",
  brokenBy: [faulty.pingsEveryMinute, faulty.pingsSoonAndThenRarely],
  needs: ["realtime"],
  secondMs: 20,
  lasts: 400,
  async run({ open, simulator, seconds, waitFor }) {
    await open({ realtime: true });
    // On a slow machine a timer is late; four times in a row, a client is.
    const silences = (): number[] =>
      simulator.sockets.flatMap(({ frames }) =>
        frames
          .flatMap((frame, index) => (index > 0 && isPing(frame) ? [frame.at - frames[index - 1]!.at] : []))
          // The first may try a socket that is new.
          .slice(1),
      );
    const inTime = (): boolean => silences().some((silence) => silence < seconds(45));
    await waitFor("four PINGs after a first one", () => inTime() || silences().length >= 4, { seconds: 300 });
    demandDuration(
      "of four silences one ends with PING within 45 s",
      inTime(),
      silences().map((silence) => `after ${(silence / seconds(1)).toFixed(0)} s`),
    );
  },
});

export const deadSocket = clientCheck({
  id: "CLI-040/dead-socket",
  name: "a socket on which nothing comes any more, PING or not, is given up after 10 seconds for another",
  brokenBy: [faulty.neverPings, faulty.trustsASocketThatIsSilent, faulty.givesUpASocketAtOnce],
  needs: ["realtime"],
  secondMs: 20,
  async run({ open, simulator, other, anEntry, seconds, waitFor }) {
    const app = await open({ realtime: true });
    const dead = simulator.socket!;
    dead.passage = () => [];
    const entry = anEntry();
    await other.push({ entries: [entry] });
    const ping = await waitFor(
      "PING on a socket on which nothing comes any more",
      () => dead.frames.find(isPing),
      { seconds: 31 },
    );
    const next = await waitFor("another socket", () => simulator.sockets.find(({ at }) => at > ping.at), {
      seconds: 42,
    });
    const patience = Math.min(next.at, dead.endedAt ?? next.at) - ping.at;
    // Less: PING may have been on its way for a while.
    demandDuration(
      "a socket is not given up before 10 s have passed after PING",
      patience >= seconds(3),
      `given up after ${(patience / seconds(1)).toFixed(1)} s`,
    );
    await waitFor("what was written meanwhile, in the app", () =>
      app.get("logbook_entry", entry["id"] as string),
    );
    await waitFor("the end of the socket that was given up", () => dead.state !== "open");
  },
});

/** No cursor of a check comes near it. */
const FAR = 9_000_000;

export const unknownMessages = clientCheck({
  id: "CLI-041/unknown-messages",
  name: "messages of types that a client does not know change nothing: neither socket, nor data, nor cursor",
  brokenBy: [
    faulty.closesOnAnUnknownMessage,
    faulty.movesTheCursorByAnUnknownMessage,
    faulty.stopsListeningAfterAnUnknownMessage,
    faulty.tellsMessagesByTheirMembers,
  ],
  needs: ["realtime"],
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, expect, anEntry, at, waitFor } = context;
    const known = anEntry();
    await other.push({ entries: [known] });
    const app = await open({ realtime: true });
    const socket = simulator.socket!;
    const meta = {
      entityType: "recording",
      entityId: known["id"] as string,
      version: 7,
      seq: FAR,
      updatedAt: at(),
      deletedAt: at(),
      checksum: "0".repeat(64),
    };
    const unknown: JsonObject[] = [
      {
        type: "RECORDING_ADDED",
        seq: FAR,
        recording: { id: known["id"]! },
        meta: { ...meta, deletedAt: null },
      },
      { type: "NOTICE", message: "Maintenance tonight", lastSeq: FAR },
      { type: "RECORDING_REMOVED", entryId: known["id"]!, meta },
      { type: "RECORDING_BULK_SYNC", recordings: [], deleted: [meta], meta: {}, lastSeq: FAR },
    ];
    for (const message of unknown) socket.inject(message);
    await tellOne(context, async (id) => {
      await waitFor("an event that came after messages of unknown types, in the app", () =>
        app.get("logbook_entry", id),
      );
    });
    expect.equal("state of the socket after messages of unknown types", socket.state, "open");
    expect.equal("sockets that were opened", simulator.sockets.length, 1);
    expect.ok(
      "an entry is there after a message of an unknown type that names it",
      (await app.get("logbook_entry", known["id"] as string)) !== undefined,
      "gone",
    );

    socket.cut();
    const asked = await waitFor("SYNC_REQUEST on the next socket", () =>
      simulator.sockets[1]?.sent.find(({ type }) => type === "SYNC_REQUEST"),
    );
    expect.ok(
      "the cursor is not where messages of unknown types said that they are",
      Number(asked["lastSeq"] ?? 0) < FAR,
      asked["lastSeq"],
    );
  },
});

export const unknownMembers = clientCheck({
  id: "CLI-041/unknown-members",
  name: "members that a client does not know stand in no message's way, neither of a catch-up's nor of an event's",
  brokenBy: [faulty.takesOnlyMembersThatItKnows],
  needs: ["realtime"],
  secondMs: 20,
  async run(context) {
    const { open, simulator, other, anEntry, waitFor } = context;
    const more = (frame: JsonObject): JsonObject[] => [
      {
        ...frame,
        retention: { days: 30 },
        hints: ["of", "later"],
        ...(isMetaOfOne(frame["meta"]) ? { meta: { ...frame["meta"], origin: "phone" } } : {}),
      },
    ];
    withEachSocket(simulator, (socket) => void (socket.passage = more));
    const app = await open({ realtime: true });
    const shows = async (what: string, id: string): Promise<void> => {
      await waitFor(what, () => app.get("logbook_entry", id));
    };
    const told = anEntry({ studio: { room: 4 } });
    await other.push({ entries: [told] });
    await shows("an event with further members, in the app", told["id"] as string);
    simulator.socket!.cut();
    await waitFor("another socket", () => simulator.sockets[1]);
    const missed = anEntry({ studio: { room: 5 } });
    await other.push({ entries: [missed] });
    await shows("a change told with further members, in the app", missed["id"] as string);
  },
});

function isMetaOfOne(meta: unknown): meta is JsonObject {
  return typeof meta === "object" && meta !== null && "entityId" in meta;
}

/** Another device writes an entry; `then` is given its id. */
async function tellOne(
  { other, anEntry }: ClientContext,
  then: (id: string) => Promise<void>,
): Promise<void> {
  const entry = anEntry();
  await other.push({ entries: [entry] });
  await then(entry["id"] as string);
}

/**
 * So slow that the heartbeat, which ends a socket that nobody listens to after 40 s, comes later than what a slow machine is given: a second
 * connection that is there until then is one.
 */
const SLOW = 150;

/** Waits, and then still finds one socket that is open. */
async function holdsOne({ simulator, waitFor, pass }: ClientContext, when: string): Promise<void> {
  const one = (): boolean => simulator.open.length === 1;
  await waitFor(`one socket that is open, ${when}`, one, { seconds: 3 });
  await pass(2);
  await waitFor(`one socket that is open and no other, ${when}`, one, { seconds: 1 });
}

export const oneConnection = clientCheck({
  id: "CLI-047/one-connection",
  name: "however often a client is told to connect, it holds one connection, after a loss too",
  brokenBy: [faulty.dialsWheneverItIsTold, faulty.dialsTwiceAfterALoss],
  needs: ["realtime", "verb:connect"],
  secondMs: SLOW,
  async run(context) {
    const { open, simulator } = context;
    const app = await open({ realtime: true });
    await Promise.all([app.connect(), app.connect(), app.connect()]);
    await app.connect();
    await holdsOne(context, "after four times connect");
    simulator.socket!.cut();
    await Promise.all([app.connect(), app.connect()]);
    await holdsOne(context, "after a loss and twice connect");
  },
});

export const oneHandshake = clientCheck({
  id: "CLI-047/one-handshake",
  name: "a client that is told to connect while a handshake is under way begins no other",
  brokenBy: [faulty.dialsUntilOneIsOpen, faulty.dialsWheneverItIsTold],
  needs: ["realtime", "verb:connect"],
  secondMs: SLOW,
  async run(context) {
    const { open, simulator, waitFor, pass } = context;
    let go = (): void => {};
    const delay = new Promise<void>((resolve) => (go = resolve));
    simulator.failUpgrades({ delay }, 10);
    const app = await open({ realtime: true, caughtUp: false });
    await waitFor("a handshake", () => simulator.sockets.length > 0);
    // It may resolve when it is connected.
    const told = [1, 2, 3].map(() => app.connect().catch(() => {}));
    await pass(1);
    go();
    await holdsOne(context, "after three times connect during a handshake");
    await Promise.all(told);
  },
});

export const closedDuringTheHandshake = clientCheck({
  id: "CLI-047/closed-during-the-handshake",
  name: "a socket whose handshake was under way when the client was closed does not stay open",
  brokenBy: [goesOnAfterClose, faulty.keepsAHandshakeThatIsUnderWay],
  needs: ["realtime"],
  secondMs: SLOW,
  async run({ open, simulator, waitFor, pass }) {
    let go = (): void => {};
    const delay = new Promise<void>((resolve) => (go = resolve));
    simulator.failUpgrades({ delay });
    const app = await open({ realtime: true, caughtUp: false });
    await waitFor("a handshake", () => simulator.sockets.length > 0);
    await waitFor("a first pull", () => simulator.calls("pull").some(({ endedAt }) => endedAt !== undefined));
    await app.close();
    go();
    await pass(2);
    await waitFor("no open socket after close", () => simulator.open.length === 0, { seconds: 1 });
  },
});

import { expect, test } from "vitest";
import { conforming } from "../behaviour.ts";
import type { Behaviour } from "../behaviour.ts";
import { changingFrames, changingMessages, onlyOnSockets } from "../deform-sockets.ts";
import { createModel } from "../model.ts";
import { tally } from "../mutant.ts";
import { drained } from "./connection.ts";
import { NOW, peer, SECRET } from "../test-peer.ts";

type Deform = (behaviour: Behaviour) => Behaviour;

const anEntry = (n: number) => ({
  id: `e${n}`,
  timestamp: NOW,
  duration: n,
  type: "practice",
  updatedAt: NOW,
  instrument: "PIANO",
});
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

/** One history, told by what two sockets of a user see of it. A writer, a listener that has caught up, HTTP, trouble. */
async function history(...deforms: Deform[]): Promise<string[]> {
  const behaviour = deforms.reduce((done, deform) => deform(done), conforming);
  const model = createModel({ secret: SECRET, now: () => NOW, behaviour, limits: { idleTimeoutMs: 9_000 } });
  const anna = peer(model, "anna");
  await anna.push({ entries: [anEntry(1), anEntry(2)] });
  await anna.push({ entries: [{ id: "e1", deletedAt: NOW + 1 }] });
  const [writer, listener] = [await anna.connect(), await anna.connect()];
  const seen: string[] = [];
  const note = (name: string, live: typeof writer): void => {
    for (const frame of live.frames.splice(0)) {
      const { type, code, outcome, seq, lastSeq, clientChangeId, entry, meta } = frame;
      const parts = { code, outcome, seq, lastSeq, clientChangeId, piano: entry?.instrument, at: meta?.seq };
      const shown = Object.entries(parts).filter(([, value]) => value !== undefined);
      seen.push([name, type, ...shown.map(([key, value]) => `${key}=${String(value)}`)].join(" "));
    }
  };
  const settle = async (): Promise<void> => {
    for (let n = 0; n < 40; n += 1) await new Promise((resolve) => setImmediate(resolve));
    note("writer", writer);
    note("listener", listener);
  };
  listener.send({ type: "SYNC_REQUEST", protocol: "1", lastSeq: 0 });
  await settle();
  writer.send({ type: "ENTRY_CREATED", protocol: "1", clientChangeId: "a", entry: anEntry(3) });
  await settle();
  await anna.push({ entries: [anEntry(4)] });
  await settle();
  model.failNextWrite();
  writer.send({ type: "ENTRY_CREATED", clientChangeId: "b", entry: anEntry(5) });
  writer.socket.send("{");
  await settle();
  model.advanceClock(9_000);
  await settle();
  seen.push(`open ${model.server.connections.size}`);
  return seen;
}

const CONFORMING = [
  "listener ENTRY_DELETED at=3",
  "listener BULK_SYNC lastSeq=3",
  "listener SYNC_RESPONSE lastSeq=3",
  "writer SYNC_RESPONSE outcome=applied clientChangeId=a at=4",
  "listener ENTRY_CREATED seq=4 piano=piano at=4",
  "writer ENTRY_CREATED piano=piano at=5",
  "listener ENTRY_CREATED seq=5 piano=piano at=5",
  "writer ERROR code=UNAVAILABLE clientChangeId=b",
  "writer ERROR code=INVALID_JSON",
  "open 0",
];

/** How a history differs from the conforming one. */
async function difference(...deforms: Deform[]): Promise<string[]> {
  const seen = await history(...deforms);
  return [
    ...CONFORMING.filter((line) => !seen.includes(line)).map((line) => `- ${line}`),
    ...seen.filter((line) => !CONFORMING.includes(line)).map((line) => `+ ${line}`),
  ];
}

test("the conforming history", async () => {
  expect(await history()).toEqual(CONFORMING);
});

const ACK = "writer SYNC_RESPONSE outcome=applied clientChangeId=a at=4";
const FAULTS: [string, Deform, string[]][] = [
  [
    "echo to the sender",
    (base) => ({ ...base, isOwn: () => false }),
    ["+ writer ENTRY_CREATED piano=piano at=4"],
  ],
  [
    "told though it was not stored",
    (base) => ({
      ...base,
      async commit(context, transaction) {
        base.fanOut(context, transaction.rows);
        await base.commit({ ...context, behaviour: { ...context.behaviour, fanOut() {} } }, transaction);
      },
    }),
    ["+ listener ENTRY_CREATED seq=6 piano=piano at=6"],
  ],
  [
    "acknowledged though it was not stored",
    (base) => ({
      ...base,
      settle: (context, connection, judgements, rows) =>
        base.settle(context, connection, judgements, rows).catch(() => {
          base.acknowledge(context, connection, judgements);
        }),
    }),
    [
      "- writer ERROR code=UNAVAILABLE clientChangeId=b",
      "+ writer SYNC_RESPONSE outcome=applied clientChangeId=b at=6",
    ],
  ],
  [
    "HTTP writes are told to nobody",
    (base) => ({
      ...base,
      fanOut: (context, rows) => (context.connection ? base.fanOut(context, rows) : undefined),
    }),
    ["- writer ENTRY_CREATED piano=piano at=5", "- listener ENTRY_CREATED seq=5 piano=piano at=5"],
  ],
  [
    "seq before any catch-up",
    (base) => ({ ...base, eventSeq: (_context, _connection, rows) => rows.at(-1)!.seq }),
    ["- writer ENTRY_CREATED piano=piano at=5", "+ writer ENTRY_CREATED seq=5 piano=piano at=5"],
  ],
  [
    "lastSeq of the change in its acknowledgement",
    (base) => ({ ...base, ackLastSeq: (_context, _connection, [first]) => first?.row?.seq }),
    [`- ${ACK}`, "+ writer SYNC_RESPONSE outcome=applied lastSeq=4 clientChangeId=a at=4"],
  ],
  [
    "deletions are missing in a catch-up",
    (base) => ({ ...base, isInCatchUp: (context, row) => base.tellItem(context, row) !== null }),
    ["- listener ENTRY_DELETED at=3", "- listener BULK_SYNC lastSeq=3", "+ listener BULK_SYNC lastSeq=2"],
  ],
  [
    "not normalised on sockets",
    onlyOnSockets((base) => ({ ...base, normalise: (_context, _type, item) => item }), ["normalise"]),
    ["- listener ENTRY_CREATED seq=4 piano=piano at=4", "+ listener ENTRY_CREATED seq=4 piano=PIANO at=4"],
  ],
  [
    "every second event of a user is lost",
    changingMessages(["ENTRY_CREATED"], (frame, _connection, context) =>
      tally(context, "events") % 2 === 0 ? undefined : frame,
    ),
    ["- writer ENTRY_CREATED piano=piano at=5"],
  ],
  [
    "errors name no change",
    changingFrames(({ clientChangeId, ...frame }) =>
      frame["type"] === "ERROR" ? frame : { ...frame, ...(clientChangeId ? { clientChangeId } : {}) },
    ),
    ["- writer ERROR code=UNAVAILABLE clientChangeId=b", "+ writer ERROR code=UNAVAILABLE"],
  ],
  ["idle never ends", (base) => ({ ...base, idleAt: () => Infinity }), ["- open 0", "+ open 2"]],
];

test.each(FAULTS)("a few lines deform it: %s", async (_name, deform, expected) => {
  expect((await difference(deform)).toSorted()).toEqual(expected.toSorted());
});

test("two faults at once show both", async () => {
  const [echo, idle] = [FAULTS[0]!, FAULTS.at(-1)!];

  expect(await difference(echo[1], idle[1])).toEqual(["- open 0", ...echo[2], "+ open 2"]);
});

test("a socket that stands still can be made to hold up the others", async () => {
  const behaviour: Behaviour = {
    ...conforming,
    fanOut(context, rows) {
      const all = context.behaviour.audience(context);
      void Promise.all(all.map(drained)).then(() => conforming.fanOut(context, rows));
    },
  };
  const model = createModel({ secret: SECRET, now: () => NOW, behaviour });
  const anna = peer(model, "anna");
  const [slow, other] = [await anna.connect(), await anna.connect()];
  slow.socket.pause();

  await anna.push({ entries: numbers(2).map(anEntry) });
  expect(await other.next()).toMatchObject({ entry: { id: "e1" } });
  await other.next();
  await anna.push({ entries: [anEntry(3)] });
  other.socket.send('{"type":"PING"}');

  expect(await other.next()).toMatchObject({ type: "PONG" });
  slow.socket.resume();
  expect(await other.next()).toMatchObject({ entry: { id: "e3" } });
});

import { expect, test } from "vitest";
import { conforming } from "../behaviour.ts";
import type { Behaviour } from "../behaviour.ts";
import { changingMessages } from "../deform-sockets.ts";
import { createModel } from "../model.ts";
import { NOW, peer, SECRET } from "../test-peer.ts";
import { turn } from "../turns.ts";

const anEntry = (n: number) => ({
  id: `e${n}`,
  timestamp: NOW,
  duration: n,
  type: "practice",
  updatedAt: NOW,
});
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

/** A catch-up over 600 changes while 20 more come, then one last event: what the listener can find wrong. */
async function findings(deform: (behaviour: Behaviour) => Behaviour): Promise<string[]> {
  const tenMore = Promise.withResolvers<void>();
  let chunks = 0;
  const model = createModel({
    secret: SECRET,
    now: () => NOW,
    behaviour: deform(conforming),
    async turn(context) {
      await turn(context);
      // However quick it is, the catch-up is in its middle when others write.
      if (context.connection && (chunks += 1) === 2) await tenMore.promise;
    },
  });
  const anna = peer(model, "anna");
  await anna.push({ entries: numbers(300).map(anEntry) });
  await anna.push({ goals: numbers(300).map((n) => ({ id: `g${n}`, title: "G", updatedAt: NOW })) });
  const live = await anna.connect();
  live.send({ type: "SYNC_REQUEST", protocol: "1" });
  for (const n of numbers(20)) {
    await anna.push({ entries: [anEntry(1_000 + n)] });
    if (n === 10) tenMore.resolve();
  }
  await anna.push({ entries: [anEntry(9_999)] });

  const found = new Set<string>();
  const told = new Set<number>();
  let ended = false;
  let last = false;
  let seq = 0;
  for (;;) {
    const frame = await live.next();
    const { meta = {}, lastSeq } = frame;
    const told1 = "seq" in meta ? [meta] : Object.values(meta).flat();
    for (const one of told1) told.add((one as { seq: number }).seq);
    if (told1.length > 250) found.add("chunk too large");
    if ("seq" in meta && !ended) found.add("event during the catch-up");
    if (frame.seq < seq) found.add("order");
    seq = frame.seq ?? seq;
    if (numbers(lastSeq ?? frame.seq ?? 0).some((n) => !told.has(n))) found.add("ahead of what was told");
    if (frame.type === "SYNC_RESPONSE") ended = true;
    last ||= [frame.entry, ...(frame.entries ?? [])].some((entry) => entry?.id === "e9999");
    if (ended && last) break;
  }
  if (numbers(621).some((n) => !told.has(n))) found.add("gap");
  return [...found].toSorted();
}

const FAULTS: [string, (base: Behaviour) => Behaviour, string[]][] = [
  ["none", (base) => base, []],
  ["chunks of 300", (base) => ({ ...base, chunkSize: () => 300 }), ["chunk too large"]],
  [
    "a chunk speaks for the whole log",
    (base) => ({ ...base, chunkLastSeq: ({ user }) => user.head }),
    ["ahead of what was told"],
  ],
  [
    "a type is left out of catch-up",
    (base) => ({ ...base, isInCatchUp: (_context, { entityType }) => entityType !== "goal" }),
    ["ahead of what was told", "gap"],
  ],
  [
    "events do not wait",
    (base) => ({ ...base, holds: () => false }),
    ["ahead of what was told", "event during the catch-up"],
  ],
  [
    "the head is read at the start, and what comes meanwhile is lost",
    (base) => ({
      ...base,
      beginCatchUp(context, connection, baseline) {
        base.beginCatchUp(context, connection, baseline);
        connection.memory.set("head", context.user.head);
      },
      isInCatchUp: (context, { seq }) => seq <= (context.connection!.memory.get("head") as number),
    }),
    ["ahead of what was told", "gap"],
  ],
  [
    "small entries are told to nobody",
    changingMessages(["ENTRY_CREATED"], (frame) =>
      (frame["entry"] as { duration: number }).duration < 1_020 ? undefined : frame,
    ),
    ["ahead of what was told", "gap"],
  ],
];

test.each(FAULTS)("a listener finds what is wrong: %s", async (_name, deform, expected) => {
  expect(await findings(deform)).toEqual(expected);
});

test("an eviction can be made to deafen, or to forget a watermark", async () => {
  const after = async (evict: Behaviour["evict"]) => {
    const model = createModel({ secret: SECRET, now: () => NOW, behaviour: { ...conforming, evict } });
    const anna = peer(model, "anna");
    const live = await anna.connect();
    live.send({ type: "SYNC_REQUEST", protocol: "1" });
    await live.through("SYNC_RESPONSE");
    model.evict();
    await anna.push({ entries: [anEntry(1)] });
    live.socket.send('{"type":"PING"}');
    const { type, seq } = await live.next();
    return [type, seq];
  };

  expect(await after(conforming.evict)).toEqual(["ENTRY_CREATED", 1]);
  expect(await after(({ connections }) => connections.clear())).toEqual(["PONG", undefined]);
  expect(
    await after(({ connections }) => {
      for (const connection of connections) connection.watermark = null;
    }),
  ).toEqual(["ENTRY_CREATED", undefined]);
});

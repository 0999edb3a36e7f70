import type { JsonObject } from "../../../schemas/json.ts";
import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import { pushesUnder } from "../keyed.ts";
import * as faulty from "./idempotency-bodies.mutants.ts";
import { judgesOtherBodiesAnew, replaysWhateverTheBody } from "./idempotency.mutants.ts";

/** The same value with the members of every object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, one]) => [name, reversed(one)]),
  );
}

/** JSON with every letter of every name and text written as an escape. */
function escaped(value: unknown): string {
  return JSON.stringify(value).replace(/"(?:[^"\\]|\\.)*"/g, (text) => {
    const units = [...Array((JSON.parse(text) as string).length).keys()].map((at) =>
      (JSON.parse(text) as string).charCodeAt(at).toString(16).padStart(4, "0"),
    );
    return `"${units.map((unit) => `\\u${unit}`).join("")}"`;
  });
}

/** Every one of the bodies, under one key, gets the replay of the first. */
async function expectSame(context: ServerContext, first: object, others: readonly string[]): Promise<void> {
  const { expect, device, unique } = context;
  const send = pushesUnder(context, unique("key"));
  const answer = await send(JSON.stringify(first));
  expect.status(answer, 200);
  for (const other of others) expect.replayOf(answer, await send(other));
  expect.nothing("changes since the first answer", await device.changesSince(answer.body.syncToken));
}

export const whiteSpace = serverCheck({
  id: "IDEM-004/white-space",
  name: "bodies that differ in white space between their tokens are the same",
  brokenBy: [faulty.comparesBytes],
  async run(context) {
    const { anEntry } = context;
    const body = { changes: { entries: [anEntry({ notes: "slow,  then fast", tags: ["a", "b"] })] } };
    await expectSame(context, body, [
      JSON.stringify(body, null, 2),
      JSON.stringify(body, null, "\t").replaceAll("\n", "\r\n"),
      ` ${JSON.stringify(body)}\n`,
    ]);
  },
});

export const orderOfMembers = serverCheck({
  id: "IDEM-004/order-of-members",
  name: "bodies that differ in the order of members, at any depth, are the same",
  brokenBy: [faulty.comparesBytes, faulty.keepsTheOrderOfMembers, faulty.sortsOuterMembersOnly],
  async run(context) {
    const { anEntry, aGoal } = context;
    const metadata = { room: { light: "low", piano: { tuning: 442, maker: "B" } }, list: [{ a: 1, b: 2 }] };
    const body = {
      changes: { entries: [anEntry({ metadata })], goals: [aGoal()] },
      client: { name: "suite", build: 7 },
    };
    const { changes, client } = body;
    await expectSame(context, body, [
      JSON.stringify({ client, changes }),
      JSON.stringify(reversed(body)),
      JSON.stringify({ changes: { goals: changes.goals, entries: changes.entries }, client }),
    ]);
  },
});

export const escapes = serverCheck({
  id: "IDEM-004/escapes",
  name: "bodies that differ in the escaping of characters are the same",
  brokenBy: [faulty.comparesBytes, faulty.comparesTextWithoutBlanks, faulty.comparesEscapesAsWritten],
  async run(context) {
    const { anEntry } = context;
    const notes = 'Für Elise / \u{1F3B9} "ma non troppo" \u2028 ende';
    const body = { changes: { entries: [anEntry({ notes })] } };
    const text = JSON.stringify(body);
    await expectSame(context, body, [
      escaped(body),
      text.replaceAll("/", "\\/").replace("Für", "F\\u00FCr"),
      text.replace("\u{1F3B9}", "\\ud83c\\uDFB9").replace('"notes"', '"\\u006eotes"'),
    ]);
  },
});

/** Every one of the other bodies is refused under the first one's key, writes nothing, and leaves the record alone. */
async function expectOther(
  context: ServerContext,
  first: object,
  others: Readonly<Record<string, object>>,
): Promise<void> {
  const { expect, device, unique } = context;
  const send = pushesUnder(context, unique("key"));
  const answer = await send(first);
  expect.outcome(answer, 0, "applied");
  for (const [difference, other] of Object.entries(others)) {
    const reply = await send(other);
    expect.equal(
      `answer to a body with another ${difference} (${reply.summary})`,
      [reply.status, reply.problem.code],
      [422, "IDEMPOTENCY_KEY_REUSED"],
    );
  }
  expect.nothing("what the other bodies wrote", await device.changesSince(answer.body.syncToken));
  expect.replayOf(answer, await send(first));
}

export const differencesAroundTheItems = serverCheck({
  id: "IDEM-005/beside-the-changes",
  name: "a difference beside the changes makes another body",
  brokenBy: [faulty.comparesChangesOnly, replaysWhateverTheBody, judgesOtherBodiesAnew],
  async run(context) {
    const { anEntry } = context;
    const changes = { entries: [anEntry()] };
    const first = { changes, lastSyncToken: "one", client: { build: 7 } };
    await expectOther(context, first, {
      lastSyncToken: { ...first, lastSyncToken: "two" },
      "lastSyncToken, absent": { changes, client: { build: 7 } },
      "unknown member": { ...first, client: { build: 8 } },
      "set of members": { ...first, more: true },
      "empty collection": { ...first, changes: { ...changes, goals: [] } },
      "null collection": { ...first, changes: { ...changes, goals: null } },
    });
  },
});

export const differencesWithinItems = serverCheck({
  id: "IDEM-005/within-an-item",
  name: "a difference anywhere in an item makes another body",
  brokenBy: [
    faulty.comparesIdsAndStamps,
    faulty.comparesContents,
    faulty.comparesNormalisedItems,
    faulty.comparesDeclaredMembers,
    faulty.sortsByAListOfNames,
    faulty.foldsTheCaseOfBodies,
    faulty.comparesTextWithoutBlanks,
  ],
  async run(context) {
    const { anEntry, at } = context;
    const entry = anEntry({ notes: "slow then fast", deviceId: "one", instrument: "piano" });
    const withItem = (change: JsonObject): object => ({ changes: { entries: [{ ...entry, ...change }] } });
    await expectOther(context, withItem({}), {
      note: withItem({ notes: "slow then faster" }),
      "blank in a note": withItem({ notes: "slow thenfast" }),
      "letter's case": withItem({ notes: "slow Then fast" }),
      "spelling that is normalised": withItem({ instrument: "Piano" }),
      stamp: withItem({ updatedAt: at(-30_000) }),
      deviceId: withItem({ deviceId: "two" }),
      "member that the server drops": withItem({ userId: "somebody" }),
      "unknown member": withItem({ "x-colour": "blue" }),
    });
  },
});

export const differencesOfKind = serverCheck({
  id: "IDEM-005/kind-of-a-value",
  name: "null and absent, number and text, composed and decomposed letters are different",
  brokenBy: [faulty.dropsNulls, faulty.makesTextsOfNumbers, faulty.composesLetters],
  async run(context) {
    const { anEntry } = context;
    const entry = anEntry({ notes: "Prélude", metadata: { bars: 1, done: false } });
    const withItem = (change: JsonObject): object => ({ changes: { entries: [{ ...entry, ...change }] } });
    await expectOther(context, withItem({}), {
      "kind of number": withItem({ metadata: { bars: "1", done: false } }),
      "kind of truth": withItem({ metadata: { bars: 1, done: 0 } }),
      "empty member": withItem({ mood: null }),
      "form of a letter": withItem({ notes: "Pre\u0301lude" }),
    });
  },
});

export const differencesInLists = serverCheck({
  id: "IDEM-005/order-and-number-in-lists",
  name: "the order and the number of a list's elements count, of items and within them",
  brokenBy: [faulty.sortsLists, faulty.comparesListsAsSets],
  async run(context) {
    const { anEntry, aGoal } = context;
    const [one, two, goal] = [anEntry({ tags: ["a", "b"] }), anEntry(), aGoal()];
    await expectOther(
      context,
      { changes: { entries: [one, two], goals: [goal] } },
      {
        "order of items": { changes: { entries: [two, one], goals: [goal] } },
        "number of equal items": { changes: { entries: [one, two, two], goals: [goal] } },
        "number of items": { changes: { entries: [one], goals: [goal] } },
        "order of tags": { changes: { entries: [{ ...one, tags: ["b", "a"] }, two], goals: [goal] } },
        "number of equal tags": {
          changes: { entries: [{ ...one, tags: ["a", "b", "b"] }, two], goals: [goal] },
        },
      },
    );
  },
});

export const differencesDeepDown = serverCheck({
  id: "IDEM-005/deep-down",
  name: "a difference many levels down makes another body",
  brokenBy: [faulty.looksFourLevelsDeep, faulty.sortsByAListOfNames],
  async run(context) {
    const { anEntry, limits } = context;
    const entry = anEntry();
    const nested = (levels: number, leaf: unknown): unknown =>
      levels === 0 ? leaf : { in: [nested(levels - 1, leaf)] };
    // Each is two levels deep, what is around them and the leaf are five.
    const levels = Math.min(8, Math.floor((limits.maxDepth - 5) / 2));
    const withLeaf = (leaf: unknown): object => ({
      changes: { entries: [{ ...entry, metadata: nested(levels, leaf) }] },
    });
    await expectOther(context, withLeaf({ bar: 1 }), {
      "innermost value": withLeaf({ bar: 2 }),
      "innermost name": withLeaf({ Bar: 1 }),
    });
  },
});

export const differencesAtTheEnd = serverCheck({
  id: "IDEM-005/at-the-end-of-a-long-body",
  name: "a difference in the last bytes of a long body counts",
  brokenBy: [faulty.comparesTheFirstKilobytes],
  async run(context) {
    const { anEntry, limits } = context;
    const size = Math.floor(Math.min(40_000, limits.maxItemBytes / 2, limits.maxBodyBytes / 6));
    const entries = [1, 2, 3].map(() => anEntry({ notes: "x".repeat(size), type: "practice" }));
    const last = anEntry();
    const ending = (zeal: string): object => ({ changes: { entries: [...entries, { ...last, zeal }] } });
    await expectOther(context, ending("much"), { "last member": ending("mucH") });
  },
});

export const differencesInBatches = serverCheck({
  id: "IDEM-005/frames-of-a-batch",
  name: "a difference in what stands around a batch's items makes another body",
  brokenBy: [faulty.comparesItemsOnly, faulty.comparesChangesOnly],
  async run({ device, expect, aGoal, unique }) {
    const key = unique("key");
    const goal = aGoal();
    const item = { id: goal["id"] as string, type: "goal" as const, data: goal, version: 0 };
    const first = await device.batch([item], { key });
    expect.outcomes(first, ["applied"]);
    for (const entities of [[{ ...item, version: 1 }], [{ ...item, version: null }], [item, item]]) {
      expect.problem(await device.tryBatch(entities, { key }), 422, "IDEMPOTENCY_KEY_REUSED");
    }
    const token = await device.tryBatch([item], { key, extra: { syncToken: first.body.newSyncToken } });
    expect.problem(token, 422, "IDEMPOTENCY_KEY_REUSED");
    expect.replayOf(first, await device.tryBatch([item], { key }));
  },
});

export const differencesOfBrokenBodies = serverCheck({
  id: "IDEM-005/bodies-that-are-no-json",
  name: "two bodies that are no JSON are the same only if their bytes are",
  brokenBy: [faulty.takesAllBrokenBodiesForOne],
  async run(context) {
    const { expect, anEntry, unique } = context;
    const send = pushesUnder(context, unique("key"));
    const text = JSON.stringify({ changes: { entries: [anEntry()] } });
    const first = await send(text.slice(0, -1));
    expect.problem(first, 400, "INVALID_JSON");

    expect.problem(await send(text.slice(0, -2)), 422, "IDEMPOTENCY_KEY_REUSED");
    expect.problem(await send(`${text.slice(0, -1)} `), 422, "IDEMPOTENCY_KEY_REUSED");
    expect.replayOf(first, await send(text.slice(0, -1)));
  },
});

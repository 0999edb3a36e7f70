import { serverCheck } from "../../check.ts";
import * as faulty from "./idempotency-keys.mutants.ts";

/** 0x21 to 0x7E: every character that a key may have. */
const VISIBLE = String.fromCharCode(...Array.from({ length: 94 }, (_, at) => 0x21 + at));

export const everyVisibleCharacter = serverCheck({
  id: "IDEM-001/every-visible-character",
  name: "a key may hold every visible ASCII character",
  brokenBy: [faulty.refusesPunctuation],
  async run({ device, expect, anEntry }) {
    for (const key of [VISIBLE, ":", "a/b?c=d&e", '{"k":1}', "k,k;k"]) {
      const push = device.preparePush({ entries: [anEntry()] }, { key });
      const first = await push.send();
      expect.outcomes(first, ["applied"]);
      expect.replayOf(first, await push.send());
    }
  },
});

export const lengthOfKeys = serverCheck({
  id: "IDEM-001/length-of-1-to-255",
  name: "keys of 1 and of 255 characters are accepted, one of 256 is not",
  brokenBy: [
    faulty.takesKeysOfAnyLength,
    faulty.takesOneCharacterTooMany,
    faulty.refusesTheLongestKey,
    faulty.takesKeysUpTo128,
    faulty.wantsEightCharacters,
  ],
  async run({ device, expect, anEntry, unique }) {
    const longest = unique("key").padEnd(255, "k");
    for (const key of ["1", longest]) {
      const push = device.preparePush({ entries: [anEntry()] }, { key });
      const first = await push.send();
      expect.outcomes(first, ["applied"]);
      expect.replayOf(first, await push.send());
    }

    const before = await device.cursor();
    for (const key of [`${longest}k`, "k".repeat(1_000)]) {
      const refused = await device.tryPush({ entries: [anEntry()] }, { key });
      expect.problem(refused, 400, "INVALID_IDEMPOTENCY_KEY");
    }
    expect.nothing("what was pushed under keys that are too long", await device.changesSince(before));
  },
});

export const emptyKey = serverCheck({
  id: "IDEM-001/empty-key",
  name: "an empty key is refused, and not taken for none",
  brokenBy: [faulty.takesEmptyKeysForNone, faulty.dropsBadKeys],
  async run({ device, expect, anEntry }) {
    const entry = anEntry();
    expect.problem(await device.tryPush({ entries: [entry] }, { key: "" }), 400, "INVALID_IDEMPOTENCY_KEY");
    expect.nothing("what was pushed under an empty key", await device.pull());
    expect.outcomes(await device.push({ entries: [entry] }, { key: null }), ["applied"]);
  },
});

export const invisibleCharacters = serverCheck({
  id: "IDEM-001/invisible-and-foreign-characters",
  name: "a key with a blank, a tab or a byte above 0x7E is refused, with nothing applied",
  brokenBy: [
    faulty.takesBlanksInKeys,
    faulty.takesLatinLetters,
    faulty.dropsBadKeys,
    faulty.refusesBadKeysAfterwards,
  ],
  async run({ device, newDevice, expect, anEntry, unique }) {
    for (const bad of [" ", "\t", "\u00e9", "\u0080", "\u00ff"]) {
      const key = `${unique("key")}${bad}${unique("key")}`;
      const refused = await device.tryPush({ entries: [anEntry()] }, { key });
      expect.problem(refused, 400, "INVALID_IDEMPOTENCY_KEY");
    }
    expect.nothing("what was pushed under bad keys", await newDevice().pull());

    const entry = anEntry();
    await device.push({ entries: [entry] });
    expect.liveIds(await newDevice().pull(), [entry["id"] as string]);
  },
});

export const keysOfBatches = serverCheck({
  id: "IDEM-001/keys-of-batches-too",
  name: "the keys of a batch have the same form",
  brokenBy: [faulty.checksKeysOfPushesOnly, faulty.takesBlanksInKeys],
  async run({ device, expect, aGoal, unique }) {
    const goal = aGoal();
    const entities = [{ id: goal["id"] as string, type: "goal" as const, data: goal }];
    for (const key of [`${unique("key")} ${unique("key")}`, "k".repeat(256)]) {
      expect.problem(await device.tryBatch(entities, { key }), 400, "INVALID_IDEMPOTENCY_KEY");
    }
    expect.nothing("what was sent under bad keys", await device.pull());
    expect.outcomes(await device.batch(entities, { key: VISIBLE }), ["applied"]);
  },
});

export const twoHeadersThatDiffer = serverCheck({
  id: "IDEM-001/two-headers-that-differ",
  name: "two headers with different keys are refused, with nothing applied",
  brokenBy: [faulty.takesTheFirstOfTwoKeys, faulty.dropsBadKeys],
  async run({ device, expect, anEntry, unique }) {
    const [one, other] = [unique("key"), unique("KEY")];
    for (const [key, alias] of [
      [one, other],
      [one, one.toUpperCase()],
    ]) {
      const headers = { "x-idempotency-key": key, "idempotency-key": alias };
      const refused = await device.tryPush({ entries: [anEntry()] }, { headers });
      expect.problem(refused, 400, "INVALID_IDEMPOTENCY_KEY");
    }
    expect.nothing("what was pushed under two keys", await device.pull());
    expect.outcomes(await device.push({ entries: [anEntry()] }, { key: one }), ["applied"]);
  },
});

export const keysThatLookAlike = serverCheck({
  id: "IDEM-006/keys-that-look-alike",
  name: "keys that differ in case, in one character or in their spelling are different keys",
  brokenBy: [
    faulty.foldsTheCaseOfKeys,
    faulty.dropsPunctuation,
    faulty.decodesKeys,
    faulty.comparesKeysAsNumbers,
    faulty.unquotesKeys,
    faulty.looksKeysUpByPattern,
  ],
  async run({ device, expect, anEntry, unique }) {
    const name = unique("key");
    const families = [
      [`${name}-Ab`, `${name}-aB`],
      [`${name}/x`, `${name}.x`, `${name}%2Fx`, `${name}_x`, `${name}%`, `${name}x`],
      [`"${name}"`, name],
      ["7", "07", "7.0", "7e0"],
    ];
    for (const key of families.flat()) {
      const push = await device.tryPush({ entries: [anEntry()] }, { key });
      expect.equal(`answer under the new key ${key} (${push.summary})`, push.status, 200);
      expect.outcomes(push, ["applied"]);
      expect.judgedAfresh(push);
    }
  },
});

export const everyCharacterOfAKey = serverCheck({
  id: "IDEM-006/every-character-counts",
  name: "long keys that differ in one character, the last or another, are different keys",
  brokenBy: [faulty.cutsKeysAt64, faulty.cutsTheLastCharacter],
  async run({ device, expect, anEntry, unique }) {
    const base = unique("key").padEnd(255, "k");
    expect.outcomes(await device.push({ entries: [anEntry()] }, { key: base }), ["applied"]);
    for (const at of [0, 63, 64, 127, 128, 253, 254]) {
      const key = `${base.slice(0, at)}X${base.slice(at + 1)}`;
      const push = await device.tryPush({ entries: [anEntry()] }, { key });
      expect.equal(`answer under a key that differs at ${at} (${push.summary})`, push.status, 200);
      expect.outcomes(push, ["applied"]);
    }
  },
});

import { serverCheck } from "../../check.ts";
import { pushesUnder } from "../keyed.ts";
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

export const anotherUser = serverCheck({
  id: "IDEM-007/key-of-another-user",
  name: "two users use one key, with one body or two, and both are served",
  brokenBy: [faulty.sharesKeysAmongUsers],
  async run({ device, stranger, expect, anEntry, unique }) {
    const other = await stranger();
    const [same, different] = [unique("key"), unique("key")];
    const [entry, own, others] = [anEntry(), anEntry(), anEntry()];

    const mine = [
      await device.push({ entries: [entry] }, { key: same }),
      await device.push({ entries: [own] }, { key: different }),
    ];
    const theirs = [
      await other.tryPush({ entries: [entry] }, { key: same }),
      await other.tryPush({ entries: [others] }, { key: different }),
    ];
    for (const push of [...mine, ...theirs]) {
      expect.equal(`answer to a first push (${push.summary})`, push.status, 200);
      expect.outcomes(push, ["applied"]);
      expect.judgedAfresh(push);
    }
    expect.liveIds(await device.pull(), [entry["id"], own["id"]] as string[]);
    expect.liveIds(await other.pull(), [entry["id"], others["id"]] as string[]);
  },
});

export const anotherEndpoint = serverCheck({
  id: "IDEM-008/key-on-another-endpoint",
  name: "one key on push and on batch names two requests, also with one body",
  brokenBy: [faulty.sharesKeysAmongEndpoints],
  async run({ device, expect, http, anEntry, aGoal, unique }) {
    const key = unique("key");
    const [entry, goal] = [anEntry(), aGoal()];
    // Each endpoint ignores the other's member, so these bytes are good for both.
    const json = {
      changes: { entries: [entry] },
      entities: [{ id: goal["id"], type: "goal", data: goal }],
    };
    const headers = { "x-idempotency-key": key };
    for (const path of ["/api/sync/push", "/api/sync/batch"]) {
      const reply = await http({ path, as: device, json, headers });
      expect.status(reply, 200);
      expect.judgedAfresh(reply);
    }
    expect.liveIds(await device.pull(), [entry["id"], goal["id"]] as string[]);

    const otherKey = unique("key");
    const second = aGoal();
    const entities = [{ id: second["id"] as string, type: "goal" as const, data: second }];
    expect.outcomes(await device.batch(entities, { key: otherKey }), ["applied"]);
    expect.outcomes(await device.push({ entries: [anEntry()] }, { key: otherKey }), ["applied"]);
  },
});

export const anotherDevice = serverCheck({
  id: "IDEM-009/key-from-another-device",
  name: "the same request from another device, from none or without a version is the same request",
  brokenBy: [faulty.narrowsKeysToDevices, faulty.narrowsKeysToProtocols],
  async run({ device, newDevice, deployedDevice, expect, anEntry, unique }) {
    const key = unique("key");
    const changes = { entries: [anEntry()] };
    const first = await device.push(changes, { key });

    expect.replayOf(first, await newDevice().tryPush(changes, { key }));
    expect.replayOf(first, await deployedDevice().tryPush(changes, { key }));
    const nameless = await device.tryPush(changes, { key, headers: { "x-device-id": undefined } });
    expect.replayOf(first, nameless);

    const reused = await newDevice().tryPush({ entries: [anEntry()] }, { key });
    expect.problem(reused, 422, "IDEMPOTENCY_KEY_REUSED");
    expect.nothing("changes since the first answer", await device.changesSince(first.body.syncToken));
  },
});

export const anotherToken = serverCheck({
  id: "IDEM-009/key-with-another-token",
  name: "the same request with a renewed token is the same request",
  brokenBy: [faulty.narrowsKeysToTokens],
  needs: ["forge-token"],
  async run({ device, expect, tokens, anEntry, unique, now }) {
    const key = unique("key");
    const changes = { entries: [anEntry()] };
    const first = await device.push(changes, { key });

    const exp = Math.floor(now() / 1000) + 7_200;
    const renewed = device.with({ token: await tokens.forge({ claims: { exp, jti: unique("token") } }) });
    expect.replayOf(first, await renewed.tryPush(changes, { key }));
    const reused = await renewed.tryPush({ entries: [anEntry()] }, { key });
    expect.problem(reused, 422, "IDEMPOTENCY_KEY_REUSED");
  },
});

export const alias = serverCheck({
  id: "IDEM-010/alias-names-the-same-key",
  name: "Idempotency-Key and X-Idempotency-Key name the same key, alone or together",
  brokenBy: [faulty.knowsNoAlias, faulty.keepsAliasesApart, faulty.refusesTwoHeaders],
  async run({ device, http, expect, anEntry, unique }) {
    const key = unique("key");
    const json = { changes: { entries: [anEntry()] } };
    const send = pushesUnder({ http, device }, key);
    const first = await send(json, { headers: { "idempotency-key": key } });
    expect.outcomes(first, ["applied"]);

    expect.replayOf(first, await send(json, { headers: { "idempotency-key": key } }));
    expect.replayOf(first, await send(json, { headers: { "x-idempotency-key": key } }));
    const both = { "x-idempotency-key": key, "idempotency-key": key };
    expect.replayOf(first, await send(json, { headers: both }));

    const other = { changes: { entries: [anEntry()] } };
    for (const headers of [{ "idempotency-key": key }, { "x-idempotency-key": key }, both]) {
      expect.problem(await send(other, { headers }), 422, "IDEMPOTENCY_KEY_REUSED");
    }
  },
});

export const aliasOnBatch = serverCheck({
  id: "IDEM-010/alias-on-batch",
  name: "the alias names the key of a batch too",
  brokenBy: [faulty.knowsNoAlias, faulty.keepsAliasesApart],
  async run({ device, expect, aGoal, unique }) {
    const key = unique("key");
    const goal = aGoal();
    const entities = [{ id: goal["id"] as string, type: "goal" as const, data: goal }];
    const byAlias = { key: null, headers: { "idempotency-key": key } };
    const first = await device.batch(entities, byAlias);
    expect.outcomes(first, ["applied"]);
    expect.replayOf(first, await device.tryBatch(entities, byAlias));
    expect.replayOf(first, await device.tryBatch(entities, { key }));
  },
});

export const badAlias = serverCheck({
  id: "IDEM-010/alias-of-the-same-form",
  name: "a key of a wrong form is refused in the alias too",
  brokenBy: [faulty.knowsNoAlias],
  async run({ device, expect, anEntry, unique }) {
    const changes = { entries: [anEntry()] };
    for (const bad of [`${unique("key")} ${unique("key")}`, "k".repeat(256)]) {
      const refused = await device.tryPush(changes, { key: null, headers: { "idempotency-key": bad } });
      expect.problem(refused, 400, "INVALID_IDEMPOTENCY_KEY");
    }
    const good = { key: null, headers: { "idempotency-key": unique("key") } };
    expect.outcomes(await device.push(changes, good), ["applied"]);
  },
});

import { serverCheck } from "../../check.ts";
import { pushesUnder } from "../keyed.ts";
import * as faulty from "./idempotency-keys.mutants.ts";

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

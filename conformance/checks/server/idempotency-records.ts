import { serverCheck } from "../../check.ts";
import { pushesUnder } from "../keyed.ts";
import * as faulty from "./idempotency-records.mutants.ts";
import { recordsBeforehand } from "./idempotency-failures.mutants.ts";
import { forgetsIdempotencyKeys, parsesBeforeLookingUp, replaysWith200 } from "./idempotency.mutants.ts";

export const refusedItemsAreRecorded = serverCheck({
  id: "IDEM-013/answers-with-refused-items",
  name: "an answer with refused items is replayed to an announced peer, not judged afresh",
  brokenBy: [
    faulty.recordsSuccessesOnly,
    faulty.recordsNoRefusedItems,
    faulty.recordsNothingThatChangesNothing,
    forgetsIdempotencyKeys,
  ],
  async run({ device, http, expect, anEntry, at, limits, unique }) {
    const bad = [
      anEntry({ duration: -1 }),
      anEntry({ type: undefined }),
      anEntry({ updatedAt: at(limits.clockSkewMs + 60_000) }),
    ];
    // Beside an item that is applied, and without one.
    for (const entries of [[...bad, anEntry()], bad]) {
      const send = pushesUnder({ http, device }, unique("key"));
      const body = { changes: { entries } };
      const first = await send(body);
      expect.refused(first, 0, "INVALID_ITEM");
      expect.refused(first, 1, "INCOMPLETE");
      expect.refused(first, 2, "CLOCK_SKEW");
      expect.replayOf(first, await send(body));
      expect.problem(await send({ changes: { entries: [] } }), 422, "IDEMPOTENCY_KEY_REUSED");
    }
  },
});

export const conflictsAreRecorded = serverCheck({
  id: "IDEM-013/version-conflicts",
  name: "a batch with a version conflict is replayed, the same winner told",
  brokenBy: [faulty.recordsNoRefusedBatches, faulty.recordsSuccessesOnly],
  async run({ device, expect, aGoal, edited }) {
    const goal = aGoal();
    await device.push({ goals: [goal] });
    await device.push({ goals: [edited(goal, { currentValue: 1 })] });
    const data = edited(goal, { currentValue: 2 });
    const batch = device.prepareBatch([{ id: goal["id"] as string, type: "goal", data, version: 1 }]);
    const first = await batch.send();
    expect.refused(first, 0, "VERSION_CONFLICT");
    await device.push({ goals: [edited(goal, { currentValue: 3 })] });

    expect.replayOf(first, await batch.send());
  },
});

export const badJsonIsRecorded = serverCheck({
  id: "IDEM-013/bodies-that-are-no-json",
  name: "a 400 for bad JSON is replayed, and its key is taken",
  brokenBy: [faulty.recordsOnly200, faulty.recordsNo400, parsesBeforeLookingUp, replaysWith200],
  async run({ device, http, expect, anEntry, unique }) {
    const good = { changes: { entries: [anEntry()] } };
    const text = JSON.stringify(good);
    for (const broken of [text.slice(0, -2), text.replace('"changes":', '"changes":{},"changes":')]) {
      const send = pushesUnder({ http, device }, unique("key"));
      const first = await send(broken);
      expect.problem(first, 400, "INVALID_JSON");
      expect.replayOf(first, await send(broken));
      expect.problem(await send(good), 422, "IDEMPOTENCY_KEY_REUSED");
    }
    expect.nothing("what was written under taken keys", await device.pull());
    expect.outcomes(await pushesUnder({ http, device }, unique("key"))(good), ["applied"]);
  },
});

export const badEnvelopeIsRecorded = serverCheck({
  id: "IDEM-013/malformed-envelopes",
  name: "a 400 for the envelope of a push or batch is replayed, and its key is taken",
  brokenBy: [faulty.recordsOnly200, faulty.recordsNo400, faulty.recordsSuccessesOnly],
  async run({ device, http, expect, anEntry, unique }) {
    const send = pushesUnder({ http, device }, unique("key"));
    const malformed = { changes: { entries: "none" } };
    const first = await send(malformed);
    expect.problem(first, 400, "INVALID_REQUEST");
    expect.replayOf(first, await send(malformed));
    expect.problem(await send({ changes: { entries: [anEntry()] } }), 422, "IDEMPOTENCY_KEY_REUSED");

    const batch = pushesUnder({ http, device }, unique("key"));
    const path = { path: "/api/sync/batch" };
    const refused = await batch({ entities: {} }, path);
    expect.problem(refused, 400, "INVALID_REQUEST");
    expect.replayOf(refused, await batch({ entities: {} }, path));
    expect.problem(await batch({ entities: [] }, path), 422, "IDEMPOTENCY_KEY_REUSED");
  },
});

export const tooManyItemsAreRecorded = serverCheck({
  id: "IDEM-013/too-many-items",
  name: "a 413 for the number of items is replayed, and its key is taken",
  brokenBy: [faulty.recordsNo413, faulty.recordsOnly200],
  async run({ device, http, expect, at, limits, unique, inconclusive }) {
    const deletedAt = at(-60_000);
    const items = Array.from({ length: limits.maxItems + 1 }, (_, n) => ({ id: `many-${n}`, deletedAt }));
    const body = JSON.stringify({ changes: { entries: items } });
    if (body.length > limits.maxBodyBytes)
      inconclusive("so many items do not fit into maxBodyBytes: their number is never judged");
    const send = pushesUnder({ http, device }, unique("key"));
    const first = await send(body);
    expect.problem(first, 413, "TOO_MANY_ITEMS");
    expect.replayOf(first, await send(body));
    expect.problem(await send({ changes: { entries: items.slice(0, 1) } }), 422, "IDEMPOTENCY_KEY_REUSED");
    expect.equal("number of entities", (await device.status()).body.entityCount, 0);
  },
});

export const earlierRefusalsAreNot = serverCheck({
  id: "IDEM-021/refused-before-the-key-was-looked-up",
  name: "what was refused before its key was looked up is judged when it comes again",
  brokenBy: [faulty.remembersWhatWasNeverLookedUp],
  async run({ device, http, expect, anEntry, unique }) {
    const early = [{ "content-type": "text/plain" }, { "x-sync-protocol": "0" }];
    for (const [index, change] of early.entries()) {
      const key = unique("key");
      const send = pushesUnder({ http, device }, key);
      const body = { changes: { entries: [anEntry()] } };
      const refused = await send(body, { headers: { "x-idempotency-key": key, ...change } });
      expect.status(refused, index === 0 ? 415 : 400);

      const judged = await send(body);
      expect.status(judged, 200);
      expect.judgedAfresh(judged);
      expect.outcomes(judged, ["applied"]);
    }
  },
});

export const unauthorisedIsNotRecorded = serverCheck({
  id: "IDEM-014/401-is-not-recorded",
  name: "a push refused for its token is judged under the same key once the token is good",
  brokenBy: [faulty.records401],
  async run({ device, expect, tokens, anEntry, unique }) {
    const key = unique("key");
    const changes = { entries: [anEntry()] };
    const wrong = device.with({ token: await tokens.wrongSecret() });
    for (const intruder of [wrong, wrong]) {
      expect.problem(await intruder.tryPush(changes, { key }), 401, "TOKEN_INVALID");
    }
    const missing = await device.tryPush(changes, { key, headers: { authorization: undefined } });
    expect.problem(missing, 401, "TOKEN_MISSING");

    const judged = await device.tryPush(changes, { key });
    expect.status(judged, 200);
    expect.judgedAfresh(judged);
    expect.outcomes(judged, ["applied"]);
  },
});

export const rateLimitIsNotRecorded = serverCheck({
  id: "IDEM-014/429-is-not-recorded",
  name: "a push refused for its rate is judged under the same key after Retry-After",
  brokenBy: [faulty.records429],
  needs: ["limit:requestBurst<=100", "limit:requestsPerSecond"],
  timeoutMs: 120_000,
  model: { limits: { requestBurst: 6, requestsPerSecond: 20 } },
  async run({ device, expect, limits, waitFor, anEntry, inconclusive }) {
    const reads = (count: number): Promise<unknown>[] =>
      Array.from({ length: count }, () => device.tryStatus());
    let push = device.preparePush({ entries: [anEntry()] });
    let reply = await push.send();
    const began = performance.now();
    // What costs the server little uses the burst up, on a slow machine too; the push comes towards the end of it.
    while (reply.status !== 429) {
      if (performance.now() - began > 60_000) inconclusive("this machine was not faster than the rate");
      push = device.preparePush({ entries: [anEntry()] });
      const before = reads(limits.requestBurst!);
      const pushed = push.send();
      await Promise.all([
        ...before,
        pushed,
        ...reads(Math.min(limits.requestBurst!, limits.requestsPerSecond!)),
      ]);
      reply = await pushed;
    }
    expect.problem(reply, 429, "RATE_LIMITED");

    let readyAt = performance.now();
    await waitFor(
      "the push that was refused for its rate is served",
      async () => {
        if (performance.now() < readyAt) return false;
        reply = await push.send();
        readyAt = performance.now() + 1_000 * Number(reply.headers["retry-after"] ?? 0);
        return reply.status !== 429;
      },
      15_000,
    );
    expect.status(reply, 200);
    expect.judgedAfresh(reply);
    expect.outcomes(reply, ["applied"]);
  },
});

export const failureIsNotRecorded = serverCheck({
  id: "IDEM-014/503-is-not-recorded",
  name: "a push that the store did not take is judged under the same key when it comes again",
  brokenBy: [faulty.records503, recordsBeforehand, faulty.keepsTheKeyOfAFailedRequest],
  needs: ["control:fail-next-write"],
  async run({ device, expect, control, waitFor, anEntry }) {
    const push = device.preparePush({ entries: [anEntry()] });
    await control.failNextWrite();
    expect.problem(await push.send(), 503, "UNAVAILABLE");
    expect.nothing("what the failed push left behind", await device.pull());

    let judged = await push.send();
    await waitFor("the key of a failed request is free again", async () => {
      if (judged.status === 409) judged = await push.send();
      return judged.status !== 409;
    });
    expect.status(judged, 200);
    expect.judgedAfresh(judged);
    expect.outcomes(judged, ["applied"]);
    expect.replayOf(judged, await push.send());
  },
});

export const deployedRefusedItems = serverCheck({
  id: "IDEM-015/refused-items-of-a-deployed-peer",
  name: "a deployed peer's push with refused items is judged again, what was applied being a duplicate",
  brokenBy: [faulty.recordsRefusedItemsOfDeployedPeers, faulty.recordsRefusalsOfDeployedPeers],
  async run({ deployedDevice, http, expect, anEntry, unique }) {
    const device = deployedDevice();
    const [stamped, unstamped] = [anEntry(), anEntry({ updatedAt: undefined })];
    const entries = [stamped, unstamped, anEntry({ duration: -1 })];
    const send = pushesUnder({ http, device }, unique("key"));
    const first = await send({ changes: { entries } });
    expect.outcomes(first, ["applied", "applied", "refused"]);

    const again = await send({ changes: { entries } });
    expect.judgedAfresh(again);
    expect.outcomes(again, ["duplicate", "duplicate", "refused"]);
    expect.nothing("changes since the first answer", await device.changesSince(first.body.syncToken));

    // A key made from the data comes with other bodies too: nothing holds it.
    const mended = await send({ changes: { entries: [stamped, anEntry()] } });
    expect.status(mended, 200);
    expect.outcomes(mended, ["duplicate", "applied"]);
  },
});

export const deployedRefusedRequest = serverCheck({
  id: "IDEM-015/refused-request-of-a-deployed-peer",
  name: "a deployed peer's request that was refused as a whole holds no key",
  brokenBy: [faulty.recordsRefusalsOfDeployedPeers],
  async run({ deployedDevice, http, expect, anEntry, unique }) {
    const device = deployedDevice();
    const malformed: [string, string][] = [
      ['{"changes": {', "INVALID_JSON"],
      ['{"changes": {"entries": 7}}', "INVALID_REQUEST"],
    ];
    for (const [body, code] of malformed) {
      const send = pushesUnder({ http, device }, unique("key"));
      for (let time = 1; time <= 2; time++) {
        const refused = await send(body);
        expect.problem(refused, 400, code as "INVALID_JSON");
        expect.judgedAfresh(refused);
      }
      const mended = await send({ changes: { entries: [anEntry()] } });
      expect.status(mended, 200);
      expect.outcomes(mended, ["applied"]);
    }
  },
});

import { expect, test } from "vitest";
import { createModel } from "./model.ts";
import { NOW, peer, SECRET } from "./test-peer.ts";

const aGoal = { id: "g1", title: "Scales", updatedAt: "2026-03-01T09:00:00Z" };
const skewed = { ...aGoal, updatedAt: "2026-03-01T10:10:00Z" };

function aModel() {
  return createModel({ secret: SECRET, now: () => NOW });
}

test("of twins that arrive at once one takes effect, the other is its replay (IDEM-011)", async () => {
  const device = peer(aModel(), "anna");

  const twins = await Promise.all([1, 2, 3].map(() => device.push({ goals: [aGoal] }, { key: "k" })));

  expect(twins.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(twins.filter(({ headers }) => headers["x-idempotent-replay"] === "true")).toHaveLength(2);
  expect((await device.pull()).body.meta.goals[0]).toMatchObject({ version: 1, seq: 1 });
});

test("white space, order and escapes do not make another body; everything else does (IDEM-004, IDEM-005)", async () => {
  const device = peer(aModel(), "anna");
  const send = (text: string) => device.call("/api/sync/push", undefined, { key: "k", text });
  await send('{"changes":{"goals":[{"id":"g1","title":"A","updatedAt":1}]}}');

  const same = await send('{ "changes": {"goals":[{"updatedAt":1.0,"id":"g1","title":"\\u0041"}]} }');
  const other = await send('{"changes":{"goals":[{"id":"g1","title":"A","updatedAt":1}]},"x":null}');

  expect(same.headers["x-idempotent-replay"]).toBe("true");
  expect(other.body.code).toBe("IDEMPOTENCY_KEY_REUSED");
});

test("the scope of a key is user and endpoint, and no narrower (IDEM-007 to IDEM-010)", async () => {
  const model = aModel();
  const device = peer(model, "anna");
  await device.push({ goals: [aGoal] }, { key: "k" });

  const alias = await device.push(
    { goals: [aGoal] },
    { headers: { "idempotency-key": "k", "x-device-id": "d2" } },
  );
  const batch = await device.batch([{ id: "g1", type: "goal", data: aGoal }], { key: "k" });
  const stranger = await peer(model, "bert").push({ goals: [aGoal] }, { key: "k" });

  expect(alias.headers["x-idempotent-replay"]).toBe("true");
  expect(batch.body.results[0].outcome).toBe("duplicate");
  expect(stranger.body.results[0].outcome).toBe("applied");
});

test.each([["a b"], ["é"], ["x".repeat(256)], [""]])("refuses the key %j (IDEM-001)", async (key) => {
  const device = peer(aModel(), "anna");

  const { status, body } = await device.push({ goals: [aGoal] }, { key });

  expect([status, body.code]).toEqual([400, "INVALID_IDEMPOTENCY_KEY"]);
  expect((await device.status()).body.entityCount).toBe(0);
});

test("refuses two keys that differ, takes two that agree", async () => {
  const device = peer(aModel(), "anna");
  const both = (other: string) =>
    device.push({ goals: [aGoal] }, { key: "k", headers: { "idempotency-key": other } });

  expect((await both("K")).body.code).toBe("INVALID_IDEMPOTENCY_KEY");
  expect((await both("k")).status).toBe(200);
});

test("remembers refusals of announced peers, so that a late copy is not judged afresh (IDEM-013)", async () => {
  const model = aModel();
  const device = peer(model, "anna");
  const refused = await device.push({ goals: [skewed] }, { key: "skew" });
  const malformed = await device.call("/api/sync/push", undefined, { key: "json", text: "{" });
  model.advanceClock(3_600_000);

  const late = await device.push({ goals: [skewed] }, { key: "skew" });
  const again = await device.call("/api/sync/push", undefined, { key: "json", text: "{" });

  expect(refused.body.results[0].code).toBe("CLOCK_SKEW");
  expect(late.body).toEqual(refused.body);
  expect(late.headers["x-idempotent-replay"]).toBe("true");
  expect([again.status, again.headers["x-idempotent-replay"]]).toEqual([400, "true"]);
  expect(again.headers["content-type"]).toBe("application/problem+json");
  expect(again.body).toEqual(malformed.body);
});

test("does not remember refusals of deployed peers, nor 401 (IDEM-014, IDEM-015)", async () => {
  const model = aModel();
  const deployed = peer(model, "anna", { announced: false });
  const mixed = { goals: [aGoal, { id: "g2" }] };
  await deployed.push(mixed, { key: "k" });

  const retry = await deployed.push(mixed, { key: "k" });
  const denied = await deployed.push(
    { goals: [aGoal] },
    { key: "k2", headers: { authorization: "Bearer x" } },
  );
  const allowed = await deployed.push({ goals: [aGoal] }, { key: "k2" });

  expect(retry.headers["x-idempotent-replay"]).toBeUndefined();
  expect(retry.body.results.map((one: { outcome: string }) => one.outcome)).toEqual(["duplicate", "refused"]);
  expect(denied.status).toBe(401);
  expect([allowed.status, allowed.headers["x-idempotent-replay"]]).toEqual([200, undefined]);
});

test("forgets a record when its time is over; the stamp still makes the retry a duplicate (IDEM-016, IDEM-019)", async () => {
  const model = createModel({ secret: SECRET, now: () => NOW, limits: { idempotencyRetentionMs: 5_000 } });
  const device = peer(model, "anna");
  await device.push({ goals: [aGoal] }, { key: "k" });
  model.advanceClock(5_000);
  const inTime = await device.push({ goals: [aGoal] }, { key: "k" });
  model.advanceClock(1);

  const late = await device.push({ goals: [aGoal] }, { key: "k" });

  expect(inTime.headers["x-idempotent-replay"]).toBe("true");
  expect(late.headers["x-idempotent-replay"]).toBeUndefined();
  expect(late.body.results[0].outcome).toBe("duplicate");
});

test("a store that fails leaves neither effect nor record (HTTP-011, IDEM-012)", async () => {
  const model = aModel();
  const device = peer(model, "anna");
  model.failNextWrite();

  const failed = await device.push({ goals: [aGoal] }, { key: "k" });
  const empty = await device.pull();
  const retried = await device.push({ goals: [aGoal] }, { key: "k" });

  expect([failed.status, failed.body.code, failed.headers["retry-after"]]).toEqual([503, "UNAVAILABLE", "1"]);
  expect(empty.body.goals).toEqual([]);
  expect(retried.body.results[0].outcome).toBe("applied");
});

test("a restart loses requests under way, and nothing that was acknowledged (PUSH-015)", async () => {
  const model = aModel();
  const device = peer(model, "anna");
  await device.push({ goals: [aGoal] }, { key: "k" });

  const lost = device.push({ goals: [{ ...aGoal, id: "g2" }] }, { key: "k2" });
  model.restart();
  await expect(lost).rejects.toThrow("the server ended");

  expect((await device.push({ goals: [aGoal] }, { key: "k" })).headers["x-idempotent-replay"]).toBe("true");
  expect((await device.pull()).body.goals.map(({ id }: { id: string }) => id)).toEqual(["g1"]);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningServer } from "../serve.ts";
import { countingD1, type Tally } from "../testing/counting-d1.ts";
import { goal, goals, startTestServer } from "../testing/harness.ts";
import { localUser } from "../testing/local-user.ts";
import { D1Storage } from "./d1.ts";
import * as sql from "./d1-sql.ts";

let server: RunningServer;
let database: D1Database;
let storage: D1Storage;
let tally: Tally;
beforeAll(async () => {
  server = await startTestServer();
  database = await server.database();
  const counting = countingD1(database);
  storage = new D1Storage(counting.db);
  tally = counting.tally;
});
afterAll(() => server.close());

test("a push costs one call, and another where it has to read; a pull and a status one, whatever is in them", async () => {
  const call = localUser(storage, "calls");
  const cost = async (by: typeof call, ...request: Parameters<typeof call>) => {
    tally.reset();
    expect((await by(...request)).status).toBe(200);
    return tally.calls;
  };
  const headers = { "x-device-id": "d" };
  const keyed = (key: string) => ({ ...headers, "x-idempotency-key": key });
  const push = (items: object[], key: string, by = call) =>
    cost(by, "push", { changes: { goals: items } }, keyed(key));
  const older = (items: object[]) => items.map((each) => ({ ...each, updatedAt: 1 }));

  expect(await push(goals(1, "first-"), "first")).toBe(2);
  for (const count of [1, 200]) {
    const items = goals(count, `n${count}-`);
    expect(await push(items, `new${count}`)).toBe(1);
    // A replay: the key that is taken, then what was answered.
    expect(await push(items, `new${count}`)).toBe(2);
    expect(await push(items, `again${count}`)).toBe(1);
    expect(await push(older(items), `older${count}`)).toBe(1);
    // Nothing of it would be written, so it is read.
    expect(await cost(call, "push", { changes: { goals: items } }, headers)).toBe(1);
  }
  const woken = localUser(storage, "calls");
  expect(await push(older(goals(200, "n200-")), "woken", woken)).toBe(2);
  expect(await push(goals(200, "n200-"), "known", woken)).toBe(1);
  // What it met last was stored, so it reads what it does not know, until that was new.
  expect(await push(goals(1, "first-"), "stored", woken)).toBe(2);
  expect(await push(goals(1, "newer-"), "newer", woken)).toBe(2);
  expect(await push(goals(1, "newest-"), "newest", woken)).toBe(1);
  // A wrong guess is one call more.
  expect(await push([goal("n1-0", 9)], "wrong", woken)).toBe(3);

  expect(await cost(call, "pull", {}, headers)).toBe(1);
  expect(await cost(call, "pull", { types: ["goal", "practice_plan"], limit: 10 }, headers)).toBe(1);
  expect(await cost(call, "status", undefined, headers)).toBe(1);
});

test("user and device are written down once, and again where the database has forgotten them", async () => {
  const call = localUser(storage, "met");
  const statements = async (): Promise<number> => {
    tally.reset();
    const { status, json } = await call("status", undefined, { "x-device-id": "d" });
    expect([status, json["deviceCount"]]).toEqual([200, 1]);
    return tally.statements;
  };
  expect(await statements()).toBe(5);
  expect(await statements()).toBe(3);
  for (const table of ["sync_metadata", "devices"])
    await database.prepare(`DELETE FROM ${table} WHERE user_id = 'met'`).run();
  await call("status", undefined, {});
  expect(await statements()).toBe(4);
  expect(await statements()).toBe(3);
});

test("a pull reads what it tells: not what is stored, and no tombstones", async () => {
  const call = localUser(storage, "rows");
  const stored = goals(1000);
  const push = async (items: object[]) =>
    expect((await call("push", { changes: { goals: items } })).json.success).toBe(true);
  await push(stored.slice(0, 500));
  await push(stored.slice(500));
  const deletions = stored.slice(0, 990).map(({ id }) => ({ id, deletedAt: goal("", 5).updatedAt }));
  await push(deletions.slice(0, 495));
  await push(deletions.slice(495));
  const rowsRead = async (request: object) => {
    tally.reset();
    const { json } = await call("pull", request);
    return [tally.rowsRead, json] as const;
  };
  // Each row is read through an index entry; the identity costs a few more.
  const few = (rows: number) => 3 * rows + 10;
  const [full, { syncToken, goals: live }] = await rowsRead({});
  expect(live).toHaveLength(10);
  expect(full).toBeLessThan(few(10));
  const [typed, typedPull] = await rowsRead({ types: ["goal"] });
  expect(typed).toBeLessThan(few(10));
  const [page] = await rowsRead({ limit: 2 });
  expect(page).toBeLessThan(few(3));
  await push([goal("g0", 9)]);
  expect((await rowsRead({ since: syncToken }))[0]).toBeLessThan(few(1));
  expect((await rowsRead({ since: typedPull.syncToken, types: ["goal"] }))[0]).toBeLessThan(few(1));
});

const STATEMENTS: [name: string, text: string, values: (string | number | null)[], index: string[]][] = [
  ["meet user", sql.MEET_USER, ["u", "e", "k"], []],
  ["read identity", sql.READ_IDENTITY, ["u"], ["sqlite_autoindex_sync_metadata_1"]],
  ["see device", sql.SEE_DEVICE, ["u", "d", 1, 1], []],
  ["read record", sql.READ_RECORD, ["u", "push", "k", 1], ["sqlite_autoindex_idempotency_records_1"]],
  ["read rows", sql.READ_ROWS, ["u", '[["goal","g"]]'], ["sqlite_autoindex_sync_data_1"]],
  ["move head", sql.MOVE_HEAD, ["u", "e", 1, 2, null], ["sqlite_autoindex_sync_metadata_1"]],
  ["forget records", sql.FORGET_RECORDS, ["u", 1], ["idempotency_records_age"]],
  ["record", sql.RECORD, ["u", "push", "k", 0, "f", 200, "{}", 1], []],
  ["write rows", sql.WRITE_ROWS, ["u", "[]", 1], []],
  ["delta page", sql.deltaPage(false), ["u", 1, 10], ["sync_data_log"]],
  ["typed delta page", sql.deltaPage(true), ["u", 1, 10, "goal"], ["sync_data_log_of_type"]],
  ["page by receipt", sql.RECEIVED_PAGE, ["u", 1, 10, 5], ["sync_data_log"]],
  [
    "full page",
    sql.fullPage(false),
    ["u", 1, 10, 5, 5],
    ["sync_data_live", "sync_data_deletions", "sync_data_deletion_stamps"],
  ],
  [
    "typed full page",
    sql.fullPage(true),
    ["u", 1, 10, 5, 5, "goal"],
    ["sync_data_live_of_type", "sync_data_deletion_stamps"],
  ],
  ["count entities", sql.COUNT_ENTITIES, ["u"], ["sync_data_live"]],
  ["count devices", sql.COUNT_DEVICES, ["u", 1], ["devices_seen"]],
  ["replace identity", sql.REPLACE_IDENTITY, ["u", "e", "f", "k"], ["sqlite_autoindex_sync_metadata_1"]],
];

test.each(STATEMENTS)("the plan of %s scans no table", async (_, text, values, indexes) => {
  const { results } = await database
    .prepare(`EXPLAIN QUERY PLAN ${text}`)
    .bind(...values)
    .all<{ detail: string }>();
  const plan = results.map((row) => row.detail);
  expect(plan.filter((line) => line.startsWith("SCAN") && !line.includes("VIRTUAL TABLE"))).toEqual([]);
  for (const index of indexes) expect(plan.join("\n")).toMatch(new RegExp(`INDEX ${index}\\b`));
  // Sorting would mean that a page reads more than it holds; only the few deletions from the future are sorted.
  expect(plan.filter((line) => line.includes("TEMP B-TREE")).length).toBeLessThanOrEqual(
    text.includes("UNION") ? 1 : 0,
  );
});

test("every statement is among them", () => {
  const texts = Object.values(sql).flatMap((each) =>
    typeof each === "string" ? [each] : [each(false), each(true)],
  );
  expect(new Set(STATEMENTS.map(([, text]) => text))).toEqual(new Set(texts));
});

test("two servers over one store: the slower one judges again, and nothing is lost or doubled", async () => {
  const [one, two] = [localUser(storage, "shared"), localUser(storage, "shared")];
  await one("status", undefined);
  await two("status", undefined);
  tally.reset();
  const replies = await Promise.all(
    [one, two, one, two, one, two].map((call, index) =>
      call(
        "push",
        { changes: { goals: [goal("same", index), goal(`own${index}`)] } },
        { "x-idempotency-key": `k${index}` },
      ),
    ),
  );
  expect(replies.map((reply) => reply.status)).toEqual(replies.map(() => 200));
  expect(tally.calls).toBeGreaterThan(12);
  const { json } = await one("pull", {});
  expect(json.goals).toHaveLength(7);
  expect(json.goals.find((item: any) => item.id === "same")).toEqual(goal("same", 5));
  const applied = replies
    .flatMap((reply) => reply.json.results)
    .filter((result: any) => result.outcome === "applied");
  expect(applied.map((result: any) => result.meta.seq).toSorted((a: number, b: number) => a - b)).toEqual(
    Array.from({ length: json.lastSeq }, (_, index) => index + 1),
  );
});

test("twins on two servers: one is applied, the other gets the replay", async () => {
  const calls = [localUser(storage, "twins"), localUser(storage, "twins")];
  const replies = await Promise.all(
    calls.map((call) => call("push", { changes: { goals: goals(3) } }, { "x-idempotency-key": "k" })),
  );
  expect(replies.filter((reply) => reply.headers.get("x-idempotent-replay") === "true")).toHaveLength(1);
  expect(replies[0].json).toEqual(replies[1].json);
});

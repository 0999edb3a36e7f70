import { isDeepStrictEqual } from "node:util";
import type { RequestErrorCode, ItemErrorCode } from "../schemas/error-codes.ts";
import type { EntityType } from "../schemas/collections.ts";
import type { JsonObject } from "../schemas/json.ts";
import { Pulled, rowsOf } from "./wire/pulled.ts";
import type { Row } from "./wire/pulled.ts";
import type { Reply } from "./wire/reply.ts";
import type { BatchBody, Outcome, PullBody, PushBody, Result } from "./wire/shapes.ts";
import * as sockets from "./expect-sockets.ts";
import { CheckFailure, HarnessError } from "./verdict.ts";

type Judged = Reply<PushBody> | Reply<BatchBody>;

/** Deep equality of JSON values. A missing member is equal to nothing, not even to another missing one. */
function equal(what: string, actual: unknown, expected: unknown): void {
  if (expected === undefined) throw new HarnessError(`expect.equal("${what}") was given no expected value`);
  if (actual === undefined || !isDeepStrictEqual(actual, expected)) {
    throw new CheckFailure(`${what} is not as expected`, {
      expected,
      actual: actual === undefined ? "missing" : actual,
    });
  }
}

function notEqual(what: string, actual: unknown, other: unknown): void {
  if (actual === undefined)
    throw new CheckFailure(`${what} is missing`, { expected: "a value", actual: "missing" });
  if (isDeepStrictEqual(actual, other))
    throw new CheckFailure(`${what} did not differ`, { expected: "another value", actual });
}

/** `holds` must be true; `actual` is shown when it is not. */
function ok(what: string, holds: boolean, actual?: unknown): void {
  if (!holds) throw new CheckFailure(`not so: ${what}`, { expected: what, actual: actual ?? holds });
}

function status(reply: Reply, expected: number): void {
  if (reply.status !== expected) {
    throw new CheckFailure(`${reply.label} was answered with another status`, {
      expected,
      actual: reply.summary,
    });
  }
}

/** The header's value is exactly this; names are lower case. */
function header(reply: Reply, name: string, expected: string | RegExp): void {
  const actual = reply.headers[name];
  const holds =
    actual !== undefined && (typeof expected === "string" ? actual === expected : expected.test(actual));
  if (!holds) {
    throw new CheckFailure(`header ${name} of the answer to ${reply.label}`, {
      expected: String(expected),
      actual: actual ?? "missing",
    });
  }
}

function noHeader(reply: Reply, name: string): void {
  const actual = reply.headers[name];
  if (actual !== undefined) {
    throw new CheckFailure(`header ${name} came with the answer to ${reply.label}`, {
      expected: "no such header",
      actual,
    });
  }
}

/** A whole request was refused: status, media type, `code`, `error`, and what the status brings along. */
function problem(
  reply: Reply,
  expected: number,
  code: RequestErrorCode,
  details: { pointer?: string } = {},
): void {
  status(reply, expected);
  header(reply, "content-type", /^application\/problem\+json\b/i);
  equal(`code of the answer to ${reply.label}`, reply.problem.code, code);
  equal(`status member of the answer to ${reply.label}`, reply.problem.status, expected);
  ok(
    `"error" of the answer to ${reply.label} is a text`,
    typeof reply.problem.error === "string" && reply.problem.error !== "",
    reply.problem.error,
  );
  if (expected === 401) header(reply, "www-authenticate", /^Bearer\b/i);
  if (expected === 405) header(reply, "allow", /\S/);
  if (expected === 429 || code === "IDEMPOTENCY_IN_FLIGHT" || expected === 503)
    header(reply, "retry-after", /^\d+$/);
  if (details.pointer !== undefined) {
    const pointers = (reply.problem.errors ?? []).map((error) => error.pointer);
    ok(`errors name ${details.pointer}`, pointers.includes(details.pointer), pointers);
  }
}

/** `replay` is the recorded answer to `first`: same status, same body, and it says that it is one. */
function replayOf(first: Reply, replay: Reply): void {
  judgedAfresh(first);
  status(replay, first.status);
  header(replay, "x-idempotent-replay", "true");
  equal("body of the replay", replay.json, first.json);
}

/** The answer was worked out afresh, it is no replay. */
function judgedAfresh(reply: Reply): void {
  notEqual(
    `header x-idempotent-replay of the answer to ${reply.label}`,
    reply.headers["x-idempotent-replay"] ?? "none",
    "true",
  );
}

/** The result of the item at `index` (order of the request), or of the item at a JSON Pointer. */
function result(reply: Judged, index: number | string): Result {
  const { results } = reply.body;
  const found = typeof index === "number" ? results[index] : results.find(({ pointer }) => pointer === index);
  if (found) return found;
  throw new CheckFailure(`${reply.label} answered no result ${index}`, {
    expected: `a result ${index}`,
    actual: results.map((one) => `${one.pointer} ${one.outcome}`),
  });
}

/** The item had this outcome; returns its result. */
function outcome(reply: Judged, index: number | string, expected: Outcome): Result {
  const found = result(reply, index);
  if (found.outcome !== expected) {
    throw new CheckFailure(`outcome of ${found.pointer}`, { expected, actual: withCode(found) });
  }
  return found;
}

/** The outcomes of all items, in the order of the request. */
function outcomes(reply: Judged, expected: readonly Outcome[]): void {
  equal(
    `outcomes of ${reply.label}`,
    reply.body.results.map((one) => one.outcome),
    [...expected],
  );
}

/** The item was refused with this code, and `errors` points into it where `pointer` is given; returns its result. */
function refused(
  reply: Judged,
  index: number | string,
  code: ItemErrorCode,
  details: { pointer?: string } = {},
): Result {
  const found = outcome(reply, index, "refused");
  equal(`code of ${found.pointer}`, found.code, code);
  equal("success of an answer with a refusal", reply.body.success, false);
  if (details.pointer !== undefined) {
    const pointers = (found.errors ?? []).map((error) => error.pointer);
    ok(
      `the errors of ${found.pointer} name ${details.pointer}`,
      pointers.includes(details.pointer),
      pointers,
    );
  }
  return found;
}

function withCode({ outcome: actual, code }: Result): string {
  return code === undefined ? actual : `${actual} ${code}`;
}

function rows(pulled: Pulled | Reply<PullBody>): readonly Row[] {
  return pulled instanceof Pulled ? pulled.final : rowsOf(pulled.body);
}

/** The entity is live in what was pulled; returns its row. */
function live(
  pulled: Pulled | Reply<PullBody>,
  entityId: string,
  entityType?: EntityType,
): Row & { item: JsonObject } {
  const found = find(pulled, entityId, entityType);
  if (found?.item) return found as Row & { item: JsonObject };
  throw new CheckFailure(`${entityId} is not among the live items`, {
    expected: `${entityType ?? "an item"} ${entityId}`,
    actual: found ? "a deletion" : summary(pulled),
  });
}

/** The entity is told as deleted; returns its row. */
function deleted(pulled: Pulled | Reply<PullBody>, entityId: string, entityType?: EntityType): Row {
  const found = find(pulled, entityId, entityType);
  if (found && !found.item) return found;
  throw new CheckFailure(`${entityId} is not told as deleted`, {
    expected: `deletion of ${entityId}`,
    actual: found ? "a live item" : summary(pulled),
  });
}

/** The entity is not told at all, neither live nor deleted. */
function absent(pulled: Pulled | Reply<PullBody>, entityId: string, entityType?: EntityType): void {
  const found = find(pulled, entityId, entityType);
  if (found) {
    throw new CheckFailure(`${entityId} is there`, {
      expected: "nothing of it",
      actual: found.item ?? "a deletion",
    });
  }
}

/** Exactly these live entities, in any order. */
function liveIds(
  pulled: Pulled | Reply<PullBody>,
  expected: readonly string[],
  entityType?: EntityType,
): void {
  const ids = rows(pulled).filter(
    (row) => row.item && (entityType === undefined || row.entityType === entityType),
  );
  equal("ids of the live items", ids.map((row) => row.entityId).toSorted(), expected.toSorted());
}

/** Nothing was told: no item, no deletion. */
function nothing(what: string, pulled: Pulled | Reply<PullBody>): void {
  equal(what, summary(pulled), []);
}

function find(pulled: Pulled | Reply<PullBody>, id: string, type?: EntityType): Row | undefined {
  return rows(pulled).find((row) => row.entityId === id && (type === undefined || row.entityType === type));
}

function summary(pulled: Pulled | Reply<PullBody>): string[] {
  return (pulled instanceof Pulled ? pulled : new Pulled([pulled])).summary;
}

/** Gives up: what is seen on the wire contradicts the requirement. */
function fail(message: string, details: { expected?: unknown; actual?: unknown } = {}): never {
  throw new CheckFailure(message, details);
}

/** Assertions about what was seen on the wire. None holds on a missing member. */
export const expect = {
  equal,
  notEqual,
  ok,
  fail,
  status,
  header,
  noHeader,
  problem,
  replayOf,
  judgedAfresh,
  result,
  outcome,
  outcomes,
  refused,
  live,
  deleted,
  absent,
  liveIds,
  nothing,
  ...sockets,
};
export type Expect = typeof expect;

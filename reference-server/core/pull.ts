import { pull_request } from "../../schemas/generated/validators.js";
import {
  COLLECTIONS,
  ENTITY_TYPES,
  MEMBERS,
  type EntityType,
  type Member,
} from "../../schemas/collections.ts";
import type { PullRequest } from "../../schemas/http/pull.ts";
import type { Json } from "../../schemas/json.ts";
import type { Limits } from "../../schemas/limits.ts";
import { formatInstant } from "../../spec/rules/instant.ts";
import type { Answer } from "./answer.ts";
import { cursorExpired, mintCursor, peekCursor, verifyCursor, type Cursor } from "./cursor.ts";
import { requireSchema } from "./envelope.ts";
import { parseBody } from "./parse-body.ts";
import type { Identity, PageQuery, Row, Storage, Visit } from "./ports.ts";
import { Problem } from "./problem.ts";
import type { RestoreGuard } from "./restore-guard.ts";
import { metaOf } from "./results.ts";

/** `POST /api/sync/pull`: one page, read in one transaction (spec/pull.md). */
export async function pull(
  body: Uint8Array,
  visit: Visit,
  limits: Limits,
  storage: Storage,
  guard: RestoreGuard,
): Promise<Answer> {
  const { since, limit, types } = readRequest(body, limits);
  const cursor = since === undefined ? undefined : peekCursor(since);
  if (since !== undefined && cursor === undefined) throw cursorExpired();

  // A full pull begins at the head and the time of its first page; its page tokens carry both on.
  const walk =
    cursor === undefined ? { startHead: Number.MAX_SAFE_INTEGER, startedAt: visit.now } : cursor.full;
  const query: PageQuery = { after: cursor?.after ?? 0, types, limit: limit && limit + 1, full: walk };
  const witness = await guard.witness();
  const page = await storage.readPage(visit, query);
  const identity = await guard.admit(visit, witness, page.identity);
  if (cursor !== undefined) {
    await verifyCursor(identity, since!, cursor);
    requireSameTypes(cursor, types);
  }

  const hasMore = limit !== undefined && page.rows.length > limit;
  const rows = hasMore ? page.rows.slice(0, limit) : page.rows;
  const full = walk && { ...walk, startHead: cursor === undefined ? identity.head : walk.startHead };
  const syncToken = await mintCursor(identity, {
    after: hasMore ? rows.at(-1)!.seq : identity.head,
    types,
    full: hasMore ? full : undefined,
  });
  return {
    status: 200,
    body: render(
      rows,
      identity,
      { full: walk !== undefined, typed: types !== undefined, hasMore, syncToken },
      visit.now,
    ),
  };
}

function readRequest(body: Uint8Array, limits: Limits) {
  const json: Json = body.length === 0 ? {} : parseBody(body, limits.maxDepth);
  requireSchema(pull_request, json);
  const { since, limit, types } = json as PullRequest;
  return {
    since: since ?? undefined,
    limit: typeof limit === "number" ? Math.min(limit, limits.maxPageSize) : undefined,
    // In one order and without repetition: the same set of types is the same cursor (PULL-017).
    types: types ? ENTITY_TYPES.filter((type) => types.includes(type)) : undefined,
  };
}

function requireSameTypes(cursor: Cursor, types: readonly EntityType[] | undefined): void {
  if (String(cursor.types) === String(types)) return;
  throw new Problem(
    "CURSOR_MISMATCH",
    "/since was made for other types; send the same ones, or pull again without it.",
    {
      errors: [{ pointer: "/since", code: "CURSOR_MISMATCH", detail: "was made for other types" }],
    },
  );
}

interface Page {
  full: boolean;
  typed: boolean;
  hasMore: boolean;
  syncToken: string;
}

/** The answer's text. Items are JSON already and are put in as they are. */
function render(rows: readonly Row[], identity: Identity, page: Page, now: number): string {
  const live = new Map<EntityType, Row[]>(ENTITY_TYPES.map((type) => [type, []]));
  const deleted: Row[] = [];
  for (const row of rows) (row.deleted ? deleted : live.get(row.entityType)!).push(row);
  const collection = (member: Member, text: (row: Row) => string) =>
    `"${member}":[${live.get(COLLECTIONS[member])!.map(text).join(",")}]`;
  const metaText = (row: Row) => JSON.stringify(metaOf(row));
  const complete = !page.hasMore;
  const rest = JSON.stringify({
    mode: page.full ? "full" : "delta",
    syncToken: page.syncToken,
    epoch: identity.epoch,
    ...(complete && !page.typed && { lastSeq: identity.head }),
    ...(complete && page.full && { through: identity.head }),
    hasMore: page.hasMore,
    timestamp: formatInstant(now),
  });
  return [
    "{",
    MEMBERS.map((member) => collection(member, (row) => row.item!)).join(","),
    `,"deleted":[${deleted.map(metaText).join(",")}]`,
    `,"meta":{${MEMBERS.map((member) => collection(member, metaText)).join(",")}}`,
    `,${rest.slice(1)}`,
  ].join("");
}

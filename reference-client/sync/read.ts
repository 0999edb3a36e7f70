import { COLLECTIONS, isEntityType } from "../../schemas/collections.ts";
import { isJsonObject, type JsonObject } from "../../schemas/json.ts";
import type { Told } from "../replica/apply.ts";
import { keyOf } from "../replica/key.ts";
import type { EntityKey, Refusal } from "../replica/records.ts";
import type { PullPage } from "../replica/pull-pages.ts";
import type { Verdict } from "../outbox/settle.ts";

// What comes in is read by hand: validators of the full schemas would weigh more than the rest of the client. Each function
// returns undefined for what is not the protocol's (CLI-042).

type Value = unknown;

const isText = (value: Value): value is string => typeof value === "string";
const isCount = (value: Value): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** The instant of a canonical text (DATA-015), Unix milliseconds. */
export function instantOf(value: Value): number | undefined {
  if (!isText(value)) return undefined;
  const instant = Date.parse(value);
  return Number.isNaN(instant) ? undefined : instant;
}

/** An entity's state, of its `meta` and item; `item` is not looked at for a deletion. Null: of a type that is not known here. */
export function told(meta: Value, item: Value): (Omit<Told, "item"> & { item: Value }) | null | undefined {
  if (!isJsonObject(meta)) return undefined;
  const { entityType, entityId, version, seq, deletedAt, checksum } = meta;
  const updatedAt = instantOf(deletedAt ?? meta["updatedAt"]);
  if (!isText(entityType) || !isText(entityId) || entityId === "" || !isText(checksum)) return undefined;
  if (!isCount(version) || !isCount(seq) || updatedAt === undefined) return undefined;
  if (!isEntityType(entityType)) return null;
  const key = keyOf(entityType, entityId);
  return { key, item: isText(deletedAt) ? null : item, updatedAt, checksum, version, seq };
}

/** Rows of items with their `meta`; undefined if one of them is not readable. */
export function rowsOf(pairs: readonly (readonly [meta: Value, item: Value])[]): Told[] | undefined {
  const rows: Told[] = [];
  for (const [meta, item] of pairs) {
    const row = told(meta, item);
    if (row === undefined) return undefined;
    if (row === null) continue;
    if (row.item !== null && !isJsonObject(row.item)) return undefined;
    rows.push(row as Told);
  }
  return rows;
}

/** Items of lists with the lists of `meta` that run parallel to them; and deletions. */
export function listed(
  body: JsonObject,
  members: readonly string[],
): (readonly [Value, Value])[] | undefined {
  const pairs: [Value, Value][] = [];
  const meta = body["meta"];
  for (const member of members) {
    const items = body[member] ?? [];
    const metas = (isJsonObject(meta) ? meta[member] : undefined) ?? [];
    if (!Array.isArray(items) || !Array.isArray(metas) || items.length !== metas.length) return undefined;
    for (const [at, item] of items.entries()) pairs.push([metas[at], item]);
  }
  const deleted = body["deleted"] ?? [];
  if (!Array.isArray(deleted)) return undefined;
  return [...pairs, ...deleted.map((one): [Value, Value] => [one, null])];
}

/** The answer to a pull. */
export function pullPageOf(body: JsonObject): PullPage | undefined {
  const { mode, syncToken, epoch, hasMore } = body;
  const timestamp = instantOf(body["timestamp"]);
  const pairs = listed(body, Object.keys(COLLECTIONS));
  const rows = pairs && rowsOf(pairs);
  const place = (value: Value): number | undefined => (isCount(value) ? value : undefined);
  const [lastSeq, through] = [place(body["lastSeq"]), place(body["through"])];
  if (mode !== "full" && mode !== "delta") return undefined;
  if (!isText(syncToken) || !isText(epoch) || typeof hasMore !== "boolean") return undefined;
  if (rows === undefined || timestamp === undefined) return undefined;
  if (mode === "full" && !hasMore && through === undefined) return undefined;
  return { mode, rows, syncToken, epoch, lastSeq, through, hasMore, timestamp };
}

/** The results of a push, by the entity that was sent. One whose pointer names nothing is left out. */
export function verdictsOf(
  body: JsonObject,
  pointers: ReadonlyMap<string, EntityKey>,
): Map<EntityKey, Verdict> | undefined {
  const results = body["results"];
  if (!Array.isArray(results)) return undefined;
  const verdicts = new Map<EntityKey, Verdict>();
  for (const result of results) {
    const verdict = isJsonObject(result) ? verdictOf(result) : undefined;
    if (verdict === undefined) return undefined;
    const entity = pointers.get((result as { pointer: string }).pointer);
    if (entity !== undefined) verdicts.set(entity, verdict);
  }
  return verdicts;
}

/** Why an item was refused, by its result, or by the problem of a push that held it alone: the first fault that is told. */
export function refusalOf(code: string, { errors, detail }: JsonObject): Refusal {
  const first = (Array.isArray(errors) ? errors[0] : undefined) as JsonObject | undefined;
  const words = first?.["detail"] ?? detail;
  // Into the request, where the app knows of items only.
  const pointer = String(first?.["pointer"]).replace(/^(\/changes\/\w+\/\d+)?/, "");
  return {
    code,
    detail: isText(words) ? words : code,
    ...(pointer.startsWith("/") && { pointer }),
  };
}

function verdictOf(result: JsonObject): Verdict | undefined {
  const { outcome, code, meta, item } = result;
  if (!isText(outcome)) return undefined;
  if (outcome !== "applied" && outcome !== "duplicate" && outcome !== "superseded") {
    // An outcome that is not known here is taken for a refusal with a code that is not (CLI-029).
    return {
      outcome: "refused",
      refusal: refusalOf(isText(code) ? code : outcome, result),
      serverTime: instantOf(result["serverTime"]),
    };
  }
  const stored = told(meta, item);
  if (!stored || !isJsonObject(stored.item ?? {})) return undefined;
  return { outcome, stored: stored as Extract<Verdict, { stored: unknown }>["stored"] };
}

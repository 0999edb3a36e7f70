import { apply, type Told } from "../replica/apply.ts";
import { partsOf } from "../replica/key.ts";
import type { EntityKey, LocalEdits, LocalWrite, Refusal } from "../replica/records.ts";
import { beats } from "../replica/visible.ts";
import type { Work } from "../replica/work.ts";
import { restamped } from "./stamp.ts";

/** What the server made of one item of a push. */
export type Verdict =
  | {
      outcome: "applied" | "duplicate" | "superseded";
      /** What is stored. `item` is undefined where that is what was sent. */
      stored: Omit<Told, "item"> & { item: Told["item"] | undefined };
    }
  | { outcome: "refused"; refusal: Refusal; /** Unix milliseconds. */ serverTime?: number };

/** Refusals that trying again cannot mend. */
const PERMANENT: ReadonlySet<string> = new Set([
  "INCOMPLETE",
  "INVALID_ITEM",
  "UNKNOWN_COLLECTION",
  "ITEM_TOO_LARGE",
]);
/** Whether a refusal with this code is a dead letter at once (CLI-029). */
export function isPermanent(code: string): boolean {
  return PERMANENT.has(code);
}

/** How often an item with a code that nobody knows is tried (CLI-029). */
const MAX_TRIES = 3;

/**
 * Settles a request by its answer: each item that is named, in the transaction that applies its `meta` (CLI-005, CLI-008, CLI-018). What
 * is not named stays as it was sent, under a new key.
 *
 * @param verdicts by the entity as it was sent; `stored.key` may be another (CLI-006)
 */
export function settle(
  work: Work,
  requestKey: string,
  verdicts: ReadonlyMap<EntityKey, Verdict>,
  newKey: string,
): void {
  const { requests } = work.state;
  const request = requests.find(({ key }) => key === requestKey);
  if (request === undefined) return;
  for (const entity of request.entities) {
    const verdict = verdicts.get(entity);
    if (verdict === undefined) continue;
    if (verdict.outcome === "refused") refuse(work, entity, verdict.refusal, verdict.serverTime);
    else confirm(work, entity, verdict.stored);
  }
  const rest = request.entities.filter((entity) => !verdicts.has(entity));
  const left = rest.length === 0 ? [] : [{ key: newKey, entities: rest }];
  work.state.requests = requests.flatMap((one) => (one === request ? left : [one]));
}

function confirm(
  work: Work,
  entity: EntityKey,
  stored: Omit<Told, "item"> & { item: Told["item"] | undefined },
): void {
  const { sent, ...others } = work.edits(entity);
  if (sent === undefined) return;
  const item = stored.item === undefined ? (sent.deleted ? null : sent.item) : stored.item;
  apply(work, { ...stored, item });
  work.putEdits(entity, others);
  if (stored.key !== entity) rekey(work, entity, stored.key);
}

/** A later edit follows its entity to the id that the server gave it (CLI-006). */
function rekey(work: Work, from: EntityKey, to: EntityKey): void {
  const { waiting } = work.edits(from);
  if (waiting === undefined) return;
  work.putEdits(from, {});
  const there = work.edits(to);
  if (there.waiting !== undefined && there.waiting.updatedAt >= waiting.updatedAt) return;
  const { type, id } = partsOf(to);
  const item = { ...waiting.item, [type === "repertoire_item" ? "scoreId" : "id"]: id };
  work.putEdits(to, { ...there, waiting: { ...waiting, item } });
}

function refuse(work: Work, entity: EntityKey, refusal: Refusal, serverTime?: number): void {
  const edits = work.edits(entity);
  const { sent } = edits;
  if (sent === undefined) return;
  if (edits.waiting !== undefined) {
    // It joins its successor, which carries the whole entity (CLI-019).
    work.putEdits(entity, { waiting: edits.waiting });
  } else if (refusal.code === "CLOCK_SKEW") {
    work.putEdits(entity, { waiting: restamped(work, entity, sent, serverTime ?? sent.updatedAt) });
  } else if (refusal.code === "VERSION_CONFLICT") {
    // The pull that follows tells the stored entity; the edit goes only if it lost against that (CLI-031).
    work.putEdits(entity, beats(sent, work.row(entity)) ? { waiting: sent } : {});
  } else {
    work.putEdits(entity, afterRefusal(sent, refusal));
  }
}

function afterRefusal(sent: LocalWrite, refusal: Refusal): LocalEdits {
  const tries = sent.tries + 1;
  if (isPermanent(refusal.code) || tries >= MAX_TRIES) return { dead: { ...sent, tries, refusal } };
  return { waiting: { ...sent, tries } };
}

/** A push that was refused as a whole is split under new keys; an item that was alone in it is a dead letter (CLI-028). */
export function split(work: Work, requestKey: string, refusal: Refusal, newKeys: [string, string]): void {
  const { requests } = work.state;
  const request = requests.find(({ key }) => key === requestKey);
  if (request === undefined) return;
  const { entities } = request;
  const half = Math.ceil(entities.length / 2);
  const parts = [entities.slice(0, half), entities.slice(half)].map((part, at) => ({
    key: newKeys[at]!,
    entities: part,
  }));
  if (entities.length === 1) bury(work, entities[0]!, refusal);
  work.state.requests = requests.flatMap((one) =>
    one !== request ? [one] : entities.length === 1 ? [] : parts,
  );
}

function bury(work: Work, entity: EntityKey, refusal: Refusal): void {
  const { sent, waiting } = work.edits(entity);
  if (sent === undefined) return;
  work.putEdits(entity, waiting === undefined ? { dead: { ...sent, refusal } } : { waiting });
}

/** The same items under a new key: after an answer that settles nothing and names none (CLI-009). */
export function renameRequest(work: Work, requestKey: string, newKey: string): void {
  work.state.requests = work.state.requests.map((one) =>
    one.key === requestKey ? { ...one, key: newKey } : one,
  );
}

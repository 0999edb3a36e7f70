import { apply, type Told } from "../replica/apply.ts";
import { idMemberOf, partsOf } from "../replica/key.ts";
import type { EntityKey, FrozenRequest, Refusal } from "../replica/records.ts";
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
  | { outcome: "refused"; refusal: Refusal; /** Unix milliseconds. */ serverTime?: number | undefined };

/** Refusals that trying again cannot mend. */
const PERMANENT = ["INCOMPLETE", "INVALID_ITEM", "UNKNOWN_COLLECTION", "ITEM_TOO_LARGE"];
/** Whether a refusal with this code is a dead letter at once (CLI-029). */
export function isPermanent(code: string): boolean {
  return PERMANENT.includes(code);
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
  replace(work, requestKey, ({ entities }) => {
    for (const entity of entities) {
      const verdict = verdicts.get(entity);
      if (verdict?.outcome === "refused") refuse(work, entity, verdict.refusal, false, verdict.serverTime);
      else if (verdict !== undefined) confirm(work, entity, verdict.stored);
    }
    const rest = entities.filter((entity) => !verdicts.has(entity));
    return rest.length === 0 ? [] : [{ key: newKey, entities: rest }];
  });
}

/** Puts others in the place of a request, if it is still there. */
function replace(
  { state }: Work,
  requestKey: string,
  others: (request: FrozenRequest) => FrozenRequest[],
): void {
  state.requests = state.requests.flatMap((one) => (one.key === requestKey ? others(one) : [one]));
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
  const item = { ...waiting.item, [idMemberOf(type)]: id };
  work.putEdits(to, { ...there, waiting: { ...waiting, item } });
}

/** @param alone whether a whole push was refused for it, which nothing will mend */
function refuse(work: Work, entity: EntityKey, refusal: Refusal, alone: boolean, serverTime?: number): void {
  const { sent, waiting } = work.edits(entity);
  if (sent === undefined) return;
  const tries = sent.tries + 1;
  if (waiting !== undefined) {
    // It joins its successor, which carries the whole entity (CLI-019).
    work.putEdits(entity, { waiting });
  } else if (refusal.code === "CLOCK_SKEW") {
    work.putEdits(entity, { waiting: restamped(work, entity, sent, serverTime ?? sent.updatedAt) });
  } else if (refusal.code === "VERSION_CONFLICT") {
    // The pull that follows tells the stored entity; the edit goes only if it lost against that (CLI-031).
    work.putEdits(entity, beats(sent, work.row(entity)) ? { waiting: sent } : {});
  } else if (alone || isPermanent(refusal.code) || tries >= MAX_TRIES) {
    work.putEdits(entity, { dead: { ...sent, tries, refusal } });
  } else work.putEdits(entity, { waiting: { ...sent, tries } });
}

/** A push that was refused as a whole is split under new keys; an item that was alone in it is a dead letter (CLI-028). */
export function split(work: Work, requestKey: string, refusal: Refusal, newKeys: [string, string]): void {
  replace(work, requestKey, ({ entities }) => {
    if (entities.length === 1) {
      refuse(work, entities[0]!, refusal, true);
      return [];
    }
    const half = Math.ceil(entities.length / 2);
    return [entities.slice(0, half), entities.slice(half)].map((part, at) => ({
      key: newKeys[at]!,
      entities: part,
    }));
  });
}

/** The same items under a new key: after an answer that settles nothing and names none (CLI-009). */
export function renameRequest(work: Work, requestKey: string, newKey: string): void {
  replace(work, requestKey, ({ entities }) => [{ key: newKey, entities }]);
}

import { memberOf, type Member } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import { partsOf } from "../replica/key.ts";
import type { EntityKey, FrozenRequest, LocalWrite } from "../replica/records.ts";
import type { Work } from "../replica/work.ts";
import { correctedNow, restamped } from "./stamp.ts";

/** Most items of a push (CLI-026). */
export const MAX_ITEMS = 50;
/** Keeps a push of large items within `maxBodyBytes`, whatever they are made of: UTF-8 has three bytes at most for one of these. */
const MAX_CHARACTERS = 300_000;

/**
 * Freezes edits that wait into a request, body and key (CLI-019). One of which an earlier write is still unanswered stays behind: an entity's writes go
 * out one after the other (CLI-022). Undefined if none is left.
 *
 * @param candidates the entities to look at, in the order in which they are to go out
 */
export function freeze(
  work: Work,
  candidates: readonly EntityKey[],
  key: string,
  now: number,
): FrozenRequest | undefined {
  const entities: EntityKey[] = [];
  let characters = 0;
  for (const entity of candidates) {
    const { sent, waiting, dead } = work.edits(entity);
    if (waiting === undefined || sent !== undefined) continue;
    const write = corrected(work, entity, waiting, now);
    characters += JSON.stringify(write.item).length;
    if (entities.length > 0 && (entities.length === MAX_ITEMS || characters > MAX_CHARACTERS)) break;
    work.putEdits(entity, { sent: write, dead });
    entities.push(entity);
  }
  if (entities.length === 0) return undefined;
  const request = { key, entities };
  work.state.requests = [...work.state.requests, request];
  return request;
}

/** A stamp in the future of a clock that was measured meanwhile is wrong; it was never sent, so it may be mended (CLI-004). */
function corrected(work: Work, entity: EntityKey, write: LocalWrite, now: number): LocalWrite {
  const atMost = correctedNow(work, now);
  const measured = write.offset !== work.state.clockOffset;
  return measured && write.updatedAt > atMost ? restamped(work, entity, write, atMost) : write;
}

/** The body of a request, always the same (CLI-009), and which entity each pointer into it names. */
export function bodyOf(
  entities: readonly EntityKey[],
  sent: (key: EntityKey) => LocalWrite | undefined,
): { body: { changes: Partial<Record<Member, JsonObject[]>> }; pointers: Map<string, EntityKey> } {
  const changes: Partial<Record<Member, JsonObject[]>> = {};
  const pointers = new Map<string, EntityKey>();
  for (const key of entities) {
    const write = sent(key);
    if (write === undefined) continue;
    const member = memberOf(partsOf(key).type);
    const items = (changes[member] ??= []);
    pointers.set(`/changes/${member}/${items.length}`, key);
    items.push(write.item);
  }
  return { body: { changes }, pointers };
}

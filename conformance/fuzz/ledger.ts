import type { Pulled, Row } from "../wire/pulled.ts";
import type { Meta, Outcome } from "../wire/shapes.ts";

/** What became of an item, as answers say it; `meta` is missing where it was refused. */
export interface Judged {
  outcome: Outcome;
  meta?: Meta;
}

/** How what is stored contradicts what was answered. */
export interface Contradiction {
  kind: "an effect of nothing acknowledged" | "an acknowledged write that is not there";
  entity: string;
  expected: unknown;
  actual: unknown;
}

const nameOf = ({ entityType, entityId }: Pick<Meta, "entityType" | "entityId">): string =>
  `${entityType} ${entityId}`;

/** A server may add members of its own. */
function same(one: Meta | undefined, other: Meta | undefined): boolean {
  return MEMBERS.every((name) => one?.[name] === other?.[name]);
}
const MEMBERS = ["entityType", "entityId", "version", "seq", "updatedAt", "deletedAt", "checksum"] as const;

/** What one user's answers say is stored. Numbers order it: answers may come in any order. */
export class Ledger {
  /** The newest acknowledged state of each entity. */
  readonly #newest = new Map<string, Meta>();
  readonly #bySeq = new Map<number, Meta>();

  add(judged: readonly Judged[]): void {
    for (const { outcome, meta } of judged) {
      if (outcome !== "applied" || !meta) continue;
      const name = nameOf(meta);
      if ((this.#newest.get(name)?.seq ?? 0) < meta.seq) this.#newest.set(name, meta);
      this.#bySeq.set(meta.seq, meta);
    }
  }

  /** Whether some answer said that exactly this was applied. */
  knows(meta: Meta): boolean {
    return same(this.#bySeq.get(meta.seq), meta);
  }

  /**
   * Compares with what pulls say.
   * @param before everything that lived before the first of the writes
   * @param changes all since then, deletions included
   * @param after everything that lives now
   */
  contradictions({
    before,
    changes,
    after,
  }: Record<"before" | "changes" | "after", Pulled>): Contradiction[] {
    const found: Contradiction[] = [];
    const told = new Map(changes.final.map((row) => [nameOf(row), row.meta]));
    for (const [entity, meta] of told) {
      const expected = this.#newest.get(entity);
      if (same(expected, meta)) continue;
      const lost = expected !== undefined && expected.seq > meta.seq;
      found.push({
        kind: lost ? LOST : INVENTED,
        entity,
        expected: expected ?? "nothing of it",
        actual: meta,
      });
    }
    for (const [entity, meta] of this.#newest)
      if (!told.has(entity))
        found.push({ kind: LOST, entity, expected: meta, actual: "nothing of it since" });

    const live = new Map<string, Meta>(before.final.map((row) => [nameOf(row), row.meta]));
    for (const [entity, meta] of this.#newest) {
      if (meta.deletedAt === null) live.set(entity, meta);
      else live.delete(entity);
    }
    const now = new Map<string, Row>(after.final.map((row) => [nameOf(row), row]));
    for (const [entity, meta] of live)
      if (!same(now.get(entity)?.meta, meta))
        found.push({
          kind: LOST,
          entity,
          expected: meta,
          actual: now.get(entity)?.meta ?? "not in a full pull",
        });
    for (const [entity, { meta }] of now)
      if (!live.has(entity) && meta.deletedAt === null)
        found.push({ kind: INVENTED, entity, expected: "nothing of it", actual: meta });
    return found;
  }
}

const LOST = "an acknowledged write that is not there";
const INVENTED = "an effect of nothing acknowledged";

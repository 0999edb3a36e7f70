import { COLLECTIONS } from "../../schemas/collections.ts";
import type { EntityType, Member } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import type { Reply } from "./reply.ts";
import type { Meta, PullBody } from "./shapes.ts";
import { CheckFailure } from "../verdict.ts";

/** One entity as a pull told it: `item` is null for a deletion. */
export interface Row {
  entityType: EntityType;
  entityId: string;
  item: JsonObject | null;
  meta: Meta;
}

/** All rows of one answer, live ones first; fails if `meta.<member>` does not run parallel to its array. */
export function rowsOf(body: PullBody): Row[] {
  const live = (Object.keys(COLLECTIONS) as Member[]).flatMap((member) => {
    const items = body[member];
    const metas = body.meta[member] ?? [];
    if (items.length !== metas.length) {
      throw new CheckFailure(`meta.${member} does not run parallel to ${member}`, {
        expected: `${items.length} elements in /meta/${member}`,
        actual: `${metas.length}`,
      });
    }
    return items.map((item, index) => rowOf(metas[index] as Meta, item));
  });
  return [...live, ...body.deleted.map((meta) => rowOf(meta, null))];
}

function rowOf(meta: Meta, item: JsonObject | null): Row {
  return { entityType: meta.entityType, entityId: meta.entityId, item, meta };
}

/** The pages of one pull, walked to its end. */
export class Pulled {
  readonly pages: readonly Reply<PullBody>[];
  /** Every row in the order of arrival; an entity that was rewritten during the walk is there once for each telling. */
  readonly rows: readonly Row[];

  constructor(pages: readonly Reply<PullBody>[]) {
    this.pages = pages;
    this.rows = pages.flatMap((page) => rowsOf(page.body));
  }

  get last(): PullBody {
    return (this.pages.at(-1) as Reply<PullBody>).body;
  }

  get syncToken(): string {
    return this.last.syncToken;
  }

  /** The last telling of each entity: what a replica that began empty holds in the end. */
  get final(): Row[] {
    return [...new Map(this.rows.map((row) => [`${row.entityType}/${row.entityId}`, row])).values()];
  }

  /** Live items in the end, of all types or one. */
  live(entityType?: EntityType): JsonObject[] {
    return this.final.flatMap((row) =>
      row.item !== null && (entityType === undefined || row.entityType === entityType) ? [row.item] : [],
    );
  }

  /** The last telling of an entity, or undefined. */
  find(entityId: string, entityType?: EntityType): Row | undefined {
    return this.final.find(
      (row) => row.entityId === entityId && (entityType === undefined || row.entityType === entityType),
    );
  }

  /** Short and comparable: "logbook_entry e1 v2", "goal g1 v3 deleted". */
  get summary(): string[] {
    return this.rows.map(
      ({ entityType, entityId, meta, item }) =>
        `${entityType} ${entityId} v${meta.version}${item ? "" : " deleted"}`,
    );
  }
}

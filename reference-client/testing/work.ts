import type { JsonObject } from "../../schemas/json.ts";
import type { EntityKey, LocalEdits, LocalWrite, ReplicaState, Row } from "../replica/records.ts";
import { Work } from "../replica/work.ts";

/** The entity that most tests are about. */
export const KEY: EntityKey = "goal/g1";

export interface Stored {
  state?: Partial<ReplicaState>;
  rows?: Record<string, Row>;
  edits?: Record<string, LocalEdits>;
}

/** A transaction on what is stored, to be looked at instead of committed. */
export function workOn({ state = {}, rows = {}, edits = {} }: Stored = {}): Work {
  const full: ReplicaState = {
    revision: 1,
    deviceId: "device",
    clockOffset: 0,
    requests: [],
    settings: { realtime: true, autoSync: "always", notifications: "all" },
    ...state,
  };
  const map = <T>(of: Record<string, T>): Map<EntityKey, T> =>
    new Map(Object.entries(of) as [EntityKey, T][]);
  const keys = new Set([KEY, ...Object.keys(rows), ...Object.keys(edits)] as EntityKey[]);
  return new Work({ state: full, rows: map(rows), edits: map(edits) }, keys, full);
}

/** A confirmed row stamped `updatedAt`; without a title a deletion. */
export function aRow(updatedAt: number, title: string | null, seq = updatedAt): Row {
  return {
    item: title === null ? null : { id: "g1", title, updatedAt: new Date(updatedAt).toISOString() },
    updatedAt,
    checksum: title ?? "",
    version: 1,
    seq,
    seen: updatedAt,
  };
}

/** A write of the user, not acknowledged; without a title a deletion. */
export function aWrite(
  updatedAt: number,
  title: string | null,
  others: Partial<LocalWrite> = {},
): LocalWrite {
  const stamp = new Date(updatedAt).toISOString();
  const item: JsonObject =
    title === null ? { id: "g1", deletedAt: stamp } : { id: "g1", title, updatedAt: stamp };
  return { item, deleted: title === null, updatedAt, offset: 0, tries: 0, ...others };
}

/** What the server tells of a row, the entity apart. */
export function toldOf({ item, updatedAt, checksum, version, seq }: Row): Omit<Row, "seen"> {
  return { item, updatedAt, checksum, version, seq };
}

import type { Row } from "../row.ts";

/** A page on its way to the device. */
export interface Page {
  full: boolean;
  /** The only entity (standing for its type) that a typed pull asked for, or null for all types. */
  only: number | null;
  rows: { of: number; row: Row }[];
  /** The token: a place in the log, and where the head was when the walk began. */
  place: number;
  start: number;
  epoch: number;
  hasMore: boolean;
  through: number | null;
  /** What the server held of each entity at that moment: for the invariants alone. */
  held: number[];
}

/** What the device keeps of a walk that goes on; gone when it crashes. */
export interface Walk {
  full: boolean;
  only: number | null;
  place: number;
  start: number;
  got: number[];
}

export interface Device {
  confirmed: (Row | null)[];
  /** Null: none, so that the next pull is a full one. */
  cursor: number | null;
  epoch: number;
  /** `through` of the last full pull, for each type (CLI-013). */
  floor: number[];
  walk: Walk | null;
}

export interface World {
  server: { rows: (Row | null)[]; head: number; epoch: number };
  device: Device;
  /** The answer in flight. */
  page: Page | null;
  /** In order: `seq` is the envelope's, null before this socket has caught up. */
  socket: { seq: number | null; of: number; row: Row }[] | null;
  /** Whether this socket caught up from the cursor when it opened. */
  live: boolean;
  /** Acknowledgements of own writes, over HTTP: in any order, at any time. */
  acks: { of: number; row: Row; epoch: number }[];
  /** What may still happen. */
  left: { writes: number; own: number; cuts: number; typed: number; restores: number };
  /** The greatest seq of each entity that the device was ever shown to be in force. */
  best: number[];
  alarm: string | null;
}

export interface Setting {
  entities: number;
  /** How many of them are there, and known to the device, at the start. */
  stored: number;
  /** Whether the device has to begin with a full pull. */
  fresh: boolean;
  limit: number;
  left: World["left"];
}

export type PullFault =
  | "page-token-is-the-head"
  | "walk-forgets-deletions"
  | "token-of-unfinished-walk"
  | "late-page-wins"
  | "stamps-of-deletions-forgotten"
  | "no-floor"
  | "removes-all-that-is-absent"
  | "absent-items-stay"
  | "one-cursor-for-all-types"
  | "one-floor-for-all-types"
  | "walk-reads-a-snapshot-but-ends-at-the-head"
  | "delta-omits-deletions"
  | "floor-survives-a-restore"
  | "token-survives-a-restore"
  | "stamps-survive-a-restore"
  | "acks-survive-a-restore";

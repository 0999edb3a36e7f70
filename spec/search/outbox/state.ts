import type { Row } from "../row.ts";
import type { Stamp } from "../../rules/stamp.ts";

/** A write of the user. What begins with `$` no implementation has: it is there for the invariants. */
export interface Write extends Stamp {
  /** Names the user's act, whatever stamp it gets. */
  $id: string;
  of: number;
  /** Whether the server refuses it for good. */
  bad: boolean;
  /** The place in the log up to which the writer had been shown this entity. */
  $over: number;
  /** The writer's own earlier write of this entity that was under way. */
  $after: string | null;
}

export interface Item {
  write: Write;
  /** The key that it was sent under; null: never sent. */
  key: number | null;
  /** The `serverTime` of its refusal, where it waits for a full pull before it is stamped again (CLI-053). */
  refusedAt?: number;
}

export interface Device {
  confirmed: (Row | null)[];
  /** The greatest time of each entity that the server is known to hold, by a row (CLI-002). */
  seen: number[];
  /** Of each entity that the last full pull lacked: that pull's timestamp (CLI-002); -1 of others. */
  absent: number[];
  /** The timestamp of its last full pull; -1: there was none. */
  pulledAt: number;
  cursor: number | null;
  floor: number;
  /** What its clock shows beyond the server's. */
  offset: number;
  outbox: Item[];
  dead: Write[];
  keys: number;
  /** The place in the log up to which it was shown each entity. */
  $covered: number[];
  /** The last own write of each entity. */
  $own: (Write | null)[];
}

export interface Request {
  from: number;
  key: number;
  writes: Write[];
}

export interface Result {
  write: Write;
  /** What is stored; null where the write was refused. */
  row: Row | null;
  code: "CLOCK_SKEW" | "INVALID_ITEM" | null;
  serverTime: number;
}

export interface Answer {
  to: number;
  key: number;
  results: Result[];
  head: number;
}

export interface Page {
  to: number;
  full: boolean;
  rows: { of: number; row: Row }[];
  through: number;
  timestamp: number;
  $held: number[];
}

export interface World {
  server: {
    rows: (Row | null)[];
    /** Of each entity the writer's act that is stored. */
    $ids: (string | null)[];
    /** Of each entity what that act followed (`Write.$after`). */
    $after: (string | null)[];
    /** Of each entity the latest unstamped write (ORD-013). */
    claims: (string | null)[];
    head: number;
    now: number;
    records: { request: Request; answer: Answer }[];
    /** Of a server that writes its record later. */
    unrecorded: { request: Request; answer: Answer }[];
  };
  devices: Device[];
  requests: Request[];
  answers: Answer[];
  pages: Page[];
  left: {
    writes: number;
    deletions: number;
    bad: number;
    ticks: number;
    setbacks: number;
    /** How often the server's clock may be set back; devices measure it at once. */
    rewinds: number;
    crashes: number;
    losses: number;
    copies: number;
    expiries: number;
    restarts: number;
  };
  /** How many writes there were. */
  $count: number;
  /** Acts that took effect, once for each time. */
  $effects: string[];
  /** Acts that the app was told are safe, and that have found no end yet. */
  $open: string[];
  /** The greatest stamp of each entity that the server took. */
  $greatest: (Stamp | null)[];
  $alarm: string | null;
}

export interface Setting {
  entities: number;
  /** Of each device: what its clock shows beyond the server's. */
  offsets: number[];
  /** `clockSkewMs`, in ticks. */
  skew: number;
  /** Of each device: whether its first pull is a full one. */
  fresh: boolean[];
  /** Deployed devices, whose writes have no stamp. */
  unstamped: boolean;
  /** What the server's clock shows at first, in ticks; default: 0. */
  now?: number;
  left: World["left"];
}

export type OutboxFault =
  | "queue-cleared-before-the-ack"
  | "outbox-in-memory"
  | "edit-joins-the-frozen-one"
  | "delete-cancels-the-create"
  | "stamp-by-the-clock-alone"
  | "stamp-ignores-what-is-in-flight"
  | "absence-is-not-seen"
  | "full-pull-without-later-deletions"
  | "ack-wins"
  | "remote-change-drops-the-edit"
  | "second-request-before-the-first-answer"
  | "key-changed-on-retry"
  | "refusal-not-recorded"
  | "restamps-the-whole-request"
  | "any-body-gets-the-first-answer"
  | "dead-letter-dropped"
  | "arrival-order-wins"
  | "tie-kept-local"
  | "cursor-by-the-push"
  | "record-after-the-answer"
  | "claim-not-kept"
  | "duplicate-counts-again"
  | "stamped-on-receipt"
  | "late-ack-passes-the-floor"
  | "absence-outlives-the-clock";

import type { Row } from "../row.ts";

/** A row of the log, and the connection whose own change it is. */
export interface Stored extends Row {
  from: number | null;
}

/** One frame on its way to the device. `lastSeq` stands for the envelope's `seq` too. */
export interface Frame {
  kind: "event" | "chunk" | "end" | "ack" | "deletion";
  rows: { of: number; row: Row }[];
  lastSeq: number | null;
}

export interface Connection {
  id: number;
  /** `quiet`: no catch-up asked for yet; `deaf`: caught up, and not subscribed to live events. */
  phase: "quiet" | "walk" | "deaf" | "live";
  /** The watermark. */
  place: number;
  frames: Frame[];
  /** Of servers that tell by pushing instead of reading the log: what waits to be sent. */
  waiting: { of: number; row: Stored }[];
}

export interface World {
  server: {
    rows: (Stored | null)[];
    head: number;
    /** Of a server that numbers first and stores later: numbered, not stored. */
    staged: { of: number; row: Stored }[];
  };
  connection: Connection | null;
  device: {
    confirmed: (Row | null)[];
    cursor: number;
    /** Whether this connection's catch-up has ended. */
    caughtUp: boolean;
    /** Own writes that are not acknowledged; `row` is what the server made of them. */
    outbox: { of: number; row: Row }[];
    /** Of a client that keeps cursor and rows apart: rows not yet kept. */
    unkept: { of: number; row: Row }[];
  };
  left: { writes: number; deletions: number; own: number; cuts: number; crashes: number; restarts: number };
  best: number[];
}

export interface Setting {
  entities: number;
  stored: number;
  /** A deployed client takes any `lastSeq` for its cursor (RT-024). */
  deployed: boolean;
  left: World["left"];
}

export type DeliveryFault =
  | "ack-carries-its-own-seq"
  | "cursor-by-the-ack"
  | "cursor-by-meta"
  | "cursor-apart-from-rows"
  | "welcome-carries-the-head"
  | "events-before-catch-up-carry-seq"
  | "chunk-carries-the-head"
  | "deletions-after-their-chunk"
  | "deletions-left-out"
  | "catch-up-before-subscribing"
  | "events-amid-catch-up"
  | "events-out-of-order"
  | "told-before-stored"
  | "numbered-before-stored"
  | "watermark-lost-at-restart"
  | "deaf-after-restart";

import type { JsonObject } from "../../schemas/json.ts";
import type { Stamp } from "../../spec/rules/stamp.ts";

/** How a write went out, or a state was read. By a client under test: `edit` is a call of its user's that resolved, `list` what it showed. */
export type Channel =
  | "push"
  | "batch"
  | "mutation"
  | "edit"
  | "full pull"
  | "delta pull"
  | "catch-up"
  | "list";

/** One change as its writer sent it. Its identity is the entity and the stamp; every written value is unique. */
export interface Written {
  /** `<entityType>/<entityId>`. */
  entity: string;
  stamp: Stamp;
  /** As it was sent; null for a deletion. */
  item: JsonObject | null;
}

/** An entity's state as the server told it, whether in an answer, in a pull or on a socket. */
export interface Seen {
  entity: string;
  stamp: Stamp;
  version: number;
  seq: number;
  /** As it was told; null for a deletion, undefined where only its `meta` was told. */
  item?: JsonObject | null;
}

/** What became of one change of an answered request, by the server's word. */
export interface Answered {
  outcome: "applied" | "duplicate" | "superseded" | "refused";
  /** The stored state after it; absent from a refusal. */
  stored?: Seen;
}

/**
 * One thing that a device did. Moments are numbers that only grow: what ended before another began lies before it.
 * - `ok`: answered; `results` or `read` says what
 * - `fail`: refused as a whole: it has no effect
 * - `unknown`: no answer was seen: it may have taken effect, or will
 */
export interface Operation {
  id: number;
  user: number;
  /** Unique in the history: "A1", "B2". */
  device: string;
  channel: Channel;
  began: number;
  /** Infinity where nothing came back. */
  ended: number;
  /** Since the history began, in ms. */
  beganMs: number;
  endedMs: number;
  outcome: "ok" | "fail" | "unknown";
  /** For `fail` and `unknown`: the status, or what happened to the answer. */
  why?: string;
  /** Of a write. */
  writes: readonly Written[];
  /** Of a write: copies of one request, the same key and body, have one number. */
  request?: number;
  /** It is a recorded answer: `X-Idempotent-Replay: true`. */
  replay?: boolean;
  /** Parallel to `writes`. */
  results?: readonly Answered[];
  /** Of a read. */
  read?: Read;
  /** Of a mutation or catch-up: the socket. */
  socket?: number;
  /** It belongs to the quiet end of the history: every write was answered before it began. */
  final?: boolean;
}

/** What a pull or catch-up brought. */
export interface Read {
  rows: readonly Seen[];
  /** Where in the log it began: the cursor of an earlier read of this device, or a seq; undefined: from nothing. */
  from?: string | number;
  /** The place in the log that it ended at, where the server told it as a number. */
  head?: number;
  pages: number;
}

/** One frame of the server on one socket, or a catch-up that was asked for there. */
export interface Frame {
  /** When it was noticed: no later than the next operation that began or ended. */
  at: number;
  type: string;
  rows: readonly Seen[];
  /** Envelope `seq` or `lastSeq`: everything up to it counts as told. */
  number?: number;
  /** In place of a frame: from here on what lies after this seq is asked for. */
  asked?: number;
}

/** What one socket was told. */
export interface Listening {
  id: number;
  user: number;
  device: string;
  opened: number;
  frames: Frame[];
  /** It was read to the end of the history, and a later write was waited for on it. */
  toTheEnd?: boolean;
  /** What was waited for on it at the end, in vain. */
  deaf?: string;
}

/** Everything that was seen: judged from this alone. */
export interface History {
  users: number;
  operations: Operation[];
  sockets: Listening[];
  /** What happened beside the operations, by name: "kill", "pause", …. */
  events: { at: number; what: string }[];
}

/** Writes a history down while it happens. */
export class Recorder {
  readonly history: History;
  readonly #watched: (() => void)[] = [];
  readonly #startedAt = performance.now();
  #now = 0;

  constructor(users: number) {
    this.history = { users, operations: [], sockets: [], events: [] };
  }

  /** Notices what has come on the sockets, then gives the next moment. */
  moment(): number {
    for (const look of this.#watched) look();
    return (this.#now += 1);
  }

  /** The moment that frames noticed now belong to. */
  get now(): number {
    return this.#now + 0.5;
  }

  /** `look` is called before every moment. */
  watch(look: () => void): void {
    this.#watched.push(look);
  }

  event(what: string): void {
    this.history.events.push({ at: this.moment(), what });
  }

  begin(
    what: Pick<Operation, "user" | "device" | "channel" | "writes" | "request" | "socket" | "final">,
  ): Operation {
    const began = this.moment();
    const ms = this.#ms();
    const operation: Operation = {
      ...what,
      id: this.history.operations.length + 1,
      began,
      ended: Number.POSITIVE_INFINITY,
      beganMs: ms,
      endedMs: ms,
      outcome: "unknown",
      why: "no answer yet",
    };
    this.history.operations.push(operation);
    return operation;
  }

  end(operation: Operation, how: Partial<Operation> & Pick<Operation, "outcome">): void {
    const ended = this.moment();
    Object.assign(operation, { why: undefined }, how, {
      ended: how.outcome === "unknown" ? Number.POSITIVE_INFINITY : ended,
      endedMs: this.#ms(),
    });
  }

  #ms(): number {
    return Math.round((performance.now() - this.#startedAt) * 10) / 10;
  }
}

/** Whether a read has all there is: what it has not is not there. */
export function isWhole({ channel, final }: Operation): boolean {
  return channel === "full pull" || (channel === "list" && final === true);
}

export function stampKey({ updatedAt, deleted, checksum }: Stamp): string {
  return `${updatedAt} ${deleted ? "deleted" : checksum}`;
}

/** What a connection is, as its socket keeps it: it outlives hibernation and eviction, unlike anything in memory. */
export interface ConnectionState {
  /** The `connectionId`. */
  id: string;
  user: string;
  /** When its token expires, Unix ms. */
  expiresAt: number;
  /** When the client was last heard, Unix ms. */
  heardAt: number;
  /** Unknown until the first message other than PING (RT-006). */
  peer: "unknown" | "announced" | "deployed";
  /** The log that it follows; null where the user had none yet. */
  epoch: string | null;
  /** Everything up to this `seq` has been told. */
  position: number;
  /** Whether `position` is a watermark: a catch-up has ended, and numbers go out (RT-023). */
  numbered: boolean;
  /** Present while a catch-up runs. */
  catchUp: CatchUp | null;
}

export interface CatchUp {
  /** Only what was received from this time on is asked for, Unix ms; null: everything. */
  receivedSince: number | null;
  /** Whether anything was told yet. */
  told: boolean;
}

/** A socket of the platform. The same socket is always the same object while the core is in memory. */
export interface Socket {
  /** What was saved last; undefined if it is lost. */
  load(): ConnectionState | undefined;
  save(state: ConnectionState): void;
  /** Never throws; what is sent to a socket that is gone is gone with it. */
  send(text: string): void;
  close(code: number, reason: string): void;
  /** When the platform last answered a PING by itself, in the server's time, Unix ms. */
  lastPing(): number | undefined;
}

/** The live sockets of a user. */
export interface Sockets {
  /** Those that are open. */
  all(): Socket[];
  /** Has {@link Hub.sweep} called at this time, Unix ms, or before. */
  wakeBy(time: number): Promise<void>;
  sleep(ms: number): Promise<void>;
  /** Keeps the object in memory until the work is done. */
  background(work: Promise<void>): void;
}

/** Who a token names, and until when, Unix ms. */
export interface Grant {
  user: string;
  expiresAt: number;
}

/** Throws a Problem for a token that is refused. */
export type VerifyToken = (token: string) => Promise<Grant>;

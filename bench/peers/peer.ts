import type { Subject } from "../../conformance/bench/result.ts";

/** What everyone writes: the members of a practice log's entry, about 200 bytes of JSON. */
export interface Entry {
  id: string;
  timestamp: string;
  duration: number;
  type: string;
  instrument: string;
  notes: string;
}

/** A sync engine that is measured: its server, and the client that comes with it. */
export interface Peer {
  /** `about` is the set-up; `durability` what an acknowledgement means in it. */
  subject: Subject;
  /** Starts its server in a process of its own, its data in `folder`. */
  start(folder: string): Promise<PeerServer>;
}

export interface PeerServer {
  /** `http://host:port`; a proxy in front of it may take its place in {@link device}. */
  url: string;
  /** Opens a new device of an account, its replica in memory; resolves when it is connected and has all that the account has. */
  device(account: string, url?: string): Promise<Device>;
  close(): Promise<void>;
}

/** One replica, and its client's connection. */
export interface Device {
  /** Writes entries, all at once where the client has a way to; resolves when the server has acknowledged them. */
  write(entries: readonly Entry[]): Promise<void>;
  /** Resolves when the replica has all of these entries. */
  has(ids: readonly string[]): Promise<void>;
  /** Ends the connection and keeps the replica. */
  disconnect(): Promise<void>;
  /** Connects again; resolves before or after it has caught up, {@link has} tells. */
  connect(): Promise<void>;
  close(): Promise<void>;
}

/** Wakes those who wait for entries whenever the replica has changed. */
export class Arrivals {
  readonly #has: (id: string) => boolean;
  readonly #waiting = new Set<{ missing: Set<string>; done: () => void }>();

  constructor(has: (id: string) => boolean) {
    this.#has = has;
  }

  of(ids: readonly string[]): Promise<void> {
    const missing = new Set(ids.filter((id) => !this.#has(id)));
    if (missing.size === 0) return Promise.resolve();
    return new Promise((done) => {
      this.#waiting.add({ missing, done });
    });
  }

  /** The replica has got this one. */
  arrived(id: string): void {
    for (const waiting of this.#waiting) {
      if (!waiting.missing.delete(id) || waiting.missing.size > 0) continue;
      this.#waiting.delete(waiting);
      waiting.done();
    }
  }
}

import type { Clock } from "../ports/clock.ts";

/** Counted since the client was opened (CLI-044). */
export interface MetricsSnapshot {
  totalSyncs: number;
  successfulSyncs: number;
  failedSyncs: number;
  /** Writes that lost against another device's. */
  conflicts: number;
  /** Of successful syncs, milliseconds. */
  averageLatency: number;
  /** Entities with writes that are not acknowledged. */
  queueSize: number;
  /** ISO 8601, or null. */
  lastSyncTime: string | null;
  connectionsOpened: number;
  connectionsLost: number;
  messagesSent: number;
  messagesReceived: number;
}

export type Health = "healthy" | "degraded" | "unhealthy";

/** Counts what the client does. */
export class Metrics {
  readonly #clock: Clock;
  #latencies = 0;
  readonly counts = {
    totalSyncs: 0,
    successfulSyncs: 0,
    failedSyncs: 0,
    conflicts: 0,
    lastSyncTime: null as string | null,
    connectionsOpened: 0,
    connectionsLost: 0,
    messagesSent: 0,
    messagesReceived: 0,
  };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one sync: a push, a pull as a whole, a catch-up. Passes on what it resolves or rejects with. */
  async sync<T>(act: () => Promise<T>): Promise<T> {
    const begun = this.#clock.monotonic();
    try {
      const result = await act();
      this.succeeded(begun);
      return result;
    } catch (error) {
      this.counts.totalSyncs++;
      this.counts.failedSyncs++;
      throw error;
    }
  }

  /** @param begun by the monotonic clock */
  succeeded(begun: number): void {
    const { counts } = this;
    counts.totalSyncs++;
    counts.successfulSyncs++;
    counts.lastSyncTime = new Date(this.#clock.now()).toISOString();
    this.#latencies += this.#clock.monotonic() - begun;
  }

  /** @param queueSize entities that wait, as the outbox knows */
  snapshot(queueSize: number): MetricsSnapshot {
    const { counts } = this;
    return { ...counts, averageLatency: this.#latencies / (counts.successfulSyncs || 1), queueSize };
  }
}

/** CLI-045. */
export function healthOf({ totalSyncs, successfulSyncs }: MetricsSnapshot): Health {
  const rate = totalSyncs === 0 ? 1 : successfulSyncs / totalSyncs;
  return rate > 0.95 ? "healthy" : rate > 0.8 ? "degraded" : "unhealthy";
}

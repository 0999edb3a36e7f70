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

type Count = "conflicts" | "connectionsOpened" | "connectionsLost" | "messagesSent" | "messagesReceived";

/** Counts what the client does. */
export class Metrics {
  readonly #clock: Clock;
  readonly #counts: Record<Count, number> = {
    conflicts: 0,
    connectionsOpened: 0,
    connectionsLost: 0,
    messagesSent: 0,
    messagesReceived: 0,
  };
  #successful = 0;
  #failed = 0;
  #latencies = 0;
  #lastSync: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(count: Count, by = 1): void {
    this.#counts[count] += by;
  }

  /** Counts one sync: a push, a pull as a whole, a catch-up. Passes on what it resolves or rejects with. */
  async sync<T>(act: () => Promise<T>): Promise<T> {
    const begun = this.#clock.monotonic();
    try {
      const result = await act();
      this.succeeded(this.#clock.monotonic() - begun);
      return result;
    } catch (error) {
      this.#failed++;
      throw error;
    }
  }

  succeeded(latency: number): void {
    this.#successful++;
    this.#latencies += latency;
    this.#lastSync = this.#clock.now();
  }

  /** @param queueSize entities that wait, as the outbox knows */
  snapshot(queueSize: number): MetricsSnapshot {
    return {
      totalSyncs: this.#successful + this.#failed,
      successfulSyncs: this.#successful,
      failedSyncs: this.#failed,
      averageLatency: this.#successful === 0 ? 0 : this.#latencies / this.#successful,
      queueSize,
      lastSyncTime: this.#lastSync === undefined ? null : new Date(this.#lastSync).toISOString(),
      ...this.#counts,
    };
  }
}

/** CLI-045. */
export function healthOf({ totalSyncs, successfulSyncs }: MetricsSnapshot): Health {
  const rate = totalSyncs === 0 ? 1 : successfulSyncs / totalSyncs;
  return rate > 0.95 ? "healthy" : rate > 0.8 ? "degraded" : "unhealthy";
}

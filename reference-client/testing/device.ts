import { onTestFinished, vi } from "vitest";
import { memoryStorage } from "../adapters/memory/storage.ts";
import { SyncClient } from "../client.ts";
import type { Options } from "../options.ts";
import type { Clock } from "../ports/clock.ts";
import { systemClock } from "../ports/clock.ts";
import { realtime } from "../sync/connection.ts";
import { tokenFor } from "./server.ts";
import { Wire } from "./wire.ts";

let users = 0;

/** A user that no other test has. */
export function newUser(): string {
  return `user-${process.pid}-${++users}`;
}

/** A client with the wire that it is on. */
export interface Device {
  client: SyncClient;
  wire: Wire;
}

/** Opens a client that is closed at the end of the test. */
export async function openDevice(url: string, user: string, options: Partial<Options> = {}): Promise<Device> {
  const wire = new Wire();
  const client = await SyncClient.open({
    url,
    user,
    token: () => tokenFor(user),
    storage: memoryStorage(),
    realtime: realtime({ openSocket: wire.openSocket }),
    fetch: wire.fetch,
    random: { fraction: () => 0.02, unique: () => crypto.randomUUID() },
    ...options,
  });
  onTestFinished(() => client.close());
  return { client, wire };
}

/** A clock that is wrong by so many milliseconds; `set` sets it anew. */
export function wrongClock(by: number): Clock & { set(by: number): void } {
  let wrong = by;
  return { ...systemClock, now: () => Date.now() + wrong, set: (next) => void (wrong = next) };
}

/** Waits until something holds. */
export function until(holds: () => void): Promise<void> {
  return vi.waitFor(holds, { timeout: 5_000, interval: 5 });
}

/** An entry as an app makes it. */
export function anEntry(notes = "slow"): {
  timestamp: string;
  duration: number;
  type: string;
  instrument: string;
  notes: string;
} {
  return {
    timestamp: "2026-03-01T09:30:00.000Z",
    duration: 30,
    type: "practice",
    instrument: "piano",
    notes,
  };
}

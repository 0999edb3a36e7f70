import type { SyncClient } from "../client.ts";
import type { Probe } from "./probe.ts";
import { type Snapshot, snapshotOf } from "./snapshot.ts";

/** What a panel shows: tells each snapshot, the present one first. Returns what ends it. */
export type Source = (show: (snapshot: Snapshot) => void) => () => void;

/** At most so often, so that a busy client is not slowed down by being looked at. Milliseconds. */
const PAUSE = 100;

/** Snapshots of a client in this process. */
export function sourceOf(client: SyncClient, probe?: Probe): Source {
  return (show) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let reading = false;
    let again = false;
    let ended = false;

    const read = async (): Promise<void> => {
      timer = undefined;
      reading = true;
      again = false;
      const snapshot = await snapshotOf(client, probe);
      reading = false;
      if (ended) return;
      show(snapshot);
      if (again) later();
    };
    const later = (): void => {
      again = reading;
      if (!ended && !reading) timer ??= setTimeout(() => void read(), PAUSE);
    };

    const stops = [
      client.subscribe(later),
      ...(["status", "nextAttempt", "pending", "deadLetter", "error", "settings"] as const).map((event) =>
        client.on(event, later),
      ),
      ...(probe ? [probe.listen(later)] : []),
    ];
    void read();
    return () => {
      ended = true;
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  };
}

import type { SyncClient } from "../../reference-client/index.ts";

const AT_ONCE = 200;

/** Writes `count` logbook entries, of which none is sent: the client's `autoSync` is `never`. */
export async function queue(client: SyncClient, count: number): Promise<void> {
  for (let number = 0; number < count;) {
    const writes = Array.from({ length: Math.min(AT_ONCE, count - number) }, () =>
      client.create("logbook_entry", {
        timestamp: new Date(1_700_000_000_000 + ++number * 60_000).toISOString(),
        duration: number % 120,
        type: "practice",
        instrument: "piano",
        notes: `Session ${number}: scales in thirds, slowly, then the second movement.`,
      }),
    );
    await Promise.all(writes);
  }
}

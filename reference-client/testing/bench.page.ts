import { browserTabs } from "../adapters/browser/tabs.ts";
import { indexedDbStorage } from "../adapters/indexeddb/storage.ts";
import { SyncClient, together } from "../index.ts";

/*
 * What bench.ts measures in a page. Blocked: the longest time for which the page could not have drawn or heard a click.
 */

interface Measured {
  /** Milliseconds from beginning to end. */
  took: number;
  /** Milliseconds of the longest gap between two turns of the event loop. */
  blocked: number;
}

async function measured(act: () => Promise<unknown>): Promise<Measured> {
  const { port1, port2 } = new MessageChannel();
  let [last, blocked, on] = [performance.now(), 0, true];
  const look = (): void => {
    const now = performance.now();
    blocked = Math.max(blocked, now - last);
    last = now;
  };
  port1.addEventListener("message", () => {
    look();
    if (on) port2.postMessage(null);
  });
  port1.start();
  port2.postMessage(null);
  const begun = performance.now();
  await act();
  look();
  on = false;
  return { took: performance.now() - begun, blocked };
}

const open = (url: string, token: string, user: string): Promise<SyncClient> =>
  SyncClient.open({
    url,
    user,
    token: () => token,
    storage: indexedDbStorage(),
    tabs: together(browserTabs()),
    settings: { autoSync: "never" },
  });

/** All rows of the user's database, as IndexedDB gives them at once. */
async function readRaw(user: string): Promise<number> {
  const asking = indexedDB.open(`mirubato-sync:${user}`);
  const database = await new Promise<IDBDatabase>((done) => {
    asking.addEventListener("success", () => done(asking.result));
  });
  const rows = database.transaction("rows").objectStore("rows").getAll();
  await new Promise((done) => {
    rows.addEventListener("success", done);
  });
  database.close();
  return rows.result.length;
}

async function bench(url: string, token: string, user: string, count: number) {
  const client = await open(url, token, user);
  for (let number = 0; number < count;) {
    const writes = Array.from({ length: Math.min(200, count - number) }, () =>
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
  const flush = await measured(() => client.flush());
  const left = client.pendingCount;
  await client.close();
  let shown = 0;
  const reopen = await measured(async () => {
    const again = await open(url, token, user);
    shown = again.list("logbook_entry").length;
    await again.close();
  });
  let rows = 0;
  const raw = await measured(async () => {
    rows = await readRaw(user);
  });
  return { flush, reopen, raw, left, shown, rows };
}

Object.assign(globalThis, { bench });

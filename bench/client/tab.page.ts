import { browserTabs } from "../../reference-client/adapters/browser/tabs.ts";
import { indexedDbStorage } from "../../reference-client/adapters/indexeddb/storage.ts";
import { SyncClient, together } from "../../reference-client/index.ts";
import { queue } from "./queue.ts";

/*
 * What chromium.ts measures in a page. Blocked: the longest time for which the page could not have drawn or heard a click.
 */

export interface Measured {
  /** Milliseconds from beginning to end. */
  took: number;
  /** Milliseconds of the longest time beyond its wait that a timer was kept waiting. */
  blocked: number;
}

export interface Round extends Record<"flush" | "pull" | "reopen" | "raw" | "rest", Measured> {
  /** How many are there, each to be as many as were written, but for `left`. */
  counts: Record<"left" | "rows" | "shown" | "pulled", number>;
}

/** Browsers let a timer that is set by a timer wait so long at least. */
const LOOK_EVERY = 4;

/** Looks by timers: what turns without a pause takes a core from what is measured. */
async function measured(act: () => Promise<unknown>): Promise<Measured> {
  let [last, blocked, on] = [performance.now(), 0, true];
  const look = (): void => {
    const now = performance.now();
    blocked = Math.max(blocked, now - last - LOOK_EVERY);
    last = now;
    if (on) setTimeout(look, LOOK_EVERY);
  };
  look();
  const begun = performance.now();
  await act();
  on = false;
  const took = performance.now() - begun;
  look();
  return { took, blocked };
}

const open = (url: string, token: string, user: string, prefix = "mirubato-sync"): Promise<SyncClient> =>
  SyncClient.open({
    url,
    user,
    token: () => token,
    storage: indexedDbStorage({ prefix }),
    tabs: together(browserTabs(prefix)),
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

/** One round with a user of its own; the page's databases stay behind. */
async function bench(url: string, token: string, user: string, count: number): Promise<Round> {
  const client = await open(url, token, user);
  await queue(client, count);
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
  const second = await open(url, token, user, "second");
  const pull = await measured(() => second.pull());
  const pulled = second.list("logbook_entry").length;
  await second.close();
  // The same machine in the same minute, doing nothing for the page.
  const rest = await measured(() => new Promise((resolve) => setTimeout(resolve, flush.took)));
  return { flush, pull, reopen, raw, rest, counts: { left, rows, shown, pulled } };
}

Object.assign(globalThis, { bench });

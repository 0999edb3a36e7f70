import { clientCheck } from "../../client-check.ts";
import { withEachSocket } from "../../clients/attempts.ts";
import { emptyOutbox, holdAnswers, pendingIds, settled } from "../../clients/outbox.ts";
import { pagesTold, withoutPulls } from "../../clients/situations.ts";
import { loseRequest } from "../../simulator/faults.ts";
import type { Simulator } from "../../simulator/simulator.ts";
import { catchesUpFromNothing } from "./catching-up.mutants.ts";
import { freezesInMemory } from "./unacknowledged.mutants.ts";
import { eachTabSyncs } from "./users.mutants.ts";
import { storesWritesALittleLater } from "./writing.mutants.ts";
import * as faulty from "./reloads.mutants.ts";

export const thereAfterAReload = clientCheck({
  id: "CLI-015/there-after-a-reload",
  name: "what was written just before the page is reloaded, without a network, is there after it, and is sent",
  brokenBy: [faulty.trustsItsBeacon, storesWritesALittleLater],
  needs: ["verb:reload"],
  async run(context) {
    const { open, simulator, other, expect, anEntry } = context;
    const app = await open();
    simulator.cutNetwork();
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) ids.push(await app.create("logbook_entry", anEntry()));
    ids.sort();
    await app.reload();

    const again = await app.reopen({ caughtUp: false });
    const there = (await again.list("logbook_entry")).map(({ id }) => String(id)).toSorted();
    expect.equal("entries after the reload", there, ids);
    expect.equal("entries that are pending after the reload", await pendingIds(again), ids);
    simulator.restoreNetwork();
    await emptyOutbox(context, again);
    const pulled = await other.pullAll();
    for (const id of ids) expect.live(pulled, id);
  },
});

export const frozenOverAReload = clientCheck({
  id: "CLI-019/frozen-over-a-reload",
  name: "what was under way when the page was reloaded goes out again under the same key with the same body, and its edit after it",
  brokenBy: [faulty.sendsItsQueueInABeacon, faulty.sendsAnewInABeacon, freezesInMemory],
  needs: ["verb:reload"],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    const release = holdAnswers(simulator);
    const id = await app.create("logbook_entry", anEntry({ notes: "first" }));
    const { seen: first } = await waitFor("the entry, sent", () => simulator.writesOf(id)[0]);
    await app.update("logbook_entry", id, { notes: "second" });
    const attempts = simulator.writesOf(id).length;
    await app.reload();

    const again = await app.reopen({ caughtUp: false });
    const { seen: next } = await waitFor(
      "another attempt, in the page's farewell or after it was reloaded",
      () => simulator.writesOf(id)[attempts],
    );
    expect.equal(`key of request ${next.n}, which repeats ${first.n}`, next.key, first.key);
    expect.equal(`body of request ${next.n}, which repeats ${first.n}`, next.json, first.json);
    release();
    await emptyOutbox(context, again);
    expect.equal("notes that the server has", expect.live(await other.pull(), id).item["notes"], "second");
  },
});

/** Sockets stay open, and nothing is told on them, of what was written neither. Returns what ends that for those to come. */
function withoutNews(simulator: Simulator): () => void {
  return withEachSocket(simulator, (socket) => {
    socket.passage = (frame) => (["WELCOME", "PONG"].includes(String(frame["type"])) ? [frame] : []);
  });
}

export const caughtUpAfterAReload = clientCheck({
  id: "CLI-037/after-a-reload",
  name: "a page that is reloaded catches up from where it was: what was on its way to it comes, and not the whole history again",
  brokenBy: [faulty.notesInItsFarewellWhatItHeardOf, catchesUpFromNothing],
  needs: ["verb:reload", "realtime"],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open({ realtime: true });
    const heard = anEntry();
    await other.push({ entries: [heard] });
    await waitFor("what another device wrote, in the app", () =>
      app.get("logbook_entry", String(heard["id"])),
    );
    // It is on its way when the page goes, and what is acknowledged meanwhile comes after it in the server's log.
    const letThrough = withoutNews(simulator);
    const missed = anEntry();
    const { seq } = (await other.push({ entries: [missed] })).body.results[0]!.meta!;
    const letIn = simulator.fault("pull", loseRequest, Infinity);
    await app.create("logbook_entry", anEntry());
    await waitFor("an empty outbox", settled(app));
    await app.reload();
    letThrough();
    letIn();
    // So that it is the socket that has to bring it, where the client does not pull first.
    const bringBack = withoutPulls(simulator);

    const known = simulator.sockets.length;
    const again = await app.reopen({ caughtUp: false });
    const { lastSeq } = await waitFor("SYNC_REQUEST on a socket after the reload", () =>
      simulator.sockets
        .slice(known)
        .flatMap(({ sent }) => sent)
        .find(({ type }) => type === "SYNC_REQUEST"),
    );
    const most = Math.max(seq - 1, ...pagesTold(simulator).map(({ body }) => body.lastSeq ?? 0));
    expect.ok(
      `lastSeq of SYNC_REQUEST after the reload is a cursor that was stored: 1 at least, and ${most}, up to which the client has been told everything, at most`,
      typeof lastSeq === "number" && lastSeq >= 1 && lastSeq <= most,
      lastSeq ?? "none: the whole history again",
    );
    bringBack();
    await waitFor("what was on its way when the page was reloaded, in the app", () =>
      again.get("logbook_entry", String(missed["id"])),
    );
  },
});

export const oneOfTwoTabs = clientCheck({
  id: "CLI-048/one-of-two-is-reloaded",
  name: "of two tabs one is reloaded while a push is under way: the other one sends it again as it was, and both hold one connection",
  brokenBy: [faulty.takesTheLockAlong, eachTabSyncs],
  needs: ["verb:reload", "tabs", "realtime"],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor, pass } = context;
    const first = await open({ realtime: true });
    const { storage, token } = first.opening;
    const second = await open({ storage, token, realtime: true, beside: first, caughtUp: false });
    const [release, letThrough] = [holdAnswers(simulator), withoutNews(simulator)];
    const id = await second.create("logbook_entry", anEntry());
    // A client that sends over sockets comes to that after some seconds without an answer.
    await waitFor("the entry, sent", () => simulator.writesOf(id)[0]);
    await first.reload();
    letThrough();
    release();
    await emptyOutbox(context, second);

    const back = await first.reopen({ caughtUp: false });
    const later = await back.create("logbook_entry", anEntry());
    for (const tab of [second, back]) await emptyOutbox(context, tab);
    for (const one of [id, later]) {
      const keys = new Set(simulator.writesOf(one).map(({ seen }) => seen.key));
      expect.ok(`requests that carried ${one} have one key`, keys.size <= 1, [...keys]);
      expect.live(await other.pull(), one);
    }
    const news = anEntry();
    await other.push({ entries: [news] });
    for (const tab of [second, back])
      await waitFor("what another device wrote, in both tabs", () =>
        tab.get("logbook_entry", String(news["id"])),
      );
    await pass(3);
    await waitFor("no more than one socket of two tabs", () => simulator.open.length <= 1, { seconds: 1 });
  },
});

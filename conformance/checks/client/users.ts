import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import type { SeenSocket } from "../../simulator/socket.ts";
import { decodeJwt } from "../../wire/jwt.ts";
import { isWrite } from "../../simulator/seen.ts";
import { demandDuration } from "../../clients/attempts.ts";
import { carriedInFrames, emptyOutbox } from "../../clients/outbox.ts";
import * as faulty from "./users.mutants.ts";

/** A second tab of the same user, on the same storage. It need not fetch anything itself. */
function tabOf({ open }: ClientContext, app: App): Promise<App> {
  const { storage, token, realtime } = app.opening;
  return open({ storage, token, realtime, beside: app, caughtUp: false });
}

/** What waits, in any order. */
async function waiting(app: App): Promise<string[]> {
  return (await app.pending()).map(({ id }) => id).toSorted();
}

export const oneOutbox = clientCheck({
  id: "CLI-048/one-outbox",
  name: "two tabs show the same waiting writes, and each goes out in one request",
  brokenBy: [faulty.eachTabHasItsOwnOutbox, faulty.showsEachTabItsOwnWrites],
  needs: ["tabs"],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor, pass } = context;
    const first = await open();
    simulator.cutNetwork();
    const ids = [await first.create("logbook_entry", anEntry())];
    const second = await tabOf(context, first);
    ids.push(await second.create("logbook_entry", anEntry()));
    ids.push(await first.create("logbook_entry", anEntry()));
    ids.sort();
    for (const [tab, name] of [
      [first, "first"],
      [second, "second"],
    ] as const) {
      await waitFor(`${ids.length} waiting writes in the ${name} tab`, async () => {
        return (await waiting(tab)).join() === ids.join();
      });
      const shown = (await tab.list("logbook_entry")).map(({ id }) => String(id)).toSorted();
      expect.equal(`entries in the ${name} tab`, shown, ids);
    }

    simulator.restoreNetwork();
    for (const tab of [first, second])
      await waitFor("an empty outbox", async () => (await tab.pendingCount()) === 0);
    await pass(3);
    for (const id of ids) {
      const judged = simulator.writesOf(id).filter(({ seen }) => seen.fate === "answered");
      // What got no answer is sent again under its key; two that flush have two.
      expect.equal(
        `requests that were answered and carried ${id}`,
        new Set(judged.map(({ seen }) => seen.key)).size,
        1,
      );
      expect.live(await other.pull(), id);
    }
  },
});

/** A request may be sent again after some time without an answer, 30 s as a rule: what comes so soon is no such retry. */
const SOON = 20;

export const oneFlush = clientCheck({
  id: "CLI-048/one-flush",
  name: "a tab that is opened while another one's push is under way does not send the same once more",
  brokenBy: [faulty.eachTabSyncs, faulty.flushesWhatItFindsAtStart],
  needs: ["tabs"],
  async run(context) {
    const { open, simulator, anEntry, seconds, waitFor, pass } = context;
    const first = await open();
    let answer = (): void => {};
    const until = new Promise<void>((resolve) => (answer = resolve));
    simulator.fault(isWrite, { do: "delay-answer", until }, Infinity);
    const id = await first.create("logbook_entry", anEntry());
    const under = await waitFor("a push", () => simulator.writesOf(id)[0]?.seen);
    const second = await tabOf(context, first);
    await pass(3);
    const soon = simulator.writesOf(id).filter(({ seen }) => seen.at < under.at + seconds(SOON));
    demandDuration(
      `one request carries ${id} within ${SOON} s, as none has an answer yet`,
      soon.length === 1,
      soon.map(({ seen }) => `request ${seen.n}`),
    );
    simulator.heal();
    answer();
    for (const tab of [first, second])
      await waitFor("an empty outbox", async () => (await tab.pendingCount()) === 0);
  },
});

export const oneSocket = clientCheck({
  id: "CLI-048/one-connection",
  name: "two tabs hold one connection, and when the tab that holds it is closed the other one takes over",
  brokenBy: [faulty.eachTabSyncs, faulty.eachTabHasItsOwnOutbox, faulty.nobodyInheritsTheLead],
  needs: ["tabs", "realtime"],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor, pass } = context;
    const first = await open({ realtime: true });
    const second = await tabOf(context, first);
    // What the second tab needs is there when it shows what others write.
    const told = anEntry();
    await other.push({ entries: [told] });
    for (const tab of [first, second])
      await waitFor("what another device wrote, in both tabs", () =>
        tab.get("logbook_entry", told["id"] as string),
      );
    await pass(3);
    expect.ok("two tabs hold one socket", simulator.open.length <= 1, `${simulator.open.length} sockets`);

    const mine = await second.create("logbook_entry", anEntry());
    await waitFor(
      "the second tab's write, sent",
      () =>
        simulator.writesOf(mine).some(({ seen }) => seen.fate === "answered") ||
        carriedInFrames(simulator, [mine]).length > 0,
    );
    await first.close();
    await waitFor(
      "one socket after the first tab was closed",
      () => simulator.open.some(isGreeted) && simulator.open.length === 1,
    );
    const later = await second.create("logbook_entry", anEntry());
    await waitFor("an empty outbox in the tab that is left", async () => (await second.pendingCount()) === 0);
    expect.live(await other.pull(), later);
    const news = anEntry();
    await other.push({ entries: [news] });
    await waitFor("what another device wrote, in the tab that is left", () =>
      second.get("logbook_entry", news["id"] as string),
    );
  },
});

const isGreeted = ({ received }: SeenSocket): boolean => received.length > 0;

/** Whose token a request or socket came with. */
function userOf(token: string | undefined): unknown {
  return token === undefined ? undefined : decodeJwt(token)?.claims["sub"];
}

/** Nothing that carried one of these entities came with another user's token. */
function demandOwnTokens({ simulator, expect }: ClientContext, user: string, ids: readonly string[]): void {
  for (const id of ids) {
    for (const { seen } of simulator.writesOf(id))
      expect.ok(
        `request ${seen.n}, which carries ${id} of the one user, has that user's token`,
        userOf(seen.token) === user,
        "it has another user's",
      );
    for (const { token, frames } of simulator.sockets) {
      if (userOf(token) === user) continue;
      const frame = frames.find(({ from, text }) => from === "client" && text.includes(id));
      expect.ok(`no socket of another user carries ${id}`, frame === undefined, frame?.text);
    }
  }
}

/** A client of one user that has two writes and could not send them. */
async function withWritesThatWait({ open, simulator, anEntry, aGoal, waitFor }: ClientContext) {
  const app = await open();
  simulator.cutNetwork();
  const ids = [await app.create("logbook_entry", anEntry()), await app.create("goal", aGoal())];
  await waitFor("an attempt to send", () => ids.some((id) => simulator.writesOf(id).length > 0));
  return { app, ids };
}

/** Another user of the same device: sees nothing of the first, sends nothing of the first, and own writes arrive. */
async function anotherUser(context: ClientContext, app: App, ids: readonly string[]): Promise<App> {
  const { open, simulator, expect, anEntry, unique, waitFor, pass } = context;
  simulator.restoreNetwork();
  const next = await open({ user: unique("user"), storage: app.opening.storage, beside: app });
  expect.equal("waiting writes of a user who has just signed in", await next.pending(), []);
  expect.equal("goals of a user who has just signed in", await next.list("goal"), []);
  const own = await next.create("logbook_entry", anEntry());
  await waitFor("an empty outbox", async () => (await next.pendingCount()) === 0);
  await pass(35);
  demandOwnTokens(context, app.user, ids);
  expect.ok("the second user's own write was sent", simulator.writesOf(own).length > 0);
  return next;
}

export const nextUser = clientCheck({
  id: "CLI-049/next-user-of-the-device",
  name: "what one user wrote is not sent by the next user of the device, and waits for the first one",
  brokenBy: [faulty.keepsOneStoreForAllUsers],
  secondMs: 10,
  async run(context) {
    const { other, expect, waitFor } = context;
    const { app, ids } = await withWritesThatWait(context);
    await app.close();
    const next = await anotherUser(context, app, ids);
    await next.close();

    const back = await app.reopen();
    await waitFor("an empty outbox", async () => (await back.pendingCount()) === 0);
    demandOwnTokens(context, app.user, ids);
    const pulled = await other.pull();
    for (const id of ids) expect.live(pulled, id);
  },
});

export const signingOut = clientCheck({
  id: "CLI-049/signing-out",
  name: "after signing out with writes that wait, the next user's token carries none of them",
  brokenBy: [faulty.keepsOneStoreForAllUsers],
  needs: ["verb:sign-out"],
  secondMs: 10,
  async run(context) {
    const { app, ids } = await withWritesThatWait(context);
    await app.signOut();
    await app.close().catch(() => {});
    await anotherUser(context, app, ids);
  },
});

export const keptThroughSigningOut = clientCheck({
  id: "CLI-018/kept-through-signing-out",
  name: "what a user wrote and could not send is sent when they sign in again on that device",
  brokenBy: [faulty.emptiesItsOutboxAtSignOut],
  needs: ["verb:sign-out"],
  secondMs: 20,
  async run(context) {
    const { other, expect, simulator, tokens, unique } = context;
    const { app, ids } = await withWritesThatWait(context);
    await app.signOut();
    await app.close().catch(() => {});
    simulator.restoreNetwork();
    const token = await tokens.forge({ claims: { jti: unique("token") } });
    const back = await app.reopen({ token, caughtUp: false });
    await emptyOutbox(context, back);
    const pulled = await other.pullAll();
    for (const id of ids) expect.live(pulled, id);
  },
});

export const anotherUsersToken = clientCheck({
  id: "CLI-049/another-users-token",
  name: "a client that is given another user's token sends nothing with it, and goes on with the right one",
  brokenBy: [faulty.takesAnyToken, faulty.comparesTheIssuerOnly],
  needs: ["verb:set-token"],
  secondMs: 10,
  async run(context) {
    const { simulator, tokens, other, expect, unique, waitFor, pass } = context;
    const { app, ids } = await withWritesThatWait(context);
    // Rejected or passed over: the client's own affair.
    await app.rejects(app.setToken(await tokens.valid(unique("user"))));
    simulator.restoreNetwork();
    await pass(65);
    demandOwnTokens(context, app.user, ids);
    await app.setToken(await tokens.forge({ claims: { jti: unique("token") } }));
    await waitFor(
      "an empty outbox with a token of the right user",
      async () => (await app.pendingCount()) === 0,
    );
    demandOwnTokens(context, app.user, ids);
    const pulled = await other.pull();
    for (const id of ids) expect.live(pulled, id);
  },
});

export const anotherUsersTokenAfterSigningOut = clientCheck({
  id: "CLI-049/token-after-signing-out",
  name: "a client whose user signed out sends nothing with the token of whoever signs in next",
  brokenBy: [faulty.takesAnyTokenAfterSigningOut, faulty.takesAnyToken],
  needs: ["verb:sign-out", "verb:set-token"],
  secondMs: 10,
  async run(context) {
    const { simulator, tokens, unique, pass } = context;
    const { app, ids } = await withWritesThatWait(context);
    await app.signOut();
    await app.rejects(app.setToken(await tokens.valid(unique("user"))));
    simulator.restoreNetwork();
    await pass(65);
    demandOwnTokens(context, app.user, ids);
  },
});

import type { JsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import type { ClientCheck, ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import {
  comes,
  expireCursors,
  hasPulledInFull,
  keepsUp,
  lastSeen,
  pagesTold,
  withoutPulls,
  writing,
  notItsWay,
} from "../../clients/situations.ts";
import type { ClientMutant } from "../../model-client/mutant.ts";
import { loseRequest } from "../../simulator/faults.ts";
import type { SeenRequest } from "../../simulator/seen.ts";
import type { SeenSocket } from "../../simulator/socket.ts";
import * as faulty from "./cursors.mutants.ts";

const settled = (app: App) => async (): Promise<boolean> => (await app.pendingCount()) === 0;
const sinceOf = ({ json }: SeenRequest): unknown =>
  (json as { since?: unknown } | undefined)?.since ?? undefined;

/** Each cursor that the client pulled with was given to it by a pull. */
function demandCursorsOfPulls({ simulator, expect }: ClientContext): void {
  const pages = pagesTold(simulator);
  for (const seen of simulator.calls("pull")) {
    const since = sinceOf(seen);
    if (since === undefined) continue;
    const given = pages.some(({ seen: told, body }) => told.endedAt! <= seen.at && body.syncToken === since);
    expect.ok(
      `the cursor of pull ${seen.n} is one that a pull gave: a push, a batch or a status says where the server is, not what this client has`,
      given,
      since,
    );
  }
}

/** Another device's entry that no pull and no socket has told the client. */
async function anEntryUnheard({ other, anEntry }: ClientContext): Promise<{ id: string; seq: number }> {
  const entry = anEntry();
  const { body } = await other.push({ entries: [entry] });
  return { id: String(entry["id"]), seq: body.results[0]!.meta!.seq };
}

export const notByAPush = clientCheck({
  id: "CLI-010/not-by-a-push",
  name: "the syncToken of a push moves no cursor: what another device wrote before it still comes",
  secondMs: 20,
  brokenBy: [faulty.takesThePushsToken],
  async run(context) {
    const { open, simulator, anEntry, waitFor } = context;
    const app = await open();
    const bringBack = withoutPulls(simulator);
    const { id } = await anEntryUnheard(context);
    await app.create("logbook_entry", anEntry());
    await waitFor("an empty outbox", settled(app));
    bringBack();
    const mark = lastSeen(simulator);
    await waitFor("a pull", () => pagesTold(simulator, mark)[0]);
    demandCursorsOfPulls(context);
    await waitFor(`${id}, which another device wrote before the push, in the list`, () =>
      app.get("logbook_entry", id),
    );
  },
});

export const notByAStatus = clientCheck({
  id: "CLI-010/not-by-a-status",
  name: "the syncToken of a status moves no cursor",
  needs: ["realtime"],
  secondMs: 10,
  brokenBy: [faulty.takesTheStatusToken],
  async run(context) {
    const { open, simulator, waitFor } = context;
    const app = await open({ realtime: true });
    const bringBack = withoutPulls(simulator);
    // Sockets stay away, so that a pull has to bring what another device writes.
    simulator.failUpgrades("drop", Infinity);
    simulator.socket!.cut();
    const { id } = await anEntryUnheard(context);
    await comes(context, () => simulator.calls("status").some(({ told }) => told), 40);
    bringBack();
    const mark = lastSeen(simulator);
    await waitFor("a pull", () => pagesTold(simulator, mark)[0], { seconds: 90 });
    demandCursorsOfPulls(context);
    await waitFor(`${id} in the list`, () => app.get("logbook_entry", id));
  },
});

/** The place from which a new socket's catch-up is asked for is before what the client has not been told. */
async function demandCatchUpFromBefore(
  context: ClientContext,
  app: App,
  { unheard, sockets, pages }: { unheard: { id: string; seq: number }; sockets: number; pages: number },
): Promise<void> {
  const { simulator, expect, waitFor } = context;
  const requestOf = ({ sent }: SeenSocket) => sent.find(({ type }) => type === "SYNC_REQUEST");
  const request = await waitFor(
    "a SYNC_REQUEST on the next socket",
    () => simulator.sockets.slice(sockets).map(requestOf).find(Boolean),
    { seconds: 90 },
  );
  if (pagesTold(simulator).length === pages) {
    const { lastSeq } = request;
    expect.ok(
      `lastSeq of the catch-up, if there is one, is less than ${unheard.seq}, the seq of ${unheard.id}, of which the client has heard nothing: an acknowledgement says nothing of what is before it`,
      typeof lastSeq !== "number" || lastSeq < unheard.seq,
      lastSeq ?? "absent",
    );
  }
  await waitFor(`${unheard.id} in the list`, () => app.get("logbook_entry", unheard.id));
}

export const notByAnAcknowledgement = clientCheck({
  id: "CLI-010/not-by-an-acknowledgement",
  name: "the seq of its own write, which a push answered, is not where the next catch-up begins",
  needs: ["realtime"],
  secondMs: 20,
  brokenBy: [faulty.takesTheSeqOfItsAcknowledgement],
  async run(context) {
    const { open, simulator, anEntry, waitFor } = context;
    const app = await open({ realtime: true });
    const pages = pagesTold(simulator).length;
    const bringBack = withoutPulls(simulator);
    simulator.failUpgrades("drop", Infinity);
    simulator.socket!.cut();
    const unheard = await anEntryUnheard(context);
    await app.create("logbook_entry", anEntry());
    await waitFor("an empty outbox", settled(app));
    simulator.heal();
    // A fault for pulls again: it was healed as well.
    const stillNot = withoutPulls(simulator);
    const sockets = simulator.sockets.length;
    await demandCatchUpFromBefore(context, app, { unheard, sockets, pages });
    bringBack();
    stillNot();
  },
});

export const notByAnAcknowledgementOnASocket = clientCheck({
  id: "CLI-010/not-by-an-acknowledgement-on-a-socket",
  name: "the seq in an acknowledgement on a socket is not where the next catch-up begins",
  needs: ["realtime", "socketMutations"],
  secondMs: 20,
  brokenBy: [faulty.takesTheSeqOfItsAcknowledgement],
  async run(context) {
    const { open, simulator, anEntry, waitFor } = context;
    const app = await open({ realtime: true });
    const pages = pagesTold(simulator).length;
    withoutPulls(simulator);
    const socket = simulator.socket!;
    // The server tells the own write first, as it may without lastSeq, and the connection breaks before the rest.
    socket.passage = (frame) => {
      const { lastSeq: _lastSeq, ...told } = frame;
      return told["type"] === "SYNC_RESPONSE" && "clientChangeId" in told ? [told] : [];
    };
    const unheard = await anEntryUnheard(context);
    await app.create("logbook_entry", anEntry());
    await waitFor("an empty outbox", settled(app));
    const sockets = simulator.sockets.length;
    socket.cut();
    await demandCatchUpFromBefore(context, app, { unheard, sockets, pages });
  },
});

/** Killed as soon as it was told something: what its cursor claims then is there. */
function killedWhenTold(
  { slug, name, realtime }: { slug: string; name: string; realtime: boolean },
  brokenBy: readonly ClientMutant[],
): ClientCheck {
  return clientCheck({
    id: `CLI-010/${slug}`,
    name,
    needs: realtime ? ["kill", "realtime"] : ["kill"],
    secondMs: 20,
    brokenBy,
    async run(context) {
      const { open, simulator, expect, waitFor, pass, random } = context;
      let app = await open({ realtime });
      await keepsUp(context, app);
      const ids: string[] = [];
      let letThrough = (): void => {};
      for (let round = 0; round < 3; round += 1) {
        await app.kill();
        const { id } = await anEntryUnheard(context);
        ids.push(id);
        const isTold = (): boolean =>
          realtime
            ? simulator.socket!.received.some((message) => JSON.stringify(message).includes(id))
            : pagesTold(simulator).some(({ body }) => body.entries.some((entry) => entry["id"] === id));
        // Its sockets shall tell it, and no pull beside them.
        if (realtime) letThrough = withoutPulls(simulator);
        app = await app.reopen({ caughtUp: false });
        await waitFor(`${id}, told`, isTold);
        // At once, or some milliseconds later.
        if (round > 0) await pass(random() / 4);
        await app.kill();
        app = await app.reopen();
        if (round < 2) letThrough();
      }
      // Nor shall a pull make good in the end what was lost.
      if (realtime) simulator.fault("pull", loseRequest, Infinity);
      await keepsUp(context, app);
      // What was live comes before the catch-up that was under way has been taken in.
      let there: unknown[] = [];
      const all = async (): Promise<boolean> => {
        there = (await app.list("logbook_entry")).map((item) => item["id"]);
        return ids.every((id) => there.includes(id));
      };
      await comes(context, all, 10, { patient: true });
      expect.equal(
        "entries, of those that were told before a kill, which are in the list in the end; the others the cursor claims to have",
        ids.filter((id) => there.includes(id)),
        ids,
      );
    },
  });
}

export const killedAfterAPage = killedWhenTold(
  {
    slug: "killed-after-a-page",
    name: "a client that is killed when a page has come has its rows or not its cursor",
    realtime: false,
  },
  [faulty.storesTheCursorFirst],
);

export const killedAfterAChunk = killedWhenTold(
  {
    slug: "killed-after-a-chunk",
    name: "a client that is killed when a chunk has come has its rows or not its number",
    realtime: true,
  },
  [faulty.storesAChunksNumberFirst],
);

/** Pages of full pulls that were not the last. */
const unfinished = (context: Pick<ClientContext, "simulator">) =>
  pagesTold(context.simulator).filter(({ body }) => body.mode === "full" && body.hasMore);

/** Seven entries of another device, in pages of two. */
async function sevenEntries({ other, anEntry }: ClientContext): Promise<string[]> {
  const entries = Array.from({ length: 7 }, () => anEntry());
  for (const entry of entries) await other.push({ entries: [entry] });
  return entries.map(({ id }) => String(id));
}

async function demandSameEntries({ other, expect }: ClientContext, app: App, what: string): Promise<void> {
  const live = (await other.pullAll()).final.filter(
    ({ meta }) => meta.entityType === "logbook_entry" && meta.deletedAt === null,
  );
  const shown = (await app.list("logbook_entry")).map(({ id }) => String(id));
  expect.equal(what, shown.toSorted(), live.map(({ meta }) => meta.entityId).toSorted());
}

export const closedAmidAFullPull = clientCheck({
  id: "CLI-011/closed-amid-a-full-pull",
  name: "a client that was closed before its full pull had ended begins anew, and does not go on from a page's token",
  secondMs: 20,
  server: { limits: { maxPageSize: 2 } },
  brokenBy: [faulty.keepsTheTokenOfEachPage, faulty.takesTheRestForTheWhole],
  async run(context) {
    const { open, simulator, other, expect, aDeletion, now, waitFor } = context;
    await sevenEntries(context);
    const interrupt = simulator.fault(
      (seen) => seen.call === "pull" && sinceOf(seen) !== undefined,
      loseRequest,
      Infinity,
    );
    const app = await open({ caughtUp: false });
    await waitFor("a page of a full pull", () => pagesTold(simulator)[0]);
    if (!(await comes(context, () => unfinished(context)[0], 5)))
      notItsWay("the client pulls without a limit");
    await waitFor("the request for the next page", () =>
      simulator.calls("pull").find(({ fate }) => fate === "lost"),
    );
    await app.close();
    const tokens = new Set(unfinished(context).map(({ body }) => body.syncToken));
    // What the first page told is deleted before the client comes back.
    const gone = unfinished(context)[0]!.body.entries[0];
    if (gone) await other.push({ entries: [aDeletion(gone, { deletedAt: new Date(now()).toISOString() })] });
    const mark = lastSeen(simulator);
    interrupt();
    const again = await app.reopen();
    const wrong = simulator.calls("pull").find((seen) => seen.n > mark && tokens.has(String(sinceOf(seen))));
    expect.equal(
      "pulls after the restart that went on from a token of the unfinished full pull",
      wrong ? [`pull ${wrong.n}`] : [],
      [],
    );
    await keepsUp(context, again);
    await demandSameEntries(context, again, "entries in the list after the full pull");
  },
});

export const interruptedFullPull = clientCheck({
  id: "CLI-011/interrupted-full-pull",
  name: "after a full pull that the network interrupted the client has what the server has, no more and no less",
  secondMs: 10,
  server: { limits: { maxPageSize: 2 } },
  brokenBy: [faulty.keepsTheTokenOfEachPage, faulty.takesTheRestForTheWhole],
  async run(context) {
    const { open, simulator, other, aDeletion, now, waitFor } = context;
    const ids = await sevenEntries(context);
    const app = await open();
    await keepsUp(context, app);
    const mark = lastSeen(simulator);
    // The second page does not come, for some attempts.
    const interrupt = simulator.fault(
      (seen) =>
        seen.call === "pull" &&
        pagesTold(simulator, mark).some(({ body }) => body.hasMore && body.syncToken === sinceOf(seen)),
      loseRequest,
      Infinity,
    );
    expireCursors(simulator);
    const deletedAt = new Date(now()).toISOString();
    for (const id of [ids[0]!, ids[5]!]) await other.push({ entries: [aDeletion(id, { deletedAt })] });
    await waitFor("a page of a full pull", () => pagesTold(simulator, mark)[0]);
    const isInterrupted = (): boolean =>
      simulator.calls("pull").some(({ n, fate }) => n > mark && fate === "lost");
    if (!(await comes(context, isInterrupted, 5))) notItsWay("the client pulls without a limit");
    interrupt();
    await waitFor("the end of a full pull", () => hasPulledInFull(simulator, mark), { seconds: 90 });
    await keepsUp(context, app);
    await demandSameEntries(context, app, "entries in the list after the full pull");
  },
});

export const catchUpAmidAFullPull = clientCheck({
  id: "CLI-011/catch-up-amid-a-full-pull",
  name: "a catch-up that begins before the first full pull has ended asks for everything, not for what is after a page",
  secondMs: 20,
  needs: ["realtime"],
  server: { limits: { maxPageSize: 2 } },
  brokenBy: [faulty.catchesUpFromThePage],
  async run(context) {
    const { open, simulator, expect, waitFor } = context;
    await sevenEntries(context);
    const interrupt = simulator.fault(
      (seen) => seen.call === "pull" && sinceOf(seen) !== undefined,
      loseRequest,
      Infinity,
    );
    const app = await open({ realtime: true, caughtUp: false });
    const request = (): JsonObject | undefined =>
      simulator.socket?.sent.find(({ type }) => type === "SYNC_REQUEST");
    // One that pulls before it catches up waits for its pages.
    if (!(await comes(context, request, 10))) interrupt();
    const { lastSeq } = await waitFor("a SYNC_REQUEST", request);
    const isInTime = !pagesTold(simulator).some(({ body }) => body.through !== undefined);
    if (isInTime)
      expect.ok(
        "lastSeq of the first catch-up is absent, or 0: no full pull has ended yet",
        lastSeq === undefined || lastSeq === null || lastSeq === 0,
        lastSeq,
      );
    interrupt();
    await keepsUp(context, app);
    await demandSameEntries(context, app, "entries in the list after the first catch-up");
  },
});

function fullPullOn(
  code: "CURSOR_EXPIRED" | "CURSOR_MISMATCH",
  slug: string,
  brokenBy: readonly ClientMutant[],
): ClientCheck {
  return clientCheck({
    id: `CLI-014/${slug}`,
    name: `on ${code} the client makes a full pull, and what waits in its outbox is kept and sent`,
    secondMs: 10,
    brokenBy,
    async run(context) {
      const { open, simulator, other, expect, anEntry, waitFor } = context;
      const app = await open();
      const letThrough = simulator.fault(writing(), loseRequest, Infinity);
      const id = await app.create("logbook_entry", anEntry());
      const mark = lastSeen(simulator);
      const heal = expireCursors(simulator, code);
      await waitFor(`the end of a full pull after ${code}`, () => hasPulledInFull(simulator, mark));
      await keepsUp(context, app);
      expect.equal("pending after the full pull", await app.pending(), [{ type: "logbook_entry", id }]);
      expect.ok(`${id}, which waits, is in the list`, (await app.get("logbook_entry", id)) !== undefined);
      letThrough();
      await waitFor("an empty outbox", settled(app));
      expect.live(await other.pull(), id);
      heal();
    },
  });
}

export const onCursorExpired = fullPullOn("CURSOR_EXPIRED", "cursor-expired", [
  faulty.asksWithTheSameCursorAgain,
  faulty.beginsWithNothing,
]);

export const onCursorMismatch = fullPullOn("CURSOR_MISMATCH", "cursor-mismatch", [
  faulty.stopsOnAMismatch,
  faulty.beginsWithNothing,
]);

import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import {
  comes,
  demandNews,
  hasPulledInFull,
  lastSeen,
  notItsWay,
  pagesTold,
  tellInFullAlone,
} from "../../clients/situations.ts";
import { loseRequest } from "../../simulator/faults.ts";
import { sinceOf } from "../../simulator/seen.ts";
import * as faulty from "./cursors-unfinished.mutants.ts";

/** Pages of full pulls that were not the last. */
const unfinished = (context: Pick<ClientContext, "simulator">) =>
  pagesTold(context.simulator).filter(({ body }) => body.mode === "full" && body.hasMore);

/** Seven entries of another device, in pages of two. */
async function sevenEntries({ other, anEntry }: ClientContext): Promise<string[]> {
  const entries = Array.from({ length: 7 }, () => anEntry());
  for (const entry of entries) await other.push({ entries: [entry] });
  return entries.map(({ id }) => String(id));
}

async function demandSameEntries(context: ClientContext, app: App, what: string): Promise<void> {
  const { other, expect } = context;
  const live = (await other.pullAll()).final.filter(
    ({ meta }) => meta.entityType === "logbook_entry" && meta.deletedAt === null,
  );
  const wanted = live.map(({ meta }) => meta.entityId).toSorted();
  let shown: string[] = [];
  // What is live may have come before the pull or catch-up that is under way has been taken in.
  await comes(
    context,
    async () => {
      shown = (await app.list("logbook_entry")).map(({ id }) => String(id)).toSorted();
      return isDeepStrictEqual(shown, wanted);
    },
    10,
    { patient: true },
  );
  expect.equal(what, shown, wanted);
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
    await demandNews(context, again);
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
    await demandNews(context, app);
    const mark = await tellInFullAlone(context, async () => {
      const deletedAt = new Date(now()).toISOString();
      for (const id of [ids[0]!, ids[5]!]) await other.push({ entries: [aDeletion(id, { deletedAt })] });
    });
    // The second page does not come, for some attempts.
    const interrupt = simulator.fault(
      (seen) =>
        seen.call === "pull" &&
        pagesTold(simulator, mark).some(({ body }) => body.hasMore && body.syncToken === sinceOf(seen)),
      loseRequest,
      Infinity,
    );
    await waitFor("a page of a full pull", () => pagesTold(simulator, mark)[0]);
    const isInterrupted = (): boolean =>
      simulator.calls("pull").some(({ n, fate }) => n > mark && fate === "lost");
    if (!(await comes(context, isInterrupted, 5))) notItsWay("the client pulls without a limit");
    interrupt();
    await waitFor("the end of a full pull", () => hasPulledInFull(simulator, mark), { seconds: 90 });
    await demandNews(context, app);
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
    await demandNews(context, app);
    await demandSameEntries(context, app, "entries in the list after the first catch-up");
  },
});

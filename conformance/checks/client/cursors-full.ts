import { clientCheck } from "../../client-check.ts";
import type { ClientCheck, ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import {
  comes,
  demandNews,
  expireCursors,
  hasPulledInFull,
  lastSeen,
  pagesTold,
  pullsNothing,
  resultOf,
  stampOf,
  tellInFullAlone,
  writing,
} from "../../clients/situations.ts";
import type { ClientMutant } from "../../model-client/mutant.ts";
import { loseAnswer, loseRequest } from "../../simulator/faults.ts";
import type { Fault } from "../../simulator/faults.ts";
import type { SeenRequest } from "../../simulator/seen.ts";
import { settled } from "../../clients/outbox.ts";
import { sinceOf } from "../../simulator/seen.ts";
import * as faulty from "./cursors-full.mutants.ts";

const iso = (ms: number): string => new Date(ms).toISOString();

async function idsShown(app: App): Promise<string[]> {
  return (await app.list("logbook_entry")).map(({ id }) => String(id));
}

export const removesWhatIsGone = clientCheck({
  id: "CLI-012/removes-what-is-gone",
  name: "a full pull removes what the server has no more, of a type that is empty now as well, and nothing that waits",
  secondMs: 10,
  brokenBy: [faulty.removesNothing, faulty.removesAmongTypesThatCame, faulty.removesWhatWaits],
  async run(context) {
    const { open, simulator, other, expect, anEntry, aGoal, waitFor, now } = context;
    const app = await open();
    const [stays, goes, goal] = [anEntry(), anEntry(), aGoal()];
    const [stayingId, goingId, goalId] = [stays, goes, goal].map(({ id }) => String(id)) as [
      string,
      string,
      string,
    ];
    await other.push({ entries: [stays, goes], goals: [goal] });
    for (const id of [stayingId, goingId])
      await waitFor(`${id} in the list`, () => app.get("logbook_entry", id));
    await waitFor(`${goalId} in the list`, () => app.get("goal", goalId));
    const letThrough = simulator.fault(writing(), loseRequest, Infinity);
    const waits = await app.create("logbook_entry", anEntry());
    // The deletions come to the client by their absence alone.
    const mark = await tellInFullAlone(context, async () => {
      const deletedAt = iso(now());
      await other.push({ entries: [{ id: goingId, deletedAt }], goals: [{ id: goalId, deletedAt }] });
    });
    await waitFor("the end of a full pull", () => hasPulledInFull(simulator, mark));
    await demandNews(context, app, { type: "repertoire_item" });
    await demandNews(context, app);
    const shown = await idsShown(app);
    expect.ok(`${stayingId} is still in the list after the full pull`, shown.includes(stayingId), shown);
    expect.ok(
      `${waits}, which waits to be sent, is still in the list after the full pull`,
      shown.includes(waits),
      shown,
    );
    expect.equal("pending after the full pull", await app.pending(), [{ type: "logbook_entry", id: waits }]);
    expect.ok(
      `${goingId}, which the full pull did not bring, is in the list no more`,
      !shown.includes(goingId),
      shown,
    );
    const goals = (await app.list("goal")).map(({ id }) => id);
    expect.ok(
      `${goalId}, the only goal, which the full pull did not bring, is in the list no more`,
      !goals.includes(goalId),
      goals,
    );
    letThrough();
    await waitFor("an empty outbox", settled(app));
    expect.live(await other.pull(), waits);
  },
});

export const keepsWhatCameSince = clientCheck({
  id: "CLI-012/keeps-what-came-since",
  name: "the end of a full pull does not remove what was acknowledged after the server had read it",
  secondMs: 50,
  brokenBy: [faulty.removesWhatCameSince],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    const mark = lastSeen(simulator);
    const inTheWalk = anEntry();
    let release = (): void => {};
    const until = new Promise<void>((resolve) => (release = resolve));
    const isFull = (seen: SeenRequest): boolean =>
      seen.call === "pull" && seen.n > mark && sinceOf(seen) === undefined;
    simulator.fault(isFull, { do: "delay-answer", until });
    expireCursors(simulator);
    await other.push({ entries: [inTheWalk] });
    // A pull follows each flush.
    await app.create("logbook_entry", anEntry());
    await waitFor("the server's answer to a full pull", () =>
      simulator.requests.some((seen) => isFull(seen) && seen.answer),
    );
    // Nothing else is told until the client has taken that in.
    const stop = simulator.fault((seen) => seen.call === "pull", loseRequest, 6);
    const id = await app.create("logbook_entry", anEntry());
    // A client that does one thing at a time pushes later.
    await comes(
      context,
      async () => (await settled(app)()) && simulator.writesOf(id).some(({ seen }) => resultOf(seen, id)),
      8,
    );
    release();
    await waitFor(`${String(inTheWalk["id"])} in the list`, async () => {
      const shown = await idsShown(app);
      expect.ok(
        `${id}, which was acknowledged while a full pull was under way, is in the list all the time`,
        shown.includes(id),
        shown,
      );
      return shown.includes(String(inTheWalk["id"]));
    });
    stop();
    await demandNews(context, app);
    expect.ok(`${id} is in the list in the end`, (await idsShown(app)).includes(id));
  },
});

export const notBeforeItsEnd = clientCheck({
  id: "CLI-012/not-before-its-end",
  name: "while a full pull is under way, what its later pages will bring stays in the list",
  secondMs: 10,
  server: { limits: { maxPageSize: 2 } },
  brokenBy: [faulty.replacesWithTheFirstPage],
  async run(context) {
    const { open, simulator, other, expect, anEntry, pass, waitFor } = context;
    const entries = Array.from({ length: 6 }, () => anEntry());
    for (const entry of entries) await other.push({ entries: [entry] });
    const ids = entries.map(({ id }) => String(id));
    const app = await open();
    await waitFor("all entries in the list", async () => (await idsShown(app)).length === ids.length);
    const mark = lastSeen(simulator);
    // Later pages come slowly: there is time to look.
    const isLater = (seen: SeenRequest): boolean =>
      seen.call === "pull" && pagesTold(simulator, mark).some(({ body }) => body.syncToken === sinceOf(seen));
    const slowly: Fault = {
      do: "delay-request",
      get until() {
        return pass(5);
      },
    };
    simulator.fault(isLater, slowly, 3);
    expireCursors(simulator);
    await waitFor("the end of a full pull", async () => {
      const done = hasPulledInFull(simulator, mark);
      const shown = await idsShown(app);
      const missing = ids.filter((id) => !shown.includes(id));
      expect.equal(
        "entries that are missing in the list while a full pull is under way; the server has them all",
        missing,
        [],
      );
      return done;
    });
  },
});

export const killedAtItsEnd = clientCheck({
  id: "CLI-012/killed-at-its-end",
  name: "a client that is killed when its full pull has ended has removed what is gone, or pulls in full again",
  secondMs: 20,
  needs: ["kill"],
  brokenBy: [faulty.cleansUpLater, faulty.removesNothing],
  async run(context) {
    const { open, simulator, other, expect, anEntry, now, pass, random, waitFor } = context;
    let app = await open();
    for (let round = 0; round < 2; round += 1) {
      const entry = anEntry();
      const id = String(entry["id"]);
      await other.push({ entries: [entry] });
      await app.close();
      app = await app.reopen();
      await waitFor(`${id} in the list`, () => app.get("logbook_entry", id));
      await app.kill();
      const mark = lastSeen(simulator);
      const heal = expireCursors(simulator);
      await other.push({ entries: [{ id, deletedAt: iso(now()) }] });
      app = await app.reopen({ caughtUp: false });
      await waitFor("the end of a full pull", () => hasPulledInFull(simulator, mark));
      await pass(round === 0 ? 2 : random());
      await app.kill();
      heal();
      app = await app.reopen();
      await demandNews(context, app);
      expect.ok(
        `${id} is in the list no more: a full pull without it had ended before the client was killed`,
        !(await idsShown(app)).includes(id),
        "in the list",
      );
    }
  },
});

/** The client's first write, whose answer was lost; it was deleted since, and a full pull has shown that. */
async function lateAnswer(context: ClientContext): Promise<{ app: App; id: string; letThrough(): void }> {
  const { open, simulator, other, anEntry, waitFor } = context;
  const app = await open();
  simulator.fault(writing(), loseAnswer);
  const letThrough = simulator.fault(writing(), loseRequest, Infinity);
  const id = await app.create("logbook_entry", anEntry());
  const { sent } = await waitFor("a first attempt", () =>
    simulator.writesOf(id).find(({ seen }) => seen.endedAt),
  );
  const deletion = { id, deletedAt: iso(stampOf(sent) + 1) };
  const mark = await tellInFullAlone(context, () => other.push({ entries: [deletion] }));
  if (!(await comes(context, () => hasPulledInFull(simulator, mark), 70, { patient: true })))
    pullsNothing(context);
  await demandNews(context, app);
  return { app, id, letThrough };
}

async function demandGone(context: ClientContext, app: App, id: string): Promise<void> {
  const { expect, waitFor } = context;
  await waitFor("an empty outbox", settled(app));
  await demandNews(context, app);
  expect.ok(
    `${id} is not in the list: a full pull did not bring it, and the answer to its write is of before that`,
    !(await idsShown(app)).includes(id),
    "in the list",
  );
}

function answerBelowTheFloor(
  { slug, name, restart }: { slug: string; name: string; restart: boolean },
  brokenBy: readonly ClientMutant[],
): ClientCheck {
  return clientCheck({
    id: `CLI-013/${slug}`,
    name,
    secondMs: 10,
    brokenBy,
    async run(context) {
      const { app, id, letThrough } = await lateAnswer(context);
      if (restart) await app.close();
      letThrough();
      await demandGone(context, restart ? await app.reopen({ caughtUp: false }) : app, id);
    },
  });
}

export const aLateAnswer = answerBelowTheFloor(
  {
    slug: "a-late-answer",
    name: "an answer of before the last full pull settles its write, and does not bring back what that showed to be deleted",
    restart: false,
  },
  [faulty.hasNoFloor, faulty.answersPassTheFloor, faulty.leavesUnsettledWhatIsBelowTheFloor],
);

export const aLateAnswerAfterARestart = answerBelowTheFloor(
  {
    slug: "a-late-answer-after-a-restart",
    name: "so does an answer that comes when the client has been closed and opened again",
    restart: true,
  },
  [faulty.forgetsItsFloorsWhenClosed, faulty.hasNoFloor],
);

export const aLateEvent = clientCheck({
  id: "CLI-013/a-late-event",
  name: "an event of before the last full pull does not bring back what that showed to be deleted",
  needs: ["realtime"],
  brokenBy: [faulty.hasNoFloor, faulty.eventsPassTheFloor],
  async run(context) {
    const { open, simulator, other, expect, anEntry, now, waitFor } = context;
    const entry = anEntry();
    const id = String(entry["id"]);
    const { meta } = (await other.push({ entries: [entry] })).body.results[0]!;
    await other.push({ entries: [{ id, deletedAt: iso(now() - 1_000) }] });
    await other.push({ entries: [anEntry()] });
    const app = await open({ realtime: true });
    expect.ok(`${id} is not in the list at first`, !(await idsShown(app)).includes(id));
    const socket = await waitFor("an open socket", () => simulator.open[0]);
    socket.inject({ type: "ENTRY_CREATED", entry, meta: { ...meta! } });
    await demandNews(context, app);
    expect.ok(
      `${id} is not in the list: it was deleted before the client was opened, and an event of its creation, seq ${meta!.seq}, is late`,
      !(await idsShown(app)).includes(id),
      "in the list",
    );
  },
});

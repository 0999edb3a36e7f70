import type { JsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import type { ClientCheck, ClientContext } from "../../client-check.ts";
import { comes, lastSeen, notItsWay, pullsNothing, writing } from "../../clients/situations.ts";
import type { ClientMutant } from "../../model-client/mutant.ts";
import { loseRequest } from "../../simulator/faults.ts";
import { settled } from "../../clients/outbox.ts";
import * as faulty from "./cursors-restore.mutants.ts";

const MINUTE = 60_000;

/** From now on a server answers that was restored from a backup with these entries in it. */
async function restore(
  { simulator, other, anotherServer }: ClientContext,
  backup: JsonObject[],
): Promise<void> {
  simulator.cutNetwork();
  simulator.replaceServer(anotherServer());
  for (const entry of backup) await other.push({ entries: [entry] });
  simulator.restoreNetwork();
}

const notesOf = (items: JsonObject[]): Record<string, unknown> =>
  Object.fromEntries(items.map(({ id, notes }) => [String(id), notes]).toSorted());

/** An older state of the data is what there is now, whatever the client had confirmed. */
function afterARestore(
  { slug, name, realtime }: { slug: string; name: string; realtime: boolean },
  brokenBy: readonly ClientMutant[],
): ClientCheck {
  return clientCheck({
    id: `CLI-050/${slug}`,
    name,
    needs: realtime ? ["realtime"] : [],
    secondMs: 10,
    brokenBy,
    async run(context) {
      const { open, simulator, other, expect, anEntry, at, waitFor } = context;
      const [edited, deleted, added] = [
        anEntry({ notes: "as in the backup" }),
        anEntry({ notes: "deleted since" }),
        anEntry(),
      ];
      const ids = [edited, deleted, added].map(({ id }) => String(id)) as [string, string, string];
      // Before the client's first pull there are more writes than the backup has: its seqs are smaller.
      for (const entry of [edited, deleted, ...Array.from({ length: 6 }, () => anEntry())])
        await other.push({ entries: [entry] });
      const app = await open({ realtime });
      await waitFor(`${ids[1]} in the list`, () => app.get("logbook_entry", ids[1]));
      await other.push({
        entries: [
          { ...edited, notes: "edited since", updatedAt: at() },
          { id: ids[1], deletedAt: at() },
          added,
        ],
      });
      await waitFor("what was written since", async () => {
        const shown = notesOf(await app.list("logbook_entry"));
        return shown[ids[0]] === "edited since" && !(ids[1] in shown) && ids[2] in shown;
      });
      const holdBack = simulator.fault(writing(), loseRequest, Infinity);
      simulator.cutNetwork();
      const waits = await app.create("logbook_entry", anEntry({ notes: "waits" }));
      const mark = lastSeen(simulator);

      // Written before anybody is connected again: no live event tells it, so whoever shows it has pulled.
      const news = anEntry({ notes: "written after the restore" });
      await restore(context, [edited, deleted, news]);
      await waitFor("what was written after the restore, in the list", () =>
        app.get("logbook_entry", String(news["id"])),
      );
      expect.equal(
        "entries and their notes after the server was restored from a backup: those that it has, as it has them, and the one that waits",
        notesOf(await app.list("logbook_entry")),
        notesOf([edited, deleted, news, { id: waits, notes: "waits" }]),
      );
      expect.equal("pending after the restore", await app.pending(), [{ type: "logbook_entry", id: waits }]);
      holdBack();
      await waitFor("an empty outbox", settled(app));
      expect.live(await other.pullAll(), waits);
      for (const id of ids)
        expect.equal(
          `requests after the restore that sent ${id}, which no user has changed`,
          simulator
            .writesOf(id)
            .filter(({ seen }) => seen.n > mark)
            .map(({ seen }) => seen.n),
          [],
        );
    },
  });
}

export const byPulls = afterARestore(
  {
    slug: "by-pulls",
    name: "after a restore the client has what the backup has, though that is older, and its outbox",
    realtime: false,
  },
  [
    faulty.comparesWithTheEarlierEpoch,
    faulty.keepsDeletionsOfTheEarlierEpoch,
    faulty.keepsFloorsOfTheEarlierEpoch,
    faulty.looksAtNoEpoch,
    faulty.emptiesItsOutboxOnARestore,
    faulty.sendsBackWhatTheBackupLacks,
  ],
);

export const onASocket = afterARestore(
  { slug: "on-a-socket", name: "so has one that learns of the restore on its next socket", realtime: true },
  [faulty.comparesWithTheEarlierEpoch, faulty.looksAtNoEpoch],
);

export const aLateAnswer = clientCheck({
  id: "CLI-050/a-late-answer",
  name: "an answer from before a restore that comes after the full pull is none: its write goes to the server again",
  needs: ["realtime"],
  secondMs: 50,
  brokenBy: [faulty.countsAnswersOfTheEarlierEpoch],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open({ realtime: true });
    let release = (): void => {};
    const until = new Promise<void>((resolve) => (release = resolve));
    // Nor may one that is sent again, after the client gave up the first, be settled by the earlier server.
    simulator.fault(writing(), { do: "delay-answer", until }, Infinity);
    const id = await app.create("logbook_entry", anEntry());
    await waitFor(
      "a push, or a message",
      () =>
        simulator.writesOf(id)[0]?.seen.answer ??
        simulator.open[0]?.sent.find((message) => JSON.stringify(message).includes(id)),
    );
    if (simulator.writesOf(id).length === 0) notItsWay("the client's write went over its socket");
    const restored = anEntry({ updatedAt: new Date(context.now() - MINUTE).toISOString() });
    await restore(context, [restored]);
    // A live event may tell of the present server before; this no event tells.
    const shown = () => app.get("logbook_entry", String(restored["id"]));
    const pulled = await comes(context, shown, 25, { patient: true });
    release();
    if (!pulled) pullsNothing(context);
    await waitFor("an empty outbox", settled(app));
    expect.ok(
      `${id}, which only the server of before the restore has acknowledged, was sent to the present one`,
      (await other.pullAll()).final.some(({ meta }) => meta.entityId === id),
      "the server does not have it, and the client has it in its outbox no more",
    );
  },
});

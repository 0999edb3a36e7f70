import { clientCheck } from "../../client-check.ts";
import type { SeenRequest } from "../../simulator/seen.ts";
import { openWithAnEntry } from "../../clients/edits.ts";
import {
  distinctWrites,
  emptyOutbox,
  has,
  hearsAnother,
  holdWrites,
  sendsAnother,
} from "../../clients/outbox.ts";
import * as faulty from "./conflicts.mutants.ts";

export const anEditThatWon = clientCheck({
  id: "CLI-031/an-edit-that-won",
  name: "after VERSION_CONFLICT the client pulls, and sends its edit again where that is the later one: it shows all the while",
  brokenBy: [faulty.serverAlwaysWins, faulty.sendsAgainWithoutAPull, faulty.leavesConflictsForLater],
  async run(context) {
    const { simulator, other, expect, edited, refuse, at, waitFor } = context;
    const { app, entry, id } = await openWithAnEntry(context);

    // The other device's earlier stamp is on the server when the edit gets there.
    const arrive = holdWrites(simulator);
    await app.update("logbook_entry", id, { notes: "mine" });
    await waitFor("the edit, sent", () => simulator.writesOf(id).length > 0);
    await other.push({ entries: [edited(entry, { notes: "theirs", updatedAt: at(-30_000) })] });
    refuse(id, "VERSION_CONFLICT", 1);
    arrive();

    await waitFor("the edit, acknowledged", async () => {
      const notes = (await app.get("logbook_entry", id))?.["notes"];
      expect.equal("notes while the conflict is solved", notes, "mine");
      const pending = (await app.pending()).some((one) => one.id === id);
      const [refusedOne, again] = distinctWrites(simulator, id);
      const dropped = !pending && again === undefined && refusedOne?.seen.endedAt !== undefined;
      expect.ok(`${id}, whose edit is the later one, is sent again`, !dropped);
      return !pending && again?.seen.endedAt !== undefined;
    });
    const [first, second] = distinctWrites(simulator, id).map(({ seen }) => seen) as [
      SeenRequest,
      SeenRequest,
    ];
    const between = simulator
      .calls("pull")
      .filter((pull) => pull.at >= first.endedAt! && pull.endedAt !== undefined && pull.endedAt <= second.at);
    expect.ok(
      `a pull comes between request ${first.n}, which was refused with VERSION_CONFLICT, and request ${second.n}, which sends the edit again`,
      between.length > 0,
      simulator.calls("pull").map(({ n }) => `pull ${n}`),
    );
    expect.equal("notes that the server has", expect.live(await other.pull(), id).item["notes"], "mine");
    expect.equal("dead letters", await app.deadLetters(), []);
  },
});

export const anEditThatLost = clientCheck({
  id: "CLI-031/an-edit-that-lost",
  name: "after VERSION_CONFLICT an edit that is the earlier one is dropped: what the other device wrote shows, and stays",
  brokenBy: [faulty.clientAlwaysWins, faulty.takesConflictsForDead],
  async run(context) {
    const { open, simulator, other, expect, anEntry, edited, aDeletion, refuse, at, waitFor } = context;
    const app = await open();
    for (const what of ["an edit", "a deletion"] as const) {
      const entry = anEntry({ notes: "before", updatedAt: at(-60_000) });
      const id = String(entry["id"]);
      await other.push({ entries: [entry] });
      await hearsAnother(context, app);
      await has(context, app, "logbook_entry", id);
      await emptyOutbox(context, app);

      const arrive = holdWrites(simulator);
      await app.update("logbook_entry", id, { notes: "mine" });
      await waitFor("the edit, sent", () => simulator.writesOf(id).length > 0);
      const later = at(60_000);
      const theirs =
        what === "an edit"
          ? edited(entry, { notes: "theirs", updatedAt: later })
          : aDeletion(id, { deletedAt: later });
      await other.push({ entries: [theirs] });
      refuse(id, "VERSION_CONFLICT", 1);
      arrive();

      await waitFor(`an end of the conflict with ${what} by another device`, async () => {
        expect.equal("dead letters", await app.deadLetters(), []);
        return (await app.pendingCount()) === 0;
      });
      const expected = what === "an edit" ? "theirs" : "not there";
      const stored = (await other.pullAll()).find(id)?.item?.["notes"] ?? "not there";
      expect.equal(`notes of ${id} that the server has after the conflict`, stored, expected);
      const now = async (): Promise<unknown> =>
        (await app.get("logbook_entry", id))?.["notes"] ?? "not there";
      await waitFor(
        `${expected}, as what is seen of ${id} after the conflict`,
        async () => (await now()) === expected,
        { seconds: 35 },
      );
      await sendsAnother(context, app);
      expect.equal(`notes of ${id} after the conflict`, await now(), expected);
      const inTheEnd = (await other.pullAll()).find(id)?.item?.["notes"] ?? "not there";
      expect.equal(`notes of ${id} that the server has in the end`, inTheEnd, expected);
    }
  },
});

import type { JsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import { alterJson, answerOf, loseRequest } from "../../simulator/faults.ts";
import type { Fault } from "../../simulator/faults.ts";
import { idOf, isWrite } from "../../simulator/seen.ts";
import type { Simulator } from "../../simulator/simulator.ts";
import { openWithADeadLetter } from "../../clients/edits.ts";
import {
  distinctWrites,
  emptyOutbox,
  faultWrites,
  hearsAnother,
  holdAnswers,
  sendsAnother,
} from "../../clients/outbox.ts";
import { withoutPulls } from "../../clients/situations.ts";
import * as faulty from "./order.mutants.ts";

const kindsSent = (simulator: Simulator, id: string): string[] =>
  distinctWrites(simulator, id).map(({ sent }) => (sent.deleted ? "deletion" : "item"));

/** The other device sees neither the entry nor anything that could bring it back; it is told that it was deleted. */
async function deletedForAll({ other, expect }: ClientContext, since: string, id: string): Promise<void> {
  expect.deleted(await other.changesSince(since), id);
}

export const deletedWhileUnderWay = clientCheck({
  id: "CLI-021/deleted-while-the-create-is-under-way",
  name: "an entry that is deleted while its create is under way is deleted on the server too: both are sent, in that order",
  brokenBy: [
    faulty.deleteCancelsTheCreate,
    faulty.deleteCancelsTheCreateAndItsRequest,
    faulty.forgetsTheDeletionWithTheAnswer,
  ],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    const before = await other.cursor();
    const release = holdAnswers(simulator);
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("the create, sent", () => simulator.writesOf(id).length > 0);
    await app.delete("logbook_entry", id);
    const left = await app.get("logbook_entry", id);
    expect.ok(`the deleted entry ${id} is not listed`, left === undefined, left);
    release();
    await emptyOutbox(context, app);
    await sendsAnother(context, app);
    expect.equal("what was sent of the entry", kindsSent(simulator, id), ["item", "deletion"]);
    await deletedForAll(context, before, id);
    const back = await app.get("logbook_entry", id);
    expect.ok(`the deleted entry ${id} is not listed after all is acknowledged`, back === undefined, back);
  },
});

export const deletedAfterALoss = clientCheck({
  id: "CLI-021/deleted-after-the-create-was-lost",
  name: "an entry whose create was sent without an answer, and deleted then, is deleted on the server too: the create may have arrived",
  brokenBy: [faulty.deleteCancelsTheCreate, faulty.deleteCancelsWhatFailed],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    for (const lost of ["lose-answer", "lose-request"] as const) {
      const before = await other.cursor();
      faultWrites(simulator, { do: lost });
      const id = await app.create("logbook_entry", anEntry());
      await waitFor("the create, lost", () => simulator.writesOf(id)[0]?.seen.endedAt !== undefined);
      await app.delete("logbook_entry", id);
      simulator.heal();
      await emptyOutbox(context, app);
      await sendsAnother(context, app);
      expect.equal(`what was sent of ${id} (${lost})`, kindsSent(simulator, id), ["item", "deletion"]);
      await deletedForAll(context, before, id);
    }
  },
});

export const deletedAfterAKill = clientCheck({
  id: "CLI-021/deleted-after-a-kill",
  name: "an entry whose create was under way when the client was killed, and that is deleted after it was started again, is deleted on the server too",
  brokenBy: [faulty.deleteCancelsTheCreate, faulty.deleteCancelsWhatWasFoundAtStart],
  needs: ["kill"],
  async run(context) {
    const { open, simulator, other, anEntry, waitFor } = context;
    const app = await open();
    const before = await other.cursor();
    faultWrites(simulator, { do: "lose-answer" });
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("the create, lost", () => simulator.writesOf(id)[0]?.seen.endedAt !== undefined);
    await app.kill();
    simulator.cutNetwork();
    const again = await app.reopen({ caughtUp: false });
    await again.delete("logbook_entry", id);
    simulator.heal();
    simulator.restoreNetwork();
    await emptyOutbox(context, again);
    await sendsAnother(context, again);
    await deletedForAll(context, before, id);
  },
});

export const deletedAfterAnAnswer = clientCheck({
  id: "CLI-021/deleted-after-an-answer-that-says-nothing-of-it",
  name: "an entry whose create arrived is deleted on the server too where the answer did not name it, or was a refusal of the whole request",
  brokenBy: [faulty.deleteCancelsWhatWasNotNamed, faulty.deleteCancelsWhatWasForbidden],
  secondMs: 200,
  async run(context) {
    const { open, simulator, other, anEntry, waitFor, pass } = context;
    // What a gateway says that looks at what comes back, and not at what goes out.
    const forbidden: Fault = { do: "alter", into: () => answerOf("FORBIDDEN") };
    for (const said of [alterJson((body) => ({ ...body, results: [] })), forbidden]) {
      const app = await open();
      const before = await other.cursor();
      withoutPulls(simulator);
      simulator.fault(isWrite, said);
      faultWrites(simulator, loseRequest);
      const id = await app.create("logbook_entry", anEntry());
      await waitFor("the create, answered", () => simulator.writesOf(id)[0]?.seen.endedAt !== undefined);
      // By then it has read that, or else there is less to find.
      await pass(0.25);
      await app.delete("logbook_entry", id);
      // A client that was told 403 stops, and begins anew when it is opened.
      await app.close();
      simulator.heal();
      const again = await app.reopen({ caughtUp: false });
      await emptyOutbox(context, again);
      await sendsAnother(context, again);
      await deletedForAll(context, before, id);
      await again.close();
    }
  },
});

export const oneAfterTheOther = clientCheck({
  id: "CLI-022/one-after-the-other",
  name: "as long as a write is unanswered no later one of its entity goes out: neither an edit nor a deletion",
  brokenBy: [faulty.secondRequestBeforeTheFirstAnswer, faulty.deletesAtOnce],
  async run(context) {
    const { open, simulator, expect, anEntry, waitFor, pass } = context;
    const app = await open();
    for (const later of ["an edit", "a deletion"] as const) {
      const release = holdAnswers(simulator);
      const id = await app.create("logbook_entry", anEntry({ notes: "first" }));
      const first = await waitFor("the entry, sent", () => simulator.writesOf(id)[0]);
      if (later === "an edit") await app.update("logbook_entry", id, { notes: "second" });
      else await app.delete("logbook_entry", id);
      // Long after the time in which it would have to go out if nothing were under way.
      await pass(2);
      const second = distinctWrites(simulator, id)[1];
      expect.ok(
        `${later} of ${id} waits until request ${first.seen.n} is answered`,
        second === undefined,
        second && `request ${second.seen.n}: ${JSON.stringify(second.sent.item)}`,
      );
      release();
      await emptyOutbox(context, app);
      expect.equal(`number of writes of ${id}`, distinctWrites(simulator, id).length, 2);
    }
  },
});

export const inTheirOrder = clientCheck({
  id: "CLI-022/in-the-order-in-which-they-were-made",
  name: "edits of one entry made while requests are lost reach the server in the order in which they were made",
  brokenBy: [faulty.sendsTheLatestFirst, faulty.putsFailedRequestsLast],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    const id = await app.create("logbook_entry", anEntry({ notes: "0" }));
    for (let n = 1; n <= 3; n += 1) {
      const attempts = simulator.writesOf(id).length;
      faultWrites(simulator, { do: n % 2 ? "lose-request" : "lose-answer" });
      await app.update("logbook_entry", id, { notes: `${n}` });
      await waitFor(
        "an attempt, lost",
        () => simulator.writesOf(id).at(attempts)?.seen.endedAt !== undefined,
      );
      await app.update("logbook_entry", id, { notes: `${n} again` });
      await app.update("logbook_entry", id, { notes: `${n} once more` });
      simulator.heal();
      await emptyOutbox(context, app);
    }
    const sent = simulator.writesOf(id).map((write) => ({
      request: write.seen.n,
      key: write.seen.key,
      at: Date.parse(String(write.sent.item["updatedAt"])),
    }));
    for (const [index, write] of sent.entries()) {
      const later = sent.slice(0, index).find((earlier) => earlier.at > write.at);
      expect.ok(
        `request ${write.request} carries nothing of ${id} that was made before what request ${later?.request} carried`,
        later === undefined,
        sent,
      );
    }
    const notes = expect.live(await other.pull(), id).item["notes"];
    expect.equal("notes that the server has", notes, "3 once more");
  },
});

export const versionsOfWhatLost = clientCheck({
  id: "CLI-023/version-of-a-row-that-lost",
  name: "where a client says which version an edit is made on, it is that of the latest row that it saw, also of one that lost against its own edit",
  brokenBy: [faulty.learnsVersionsOfWinners, faulty.learnsVersionsOfItsOwnWrites, faulty.learnsVersionsOnce],
  async run(context) {
    const { simulator, other, expect, edited, at, waitFor } = context;
    // The client has an edit that is no longer on its way, and lies above what others write with earlier stamps.
    const { app, entry, id } = await openWithADeadLetter(context);
    for (let n = 1; n <= 3; n += 1)
      await other.push({ entries: [edited(entry, { notes: `${n}`, updatedAt: at(-60_000 + n * 1_000) })] });
    await hearsAnother(context, app);
    const stored = expect.live(await other.pull(), id).meta.version;

    const writes = distinctWrites(simulator, id).length;
    await app.update("logbook_entry", id, { notes: "mine, again" });
    const { seen } = await waitFor("the next edit, sent", () => distinctWrites(simulator, id)[writes]);
    const { entities = [] } = seen.json as { entities?: JsonObject[] };
    // A push says no version, and there is nothing to learn it for.
    const claimed = entities.find(
      (one) => one["id"] === id || idOf("logbook_entry", one["data"] as JsonObject) === id,
    );
    const { version = stored } = (claimed ?? {}) as { version?: number };
    expect.equal(
      `version that request ${seen.n} is based on, after a pull that told ${stored}`,
      version,
      stored,
    );
    await emptyOutbox(context, app);
    expect.equal(
      "notes that the server has",
      expect.live(await other.pull(), id).item["notes"],
      "mine, again",
    );
  },
});

import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import { loseAnswer, loseRequest } from "../../simulator/faults.ts";
import { isWrite, itemsOf } from "../../simulator/seen.ts";
import type { SeenRequest } from "../../simulator/seen.ts";
import {
  carriedByASocket,
  distinctWrites,
  emptyOutbox,
  holdAnswers,
  holdWrites,
  pendingIds,
} from "../../clients/outbox.ts";
import * as faulty from "./unacknowledged.mutants.ts";

export const leavesWithItsAcknowledgement = clientCheck({
  id: "CLI-018/kept-until-acknowledged",
  name: "a write leaves the outbox when its acknowledgement is in: not when it was sent, nor when the attempt failed",
  brokenBy: [faulty.clearsTheQueueWhenSent, faulty.givesUpWhatFailedOnce],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    const release = holdAnswers(simulator);
    const held = await app.create("logbook_entry", anEntry());
    await waitFor("the write, sent", () => simulator.writesOf(held).length > 0);
    expect.equal("pending while its answer is under way", await pendingIds(app), [held]);
    release();
    await emptyOutbox(context, app);

    // The first request never arrives; the second does, and its answer is lost.
    simulator.fault(isWrite, loseRequest);
    simulator.fault(isWrite, loseAnswer);
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("two attempts, lost, and the entry still pending or sent again", async () => {
      const attempts = simulator.writesOf(id).filter(({ seen }) => seen.endedAt !== undefined);
      if (attempts.length > 2) return true;
      if (attempts.length === 0) return false;
      const pending = await pendingIds(app);
      // Unless another attempt was quicker than the question.
      if (simulator.writesOf(id).length === attempts.length)
        expect.equal(`pending after ${attempts.length} lost attempts`, pending, [id]);
      return false;
    });
    await emptyOutbox(context, app);
    const third = simulator.writesOf(id)[2]!;
    expect.ok(
      `request ${third.seen.n} carries ${id}`,
      itemsOf(third.seen).some((item) => item.id === id),
    );
    expect.live(await other.pull(), id);
  },
});

export const oneAnswerOneItem = clientCheck({
  id: "CLI-018/one-answer-settles-its-own-items",
  name: "what is written while a request is under way stays in the outbox when that request is answered",
  brokenBy: [faulty.clearsTheWholeQueueByOneAnswer, faulty.dequeuesByEntity],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    const release = holdAnswers(simulator);
    const first = await app.create("logbook_entry", anEntry({ notes: "first" }));
    await waitFor("the first entry, sent", () => simulator.writesOf(first).length > 0);
    const second = await app.create("logbook_entry", anEntry({ notes: "second" }));
    await app.update("logbook_entry", first, { notes: "edited meanwhile" });
    release();
    await emptyOutbox(context, app);
    const pulled = await other.pullAll();
    expect.live(pulled, second);
    expect.equal("notes that the server has", expect.live(pulled, first).item["notes"], "edited meanwhile");
    expect.equal("notes", (await app.get("logbook_entry", first))?.["notes"], "edited meanwhile");
  },
});

export const withItsMeta = clientCheck({
  id: "CLI-018/with-its-meta",
  name: "at the moment when a write is no longer pending it is confirmed: a client that is killed then, and has no network, still shows it",
  brokenBy: [faulty.dequeuesBeforeItApplies],
  needs: ["kill"],
  async run(context) {
    const { open, simulator, expect, anEntry } = context;
    let app = await open();
    for (let round = 1; round <= 2; round += 1) {
      const id = await app.create("logbook_entry", anEntry({ notes: `round ${round}` }));
      await emptyOutbox(context, app);
      await app.kill();
      simulator.cutNetwork();
      app = await app.reopen({ caughtUp: false });
      const there = await app.get("logbook_entry", id);
      expect.equal(
        `notes of the entry that was acknowledged, after the kill`,
        there?.["notes"],
        `round ${round}`,
      );
      simulator.restoreNetwork();
    }
  },
});

export const onTheSocketToo = clientCheck({
  id: "CLI-018/kept-while-a-socket-carries-it",
  name: "a write that a socket carries is pending until its acknowledgement comes",
  brokenBy: [faulty.clearsWhatTheSocketTook],
  needs: ["realtime", "socketMutations"],
  async run(context) {
    const { open, other, expect } = context;
    const app = await open({ realtime: true });
    const { id, socket, release } = await carriedByASocket(context, app);
    expect.equal("pending while its acknowledgement is under way", await pendingIds(app), [id]);
    socket.release();
    release();
    await emptyOutbox(context, app);
    expect.live(await other.pull(), id);
  },
});

/** What repeats a request is that very request. */
function demandSameRequest(
  expect: ClientContext["expect"],
  { seen: retry }: { seen: SeenRequest },
  { seen: first }: { seen: SeenRequest },
): void {
  expect.equal(`key of request ${retry.n}, which repeats ${first.n}`, retry.key, first.key);
  expect.equal(`body of request ${retry.n}, which repeats ${first.n}`, retry.json, first.json);
}

export const retriesAreTheSameRequest = clientCheck({
  id: "CLI-019/a-retry-is-the-same-request",
  name: "after a lost answer the same body goes out under the same key, whatever was edited meanwhile; the edit follows under its own",
  brokenBy: [faulty.editJoinsTheFrozenOne, faulty.retriesWithWhatIsThereNow, faulty.makesTheKeyWhenItSends],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    const cut = Promise.withResolvers<void>();
    cut.promise.catch(() => {});
    simulator.fault(isWrite, { do: "delay-answer", until: cut.promise });
    const id = await app.create("logbook_entry", anEntry({ notes: "first" }));
    const first = await waitFor("the entry, sent", () => simulator.writesOf(id)[0]);
    await app.update("logbook_entry", id, { notes: "second" });
    // The answer is lost after the edit.
    cut.reject(new Error("the connection breaks"));
    const retry = await waitFor("a second attempt", () => simulator.writesOf(id)[1]);
    demandSameRequest(expect, retry, first);
    expect.equal(
      "notes while the retry is under way",
      (await app.get("logbook_entry", id))?.["notes"],
      "second",
    );

    await emptyOutbox(context, app);
    const [, second] = distinctWrites(simulator, id);
    expect.equal("notes that are sent under another key", second?.sent.item["notes"], "second");
    expect.equal("notes that the server has", expect.live(await other.pull(), id).item["notes"], "second");
  },
});

export const frozenOverAKill = clientCheck({
  id: "CLI-019/frozen-over-a-kill",
  name: "what was sent when the client was killed goes out again under the same key with the same body",
  brokenBy: [faulty.freezesInMemory, faulty.keepsTheRequestWhenItIsOut],
  needs: ["kill"],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    const release = holdAnswers(simulator);
    const id = await app.create("logbook_entry", anEntry({ notes: "first" }));
    const first = await waitFor("the entry, sent", () => simulator.writesOf(id)[0]);
    await app.update("logbook_entry", id, { notes: "second" });
    await app.kill();
    release();
    const attempts = simulator.writesOf(id).length;

    const again = await app.reopen({ caughtUp: false });
    const retry = await waitFor("an attempt after the kill", () => simulator.writesOf(id)[attempts]);
    demandSameRequest(expect, retry, first);
    await emptyOutbox(context, again);
    expect.equal("notes that the server has", expect.live(await other.pull(), id).item["notes"], "second");
  },
});

export const laterEditsCoalesce = clientCheck({
  id: "CLI-019/edits-that-were-never-sent-coalesce",
  name: "edits made while a write of the entity is under way go out as one, the last; a deletion takes them all in",
  brokenBy: [faulty.sendsEveryEdit, faulty.mergesIntoTheFirstEdit],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    const written = async (last: "an edit" | "a deletion"): Promise<string> => {
      const release = holdAnswers(simulator);
      const id = await app.create("logbook_entry", anEntry({ notes: "0" }));
      await waitFor("the entry, sent", () => simulator.writesOf(id).length > 0);
      for (let n = 1; n <= 5; n += 1) await app.update("logbook_entry", id, { notes: `${n}` });
      if (last === "a deletion") await app.delete("logbook_entry", id);
      release();
      await emptyOutbox(context, app);
      return id;
    };
    const [edited, deleted] = [await written("an edit"), await written("a deletion")];
    const notes = distinctWrites(simulator, edited).map(({ sent }) => sent.item["notes"]);
    expect.equal("notes of the edited entry, as they were sent", notes, ["0", "5"]);
    const kinds = distinctWrites(simulator, deleted).map(({ sent }) => (sent.deleted ? "deletion" : "item"));
    expect.equal("what was sent of the deleted entry", kinds, ["item", "deletion"]);
    const pulled = await other.pullAll();
    expect.equal("notes that the server has", expect.live(pulled, edited).item["notes"], "5");
    expect.absent(pulled, deleted);
  },
});

export const refusedOnesCoalesce = clientCheck({
  id: "CLI-019/a-refused-write-joins-its-successor",
  name: "a write that was refused while its entity was edited is not sent again: its successor carries it",
  brokenBy: [faulty.sendsTheRefusedOneBeforeItsSuccessor],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor, refuse } = context;
    const app = await open();
    const letThrough = holdWrites(simulator);
    const id = await app.create("logbook_entry", anEntry({ notes: "first" }));
    await waitFor("the entry, sent", () => simulator.writesOf(id).length > 0);
    refuse(id, "SOMETHING_NEW", 1);
    await app.update("logbook_entry", id, { notes: "second" });
    letThrough();
    await emptyOutbox(context, app);
    const notes = distinctWrites(simulator, id).map(({ sent }) => sent.item["notes"]);
    expect.equal("notes, as they were sent", notes, ["first", "second"]);
    expect.equal("dead letters", await app.deadLetters(), []);
    expect.equal("notes that the server has", expect.live(await other.pull(), id).item["notes"], "second");
  },
});

import { clientCheck } from "../../client-check.ts";
import { loseAnswer, loseRequest } from "../../simulator/faults.ts";
import { itemsOf } from "../../simulator/seen.ts";
import * as faulty from "./writing.mutants.ts";

export const seenAtOnce = clientCheck({
  id: "CLI-015/seen-at-once-without-a-network",
  name: "what is written without a network is there at once, and waits to be sent",
  brokenBy: [faulty.refusesWritesOffline, faulty.showsWhatTheServerHas],
  async run({ open, simulator, expect, anEntry, waitFor }) {
    const app = await open();
    simulator.cutNetwork();
    const id = await app.accepts(
      "a create without a network",
      app.create("logbook_entry", anEntry({ notes: "offline" })),
    );
    expect.equal("notes of the new entry", (await app.get("logbook_entry", id))?.["notes"], "offline");
    await app.accepts("an update without a network", app.update("logbook_entry", id, { notes: "edited" }));
    expect.equal("notes after the edit", (await app.get("logbook_entry", id))?.["notes"], "edited");
    expect.equal("pending", await app.pending(), [{ type: "logbook_entry", id }]);

    simulator.restoreNetwork();
    await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
    expect.equal("writes that were sent", simulator.writesOf(id).at(-1)?.sent.item["notes"], "edited");
  },
});

export const survivesAKill = clientCheck({
  id: "CLI-015/survives-a-kill",
  name: "a write whose call resolved is not lost when the client is killed right after",
  brokenBy: [faulty.keepsTheOutboxInMemory, faulty.storesWritesALittleLater],
  needs: ["kill"],
  async run({ open, simulator, expect, aGoal, waitFor }) {
    const app = await open();
    simulator.cutNetwork();
    const ids = [];
    for (let n = 0; n < 5; n += 1) ids.push(await app.create("goal", aGoal()));
    await app.kill();

    const again = await app.reopen({ caughtUp: false });
    const there = (await again.list("goal")).map(({ id }) => id);
    expect.equal("goals after the kill", there.toSorted(), ids.toSorted());
    simulator.restoreNetwork();
    await waitFor("an empty outbox", async () => (await again.pendingCount()) === 0);
    for (const id of ids) expect.ok(`${id} was sent`, simulator.writesOf(id).length > 0);
  },
});

export const leavesWithItsAcknowledgement = clientCheck({
  id: "CLI-018/kept-until-acknowledged",
  name: "a write leaves the outbox when its acknowledgement is in, not when it was sent",
  brokenBy: [faulty.clearsTheQueueWhenSent],
  async run({ open, simulator, other, expect, anEntry, waitFor }) {
    const app = await open();
    // The first request never arrives; the second does, and its answer is lost.
    simulator.fault("push", loseRequest);
    simulator.fault("push", loseAnswer);
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("a second attempt", () => simulator.writesOf(id)[1]?.seen.endedAt);
    const pending = await app.pending();
    // Unless a third attempt was quicker than the question.
    if (simulator.writesOf(id).length === 2)
      expect.equal("pending after two lost attempts", pending, [{ type: "logbook_entry", id }]);
    const third = await waitFor("a third attempt", () => simulator.writesOf(id)[2]);
    await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
    expect.equal(
      "items of the third attempt",
      itemsOf(third.seen).map((sent) => sent.id),
      [id],
    );
    expect.live(await other.pull(), id);
  },
});

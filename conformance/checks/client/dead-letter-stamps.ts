import { clientCheck } from "../../client-check.ts";
import { openWithADeadLetter } from "../../clients/edits.ts";
import { createRefused, distinctWrites, emptyOutbox } from "../../clients/outbox.ts";
import { stampOf } from "../../clients/situations.ts";
import * as faulty from "./dead-letter-stamps.mutants.ts";

export const retriedKeepsItsStamp = clientCheck({
  id: "CLI-004/a-retried-dead-letter",
  name: "a dead letter that is retried keeps its stamp: what another device wrote since is newer, and stays",
  brokenBy: [faulty.stampsRetriedOnesAnew],
  needs: ["verb:retry"],
  secondMs: 20,
  async run(context) {
    const { simulator, other, expect, edited, accept, waitFor, at } = context;
    const { app, entry, id: beaten } = await openWithADeadLetter(context);
    const alone = await createRefused(context, app, { notes: "mine", code: "INVALID_ITEM" });
    const ids = [alone, beaten];
    await waitFor("two dead letters", async () => (await app.deadLetters()).length === 2);
    accept(alone);
    await other.push({ entries: [edited(entry, { notes: "theirs", updatedAt: at(1_000) })] });

    for (const id of ids) await app.retry("logbook_entry", id);
    await emptyOutbox(context, app);
    for (const id of ids) {
      const stamps = distinctWrites(simulator, id).map(({ sent }) => stampOf(sent));
      expect.ok(`${id} is sent again`, stamps.length > 1, stamps);
      expect.equal(`stamps of ${id}, Unix ms`, [...new Set(stamps)], [stamps[0]]);
    }
    const pulled = await other.pullAll();
    expect.equal(`notes of ${alone}`, expect.live(pulled, alone).item["notes"], "mine");
    expect.equal(`notes of ${beaten}`, expect.live(pulled, beaten).item["notes"], "theirs");
  },
});

export const editedIsANewWrite = clientCheck({
  id: "CLI-002/an-edit-of-a-dead-letter",
  name: "an edit of a dead letter is a new write: it wins against what its author was shown over the letter",
  brokenBy: [faulty.editsInTheLetter],
  secondMs: 20,
  async run(context) {
    const { other, expect, edited, waitFor, at } = context;
    const { app, entry, id } = await openWithADeadLetter(context);
    await other.push({ entries: [edited(entry, { notes: "theirs", updatedAt: at(60_000) })] });
    await waitFor("theirs, which is newer", async () => {
      const seen = await app.get("logbook_entry", id);
      return seen?.["notes"] === "theirs";
    });
    await app.update("logbook_entry", id, { notes: "mine, after theirs" });
    await emptyOutbox(context, app);
    const stored = expect.live(await other.pullAll(), id).item;
    expect.equal(`notes of ${id}, as the server has it`, stored["notes"], "mine, after theirs");
    expect.equal("dead letters", await app.deadLetters(), []);
  },
});

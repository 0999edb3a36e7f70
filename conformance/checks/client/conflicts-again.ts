import { clientCheck } from "../../client-check.ts";
import { openWithAnEntry } from "../../clients/edits.ts";
import { distinctWrites, emptyOutbox } from "../../clients/outbox.ts";
import { stampOf } from "../../clients/situations.ts";
import * as faulty from "./conflicts-again.mutants.ts";

export const againAndAgain = clientCheck({
  id: "CLI-031/again-and-again",
  name: "each VERSION_CONFLICT is followed by a pull of its own, then by the same edit with the same stamp under a new key",
  brokenBy: [faulty.pullsOnce, faulty.stampsAnewAfterAConflict],
  secondMs: 20,
  async run(context) {
    const { simulator, other, expect, refuse } = context;
    const { app, id } = await openWithAnEntry(context);
    refuse(id, "VERSION_CONFLICT", 4);
    await app.update("logbook_entry", id, { notes: "mine" });
    await emptyOutbox(context, app);

    const sendings = distinctWrites(simulator, id);
    expect.equal(`how often ${id} was sent under a key of its own`, sendings.length, 5);
    const stamps = sendings.map(({ sent }) => stampOf(sent));
    expect.equal(`stamps of ${id}, Unix ms`, [...new Set(stamps)], [stamps[0]]);
    for (const [index, { seen: next }] of sendings.slice(1).entries()) {
      const { seen: refused } = sendings[index]!;
      const pulled = simulator
        .calls("pull")
        .some((pull) => pull.at >= refused.endedAt! && pull.endedAt !== undefined && pull.endedAt <= next.at);
      expect.ok(`a pull comes between request ${refused.n} and request ${next.n}`, pulled);
    }
    expect.equal("dead letters", await app.deadLetters(), []);
    expect.equal(`notes of ${id}`, expect.live(await other.pullAll(), id).item["notes"], "mine");
  },
});

import { clientCheck } from "../../client-check.ts";
import { hearsAnother } from "../../clients/outbox.ts";
import { notItsWay, pagesTold, resultOf } from "../../clients/situations.ts";
import * as faulty from "./clock-set-right.mutants.ts";

const HOUR = 3_600_000;

export const clockSetRight = clientCheck({
  id: "CLI-053/the-servers-clock-was-set-right",
  name: "new entities get through after the server's clock was set back by an hour, also one under an id that was deleted in that hour",
  brokenBy: [faulty.countsAbsenceForGood, faulty.keepsTheLatestTime, faulty.takesTheServersTime],
  secondMs: 20,
  server: { clockMs: HOUR },
  async run(context) {
    const { open, simulator, other, expect, anEntry, aDeletion, waitFor, unique } = context;
    const deleted = anEntry();
    const id = String(deleted["id"]);
    await other.push({ entries: [deleted] });
    await other.push({ entries: [aDeletion(id)] });
    // Its first pull lacks the deletion, and its time is an hour ahead of what the server's clock will say from now on.
    const app = await open();
    await hearsAnother(context, app);
    simulator.model.advanceClock(-HOUR);
    const written = [
      await app.create("logbook_entry", anEntry({ id, notes: "here again" })),
      await app.create("logbook_entry", anEntry({ id: unique("entry"), notes: "new" })),
    ];
    await waitFor(
      `an acknowledgement of ${written.join(" and ")}, which the server refuses with CLOCK_SKEW as long as they are stamped above a full pull of when its clock was ahead`,
      async () => (await app.pendingCount()) === 0,
      { seconds: 90 },
    );
    expect.equal("dead letters", await app.deadLetters(), []);
    const pulled = await other.pullAll();
    for (const one of written) {
      expect.live(pulled, one);
      const seen = await app.get("logbook_entry", one);
      expect.ok(`${one} shows after its acknowledgement`, seen !== undefined, seen);
    }
    const refused = simulator
      .writesOf(id)
      .map(({ seen }) => seen)
      .find((seen) => resultOf(seen, id)?.code === "CLOCK_SKEW");
    if (refused === undefined) notItsWay("its first write after the clock was set back is not refused");
    const again = pagesTold(simulator, refused.n).filter(({ body }) => body.mode === "full");
    expect.ok(
      `a full pull comes after request ${refused.n}, which was refused with CLOCK_SKEW at a time before that of the last one`,
      again.length > 0,
    );
  },
});

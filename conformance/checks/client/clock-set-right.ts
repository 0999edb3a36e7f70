import { clientCheck } from "../../client-check.ts";
import { hearsAnother } from "../../clients/outbox.ts";
import { notItsWay, pagesTold, resultOf } from "../../clients/situations.ts";
import * as faulty from "./clock-set-right.mutants.ts";

const HOUR = 3_600_000;

export const clockSetRight = clientCheck({
  id: "CLI-053/the-servers-clock-was-set-right",
  name: "new entities get through after the server's clock was set back by an hour, also one under an id that was deleted in that hour: a full pull comes first",
  brokenBy: [
    faulty.countsAbsenceForGood,
    faulty.keepsTheLatestTime,
    faulty.takesTheServersTime,
    faulty.triesOnceMoreFirst,
  ],
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
    const setRight = simulator.model.now();
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
    const refusals = written.flatMap((one) => {
      const attempts = simulator.writesOf(one).map(({ seen }) => seen);
      const refused = attempts.find((seen) => resultOf(seen, one)?.code === "CLOCK_SKEW");
      if (refused === undefined) return [];
      return [{ one, refused, next: attempts.find(({ n }) => n > refused.n) }];
    });
    if (refusals.length === 0) notItsWay("its first write after the clock was set back is not refused");
    // By the clock that was set right, whenever it was asked for.
    const ends = pagesTold(simulator).filter(
      ({ body }) => body.through !== undefined && Date.parse(body.timestamp) < setRight + HOUR / 2,
    );
    for (const { one, refused, next } of refusals)
      expect.ok(
        `a full pull comes between request ${refused.n}, in which ${one} was refused with CLOCK_SKEW at a time before that of the last one, and the next request with ${one}`,
        next !== undefined && ends.some(({ seen }) => seen.endedAt! <= next.at),
        next === undefined ? "no other request with it" : `request ${next.n}, and no such pull before it`,
      );
  },
});

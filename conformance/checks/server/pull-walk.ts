import type { JsonObject } from "../../../schemas/json.ts";
import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import { Pulled } from "../../wire/pulled.ts";
import { idOf, idsOf } from "../reading.ts";
import * as faulty from "./pull-walk.mutants.ts";

/** Pulls the first page, lets others write, walks on to the end. */
async function walkWith(
  { newDevice, inconclusive }: Pick<ServerContext, "newDevice" | "inconclusive">,
  { limit, since }: { limit: number; since?: string },
  meanwhile: (firstPage: Pulled) => Promise<unknown>,
): Promise<Pulled> {
  const reader = newDevice();
  const first = await reader.pull({ limit, ...(since === undefined ? {} : { since }) });
  const page = new Pulled([first]);
  if (!first.body.hasMore || page.rows.length === 0 || page.rows.length > limit) {
    inconclusive(
      `there was no middle of a walk: limit ${limit} brought ${page.rows.length} entities at first`,
    );
  }
  await meanwhile(page);
  const rest = await reader.pullAll({ limit, since: first.body.syncToken });
  return new Pulled([first, ...rest.pages]);
}

export const rewrittenDuringAWalk = serverCheck({
  id: "PULL-010/rewritten-during-a-full-walk",
  name: "an entity that is written during a full pull comes on a later page of it, whether it was told before or not",
  brokenBy: [faulty.walkIsFrozenAtItsStart, faulty.walkTellsEachEntityOnce, faulty.pagesByOffset],
  async run({ device, newDevice, expect, anEntry, edited, inconclusive }) {
    const entries = Array.from({ length: 6 }, (_, index) => anEntry({ id: `e${index}` }));
    await device.push({ entries });
    const after = entries.map((entry) => edited(entry, { notes: "written during the walk" }));

    const walk = await walkWith({ newDevice, inconclusive }, { limit: 2 }, async (page) => {
      // Whatever stood on the first page, and one entity that did not.
      const onPage = entries.findIndex((entry) => page.find(idOf(entry)));
      const notYet = entries.findIndex((entry) => !page.find(idOf(entry)));
      await device.push({ entries: [after[onPage]!, after[notYet]!] });
      entries[onPage] = after[onPage]!;
      entries[notYet] = after[notYet]!;
    });

    expect.liveIds(walk, idsOf(entries));
    for (const entry of entries)
      expect.equal(`${idOf(entry)} in the end`, expect.live(walk, idOf(entry)).item, entry);
  },
});

export const deletedDuringAWalk = serverCheck({
  id: "PULL-010/deleted-during-a-full-walk",
  name: "an entity that is deleted during a full pull is told as deleted on a later page of it",
  brokenBy: [faulty.walkIsFrozenAtItsStart, faulty.fullWalkTellsNoDeletions, faulty.pagesByOffset],
  async run({ device, newDevice, expect, anEntry, aDeletion, inconclusive }) {
    const entries = Array.from({ length: 7 }, () => anEntry());
    await device.push({ entries });
    let gone: string[] = [];

    const walk = await walkWith({ newDevice, inconclusive }, { limit: 2 }, async (page) => {
      // All of the first page, so that those behind move up, and one that was not told yet.
      const notYet = entries.find((entry) => !page.find(idOf(entry)))!;
      gone = [...page.rows.map(({ entityId }) => entityId), idOf(notYet)];
      await device.push({ entries: gone.map((id) => aDeletion(id)) });
    });

    expect.ok("something was told before it was deleted", gone.length > 1, gone);
    for (const id of gone) expect.deleted(walk, id, "logbook_entry");
    expect.liveIds(
      walk,
      idsOf(entries).filter((id) => !gone.includes(id)),
    );
  },
});

export const createdDuringAWalk = serverCheck({
  id: "PULL-010/created-during-a-full-walk",
  name: "entities that are created during a full pull are in it, wherever their ids and stamps would sort",
  brokenBy: [faulty.pagesInOrderOfIds, faulty.pagesInOrderOfStamps, faulty.walkIsFrozenAtItsStart],
  async run({ device, newDevice, expect, anEntry, aGoal, at, inconclusive }) {
    const middle = ["m1", "m2", "m3", "m4"].map((id) => anEntry({ id, updatedAt: at(-1_000_000) }));
    await device.push({ entries: middle });
    const created = [
      anEntry({ id: "a0", updatedAt: at(-2_000_000) }),
      anEntry({ id: "z9", updatedAt: at(-500_000) }),
      anEntry({ id: "m11", updatedAt: at(-3_000_000) }),
    ];
    const goal = aGoal({ id: "a-goal" });

    const walk = await walkWith({ newDevice, inconclusive }, { limit: 2 }, () =>
      device.push({ entries: created, goals: [goal] }),
    );

    expect.liveIds(walk, idsOf([...middle, ...created, goal]));
  },
});

export const briefDuringAWalk = serverCheck({
  id: "PULL-010/came-and-went-during-a-walk",
  name: "what was created and deleted again during a walk, or deleted and written again, ends as it is on the server",
  brokenBy: [faulty.walkTellsEachEntityOnce, faulty.fullWalkTellsNoDeletions],
  async run({ device, newDevice, expect, anEntry, aDeletion, edited }) {
    const entries = Array.from({ length: 4 }, () => anEntry());
    await device.push({ entries });
    const brief = anEntry();
    let returned: JsonObject = entries[0]!;
    let gone: JsonObject = entries[1]!;
    const reader = newDevice();

    const first = await reader.pull({ limit: 2 });
    const onPage = entries.filter((entry) => new Pulled([first]).find(idOf(entry)));
    [returned = returned, gone = gone] = onPage.length > 1 ? onPage : [];
    await device.push({ entries: [brief, aDeletion(returned), edited(gone)] });
    const second = await reader.pull({ limit: 2, since: first.body.syncToken });
    returned = edited(returned, { notes: "back" });
    await device.push({ entries: [aDeletion(brief), returned, aDeletion(gone)] });
    const rest = await reader.pullAll({ limit: 2, since: second.body.syncToken });

    const walk = new Pulled([first, second, ...rest.pages]);
    expect.equal("the entry that came back", expect.live(walk, idOf(returned)).item, returned);
    expect.deleted(walk, idOf(gone), "logbook_entry");
    expect.liveIds(
      walk,
      idsOf(entries).filter((id) => id !== idOf(gone)),
    );
  },
});

export const deltaWalkMeetsWrites = serverCheck({
  id: "PULL-010/changes-during-a-delta-walk",
  name: "a delta walk, too, runs to the head at its last page",
  brokenBy: [faulty.deltaWalkIsFrozenAtItsStart, faulty.walkTellsEachEntityOnce],
  async run({ device, newDevice, expect, anEntry, aDeletion, edited, inconclusive }) {
    const since = await device.cursor();
    const entries = Array.from({ length: 5 }, () => anEntry());
    await device.push({ entries });
    const created = anEntry();
    const changed: JsonObject[] = [];

    const walk = await walkWith({ newDevice, inconclusive }, { limit: 2, since }, async (page) => {
      const onPage = entries.find((entry) => page.find(idOf(entry)))!;
      const notYet = entries.find((entry) => !page.find(idOf(entry)))!;
      changed.push(onPage, notYet);
      await device.push({ entries: [edited(onPage, { notes: "again" }), aDeletion(notYet), created] });
    });

    expect.equal("notes of the entry edited", expect.live(walk, idOf(changed[0]!)).item["notes"], "again");
    expect.deleted(walk, idOf(changed[1]!), "logbook_entry");
    expect.liveIds(
      walk,
      [...idsOf(entries), idOf(created)].filter((id) => id !== idOf(changed[1]!)),
    );
    for (const { body } of walk.pages) expect.equal("mode", body.mode, "delta");
    expect.nothing("changes after the walk", await newDevice().pull({ since: walk.syncToken }));
  },
});

export const walkEndsAtACursor = serverCheck({
  id: "PULL-004/the-last-token-of-a-walk-is-a-cursor",
  name: "the last token of a walk neither repeats what the walk told nor skips what comes next",
  brokenBy: [faulty.lastTokenIsTheStartOfTheWalk, faulty.lastTokenIsAhead],
  async run({ device, newDevice, expect, anEntry, edited, inconclusive }) {
    const entries = Array.from({ length: 5 }, () => anEntry());
    await device.push({ entries });

    const walk = await walkWith({ newDevice, inconclusive }, { limit: 2 }, () =>
      device.push({ entries: [edited(entries[4]!)] }),
    );

    expect.equal("hasMore at the end", walk.last.hasMore, false);
    expect.nothing("changes after the walk", await newDevice().pull({ since: walk.syncToken }));
    const next = anEntry();
    await device.push({ entries: [next] });
    expect.liveIds(await newDevice().pull({ since: walk.syncToken }), [idOf(next)]);
  },
});

export const pushIsWholeAfterAWalk = serverCheck({
  id: "PULL-011/a-push-across-pages-is-whole",
  name: "a push that rewrites everything in the middle of a walk is whole at its end, full or delta",
  brokenBy: [faulty.walkTellsEachEntityOnce, faulty.pagesInOrderOfIds, faulty.deltaWalkIsFrozenAtItsStart],
  async run({ device, newDevice, expect, anEntry, aGoal, edited, aDeletion, inconclusive }) {
    const since = await device.cursor();
    let entries = Array.from({ length: 4 }, () => anEntry({ notes: "before" }));
    const [old, replacement] = [aGoal(), aGoal()];
    await device.push({ entries, goals: [old] });
    let [oldGoal, newGoal] = [old, replacement];

    for (const start of [{}, { since }]) {
      const mark = `generation of ${"since" in start ? "delta" : "full"}`;
      entries = entries.map((entry) => edited(entry, { notes: mark }));
      const walk = await walkWith({ newDevice, inconclusive }, { limit: 2, ...start }, () =>
        // A goal is replaced by another: the one without the other would be half of a push.
        device.push({ entries, goals: [aDeletion(oldGoal), newGoal] }),
      );

      expect.equal(
        "notes of all entries",
        walk.live("logbook_entry").map((entry) => entry["notes"]),
        entries.map(() => mark),
      );
      expect.liveIds(walk, [idOf(newGoal)], "goal");
      [oldGoal, newGoal] = [newGoal, edited(oldGoal)];
    }
  },
});

export const noPullSeesHalfAPush = serverCheck({
  id: "PULL-011/concurrent-pulls-see-all-or-nothing",
  name: "pulls that run while large pushes are committed see each of them as a whole or not at all",
  brokenBy: [faulty.itemsAreVisibleOneByOne, faulty.typesAreReadOneAfterTheOther],
  async run({ device, newDevice, expect, limits, anEntry, aGoal, edited }) {
    const half = Math.min(50, Math.floor(limits.maxItems / 2));
    let entries = Array.from({ length: half }, () => anEntry({ duration: 0 }));
    let goals = Array.from({ length: half }, () => aGoal({ currentValue: 0 }));
    const since = (await device.push({ entries, goals })).body.syncToken;

    for (let generation = 1; generation <= 3; generation += 1) {
      entries = entries.map((entry) => edited(entry, { duration: generation }));
      goals = goals.map((goal) => edited(goal, { currentValue: generation }));
      const writing = { done: false };
      const push = device.push({ entries, goals }).finally(() => (writing.done = true));
      const readers = [{}, { since }, {}, { since }].map(async (options) => {
        const reader = newDevice();
        const seen: number[][] = [];
        // At least one reading of each starts before the push is answered.
        do {
          const { body } = await reader.pull(options);
          seen.push([
            ...body.entries.map((entry) => entry["duration"] as number),
            ...body.goals.map((goal) => goal["currentValue"] as number),
          ]);
        } while (!writing.done && seen.length < 20);
        return seen;
      });
      const [, ...readings] = await Promise.all([push, ...readers]);
      for (const seen of readings.flat()) {
        expect.ok("one generation in a reading", new Set(seen).size <= 1, [...new Set(seen)]);
        expect.ok(
          "all or none of the push",
          seen.length === 2 * half || (seen.length === 0 && generation === 1),
          seen.length,
        );
      }
    }
    expect.equal(
      "generation in the end",
      (await newDevice().pull()).body.goals.map((goal) => goal["currentValue"]),
      goals.map(() => 3),
    );
  },
});

export const tornPagesAreMended = serverCheck({
  id: "PULL-011/concurrent-walks-end-whole",
  name: "walks in small pages that run while pushes are committed end with each push as a whole",
  brokenBy: [faulty.walkTellsEachEntityOnce, faulty.itemsAreVisibleOneByOne],
  async run({ device, newDevice, expect, anEntry, edited }) {
    let entries = Array.from({ length: 12 }, () => anEntry({ duration: 0 }));
    await device.push({ entries });
    const writing = { done: false };
    const writer = (async () => {
      for (let generation = 1; generation <= 4; generation += 1) {
        entries = entries.map((entry) => edited(entry, { duration: generation }));
        await device.push({ entries });
      }
      writing.done = true;
    })();
    const walks = [3, 5].map(async (limit) => {
      const ends: Pulled[] = [];
      do ends.push(await newDevice().pullAll({ limit }));
      while (!writing.done && ends.length < 10);
      return ends;
    });
    const [, ...ends] = await Promise.all([writer, ...walks]);

    for (const walk of ends.flat()) {
      expect.equal("entries at the end of a walk", walk.live().length, 12);
      const generations = new Set(walk.live().map((entry) => entry["duration"]));
      expect.ok("one generation at the end of a walk", generations.size === 1, [...generations]);
    }
  },
});

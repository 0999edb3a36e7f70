import type { JsonObject } from "../../../schemas/json.ts";
import { serverCheck } from "../../check.ts";
import { rowsOf } from "../../wire/pulled.ts";
import { idOf, idsOf, told } from "../reading.ts";
import * as faulty from "./pull-pages.mutants.ts";

export const fullPullInPages = serverCheck({
  id: "PULL-009/full-pull-in-pages",
  name: "no page of a full pull is larger than limit, and the pages together are the whole",
  brokenBy: [
    faulty.ignoresLimit,
    faulty.limitCountsEachCollection,
    faulty.pageHoldsOneMore,
    faulty.pageEdgeFallsOut,
    faulty.endsOneRowEarly,
  ],
  async run({ device, newDevice, expect, anEntry, aGoal, aPiece }) {
    const entries = [anEntry(), anEntry(), anEntry()];
    const goals = [aGoal(), aGoal(), aGoal()];
    const repertoire = [aPiece()];
    await device.push({ entries, goals, repertoire });
    const all = idsOf([...entries, ...goals, ...repertoire]);

    // 7 rows: pages of one, a last page that is not full, an edge on the last row, one page that is just large enough.
    for (const limit of [1, 3, 6, 7, 8]) {
      const walk = await newDevice().pullAll({ limit });
      for (const page of walk.pages) atMost(limit, rowsOf(page.body).length);
      expect.equal(
        `ids told with limit ${limit}`,
        walk.rows.map(({ entityId }) => entityId).sort(),
        [...all].sort(),
      );
    }

    function atMost(limit: number, count: number): void {
      expect.ok(`a page with limit ${limit} has at most ${limit} entities`, count <= limit, count);
    }
  },
});

export const deltaPullInPages = serverCheck({
  id: "PULL-009/deletions-count-too",
  name: "no page of a delta pull is larger than limit, deletions counted, and the pages together are the whole",
  brokenBy: [
    faulty.deletionsAreNotCounted,
    faulty.limitHoldsForTheFirstPageOnly,
    faulty.endsWhenOnlyDeletionsRemain,
    faulty.pageEdgeFallsOut,
  ],
  async run({ device, newDevice, expect, anEntry, aGoal, aDeletion, edited }) {
    const entries = [anEntry(), anEntry(), anEntry(), anEntry()];
    const goals = [aGoal(), aGoal()];
    await device.push({ entries, goals });
    const since = await device.cursor();
    await device.push({ entries: [edited(entries[0]!), edited(entries[1]!)] });
    await device.push({
      entries: [aDeletion(entries[2]!), aDeletion(entries[3]!)],
      goals: goals.map((goal) => aDeletion(goal)),
    });
    const all = idsOf([...entries, ...goals]).sort();

    for (const limit of [1, 2, 4, 5, 6, 7]) {
      const walk = await newDevice().pullAll({ since, limit });
      for (const page of walk.pages) {
        const count = rowsOf(page.body).length;
        expect.ok(`a page with limit ${limit} has at most ${limit} entities`, count <= limit, count);
      }
      expect.equal(`ids told with limit ${limit}`, walk.rows.map(({ entityId }) => entityId).sort(), all);
    }
  },
});

export const limitMayChange = serverCheck({
  id: "PULL-009/limit-may-change-within-a-walk",
  name: "each page obeys its own limit, and no limit fetches all the rest",
  brokenBy: [faulty.limitStaysThatOfTheFirstPage, faulty.tokenRunsAheadOfWhatWasTold],
  async run({ device, newDevice, expect, anEntry }) {
    const entries = Array.from({ length: 9 }, () => anEntry());
    await device.push({ entries });
    const reader = newDevice();

    const pages = [await reader.pull({ limit: 4 })];
    pages.push(await reader.pull({ limit: 1, since: pages[0]!.body.syncToken }));
    pages.push(await reader.pull({ limit: 2, since: pages[1]!.body.syncToken }));
    pages.push(await reader.pull({ since: pages[2]!.body.syncToken }));

    for (const [index, limit] of [4, 1, 2].entries()) {
      const count = rowsOf(pages[index]!.body).length;
      expect.ok(`page ${index + 1} has at most ${limit} entities`, count <= limit, count);
      expect.equal(`hasMore on page ${index + 1}`, pages[index]!.body.hasMore, true);
    }
    expect.equal("hasMore without limit", pages[3]!.body.hasMore, false);
    const ids = pages.flatMap(({ body }) => rowsOf(body)).map(({ entityId }) => entityId);
    expect.equal("ids told", ids.sort(), idsOf(entries).sort());
  },
});

export const typedPullsInPages = serverCheck({
  id: "PULL-016/typed-pulls-in-pages",
  name: "the pages of typed pulls, full and delta, hold all of these types, also where other types lie between",
  brokenBy: [faulty.endsAtAPageWithoutTheTypes, faulty.laterPagesForgetTypes],
  async run({ device, newDevice, expect, anEntry, aGoal, aDeletion }) {
    const types = ["goal"] as const;
    const start = (await device.pullAll({ types })).syncToken;
    const goals: JsonObject[] = [];
    for (let round = 0; round < 3; round += 1) {
      const goal = aGoal();
      goals.push(goal);
      await device.push({ entries: [anEntry(), anEntry(), anEntry()] });
      await device.push({ goals: [goal] });
    }
    await device.push({ entries: [anEntry(), anEntry()] });

    const reader = newDevice();
    for (const limit of [1, 2]) {
      expect.equal(
        "goals of a full pull",
        told((await reader.pullAll({ types, limit })).rows),
        goals.map((goal) => `goal ${idOf(goal)} v1`).sort(),
      );
    }
    await device.push({ goals: [aDeletion(goals[1]!)] });
    const delta = await reader.pullAll({ types, since: start, limit: 1 });
    expect.equal(
      "goals of a delta pull",
      told(delta.rows),
      [
        `goal ${idOf(goals[0]!)} v1`,
        `goal ${idOf(goals[1]!)} v2 deleted`,
        `goal ${idOf(goals[2]!)} v1`,
      ].sort(),
    );
  },
});

export const allPagesSayFull = serverCheck({
  id: "PULL-012/all-pages-say-full",
  name: "every page of a full pull says full, also those that tell what changed meanwhile",
  brokenBy: [faulty.laterPagesSayDelta, faulty.lastPageSaysDelta, faulty.pagesWithDeletionsSayDelta],
  async run({ device, newDevice, expect, anEntry, aDeletion, edited }) {
    const entries = Array.from({ length: 4 }, () => anEntry());
    await device.push({ entries });
    const reader = newDevice();

    const first = await reader.pull({ limit: 1 });
    await device.push({ entries: [aDeletion(entries[0]!), edited(entries[1]!)] });
    const rest = await reader.pullAll({ limit: 1, since: first.body.syncToken });

    for (const [index, page] of [first, ...rest.pages].entries()) {
      expect.equal(`mode of page ${index + 1}`, page.body.mode, "full");
    }
    const after = await reader.pull({ since: rest.syncToken });
    expect.equal("mode of a pull after the walk", after.body.mode, "delta");
  },
});

export const completeWithoutLimit = serverCheck({
  id: "PULL-013/complete-without-limit",
  name: "a pull without limit is one complete answer, full or delta",
  brokenBy: [faulty.defaultPageOf100, faulty.noLimitLooksLikeAFullPage],
  async run({ device, newDevice, expect, limits, anEntry }) {
    const since = await device.cursor();
    const entries = Array.from({ length: 240 }, () => anEntry({ notes: undefined }));
    const most = Math.min(240, limits.maxItems);
    for (let from = 0; from < entries.length; from += most) {
      await device.push({ entries: entries.slice(from, from + most) });
    }

    for (const answer of [await newDevice().pull(), await newDevice().pull({ since })]) {
      expect.equal("entries", answer.body.entries.length, 240);
      expect.equal("hasMore", answer.body.hasMore, false);
    }
  },
});

export const limitAboveTheLargestPage = serverCheck({
  id: "PULL-013/limit-above-the-largest-page",
  name: "a limit above maxPageSize gives pages of at most maxPageSize; no limit gives everything",
  needs: ["limit:maxPageSize<=5000"],
  model: { limits: { maxPageSize: 7 } },
  brokenBy: [
    faulty.anyLimitIsServed,
    faulty.refusesLimitsAboveTheLargestPage,
    faulty.noLimitMeansLargestPage,
  ],
  async run({ device, newDevice, expect, limits, anEntry }) {
    const { maxPageSize, maxItems } = limits;
    const entries = Array.from({ length: maxPageSize + 1 }, () =>
      anEntry({ notes: undefined, tags: undefined }),
    );
    for (let from = 0; from < entries.length; from += maxItems) {
      await device.push({ entries: entries.slice(from, from + maxItems) });
    }

    const large = await newDevice().pull({ limit: Number.MAX_SAFE_INTEGER });
    const count = rowsOf(large.body).length;
    expect.ok(`at most ${maxPageSize} entities on the page`, count <= maxPageSize, count);
    expect.equal("hasMore of the page", large.body.hasMore, true);
    const rest = await newDevice().pullAll({ limit: maxPageSize + 1, since: large.body.syncToken });
    expect.equal("entities on all pages", count + rest.rows.length, entries.length);

    const complete = await newDevice().pull();
    expect.equal("hasMore without limit", complete.body.hasMore, false);
    expect.equal("entities without limit", complete.body.entries.length, entries.length);
  },
});

import { serverCheck } from "../../check.ts";
import { headAfter } from "../reading.ts";
import * as faulty from "./pull-progress.mutants.ts";

export const throughOnTheLastPage = serverCheck({
  id: "PULL-014/through-on-the-last-page-only",
  name: "through stands on the last page of a full pull, is the head, and stands on no other page and in no delta",
  brokenBy: [
    faulty.throughOnEveryPage,
    faulty.throughIsTheLastRow,
    faulty.throughInDeltas,
    faulty.throughForgotten,
  ],
  async run({ device, newDevice, expect, http, anEntry, aGoal, aDeletion }) {
    const since = await device.cursor();
    const entries = [anEntry(), anEntry(), anEntry()];
    const goal = aGoal();
    await device.push({ entries, goals: [goal] });
    // The head is a deletion's, which a full pull does not tell.
    const head = headAfter(await device.push({ goals: [aDeletion(goal)] }));

    const page = (json: unknown) =>
      http<{ through?: number; hasMore: boolean; syncToken: string }>({
        path: "/api/sync/pull",
        as: newDevice(),
        json,
        anyAnswer: true,
      });
    expect.equal("through of a full pull", (await page({})).body.through, head);
    let paged = await page({ limit: 1 });
    for (let number = 1; paged.body.hasMore && number < 10; number += 1) {
      expect.ok(`no through on page ${number}`, paged.body.through === undefined, paged.body.through);
      paged = await page({ limit: 1, since: paged.body.syncToken });
    }
    expect.equal("through of the last page", paged.body.through, head);
    const { through } = (await page({ since })).body;
    expect.ok("no through in a delta pull", through === undefined, through);
  },
});

export const throughOfTypedPull = serverCheck({
  id: "PULL-014/through-of-a-typed-pull",
  name: "through of a typed full pull is the head of the whole log",
  brokenBy: [faulty.throughOfTheTypes],
  async run({ device, newDevice, expect, anEntry, aGoal }) {
    await device.push({ goals: [aGoal()] });
    const head = headAfter(await device.push({ entries: [anEntry(), anEntry()] }));

    const typed = await newDevice().pull({ types: ["goal"] });

    expect.equal("through", typed.body.through, head);
    const ofNone = await newDevice().pull({ types: ["practice_plan"] });
    expect.equal("through of a type without entities", ofNone.body.through, head);
  },
});

export const throughMovesWithTheWalk = serverCheck({
  id: "PULL-014/through-is-read-with-the-last-page",
  name: "writes during the walk move through: it is the head at the last page, not at the first",
  brokenBy: [faulty.throughOfTheFirstPage],
  async run({ device, newDevice, expect, anEntry, aDeletion, edited }) {
    const entries = [anEntry(), anEntry(), anEntry()];
    await device.push({ entries });
    const reader = newDevice();
    const first = await reader.pull({ limit: 1 });
    const push = await device.push({ entries: [edited(entries[0]!), anEntry(), aDeletion(entries[2]!)] });

    const rest = await reader.pullAll({ limit: 1, since: first.body.syncToken });

    expect.equal("through", rest.last.through, headAfter(push));
    expect.equal("lastSeq", rest.last.lastSeq, headAfter(push));
  },
});

export const lastSeqIsTheHead = serverCheck({
  id: "PULL-015/last-seq-is-the-head",
  name: "lastSeq is the head at the end of a pull of all types, also where the pull tells nothing",
  brokenBy: [faulty.lastSeqOfWhatWasTold, faulty.lastSeqInFullPullsOnly, faulty.lastSeqCountsEntities],
  async run({ device, newDevice, expect, anEntry, edited, aDeletion }) {
    const entry = anEntry();
    await device.push({ entries: [entry, anEntry()] });
    const since = await device.cursor();
    await device.push({ entries: [edited(entry)] });
    const head = headAfter(await device.push({ entries: [aDeletion(entry)] }));

    const reader = newDevice();
    const full = await reader.pull();
    expect.equal("lastSeq of a full pull", full.body.lastSeq, head);
    expect.equal("lastSeq of a delta pull", (await reader.pull({ since })).body.lastSeq, head);
    const rest = await reader.pull({ since: full.body.syncToken });
    expect.equal("lastSeq at rest", rest.body.lastSeq, head);
    expect.equal("lastSeq of a walk", (await reader.pullAll({ limit: 1 })).last.lastSeq, head);
  },
});

export const lastSeqIsAbsent = serverCheck({
  id: "PULL-015/absent-from-typed-and-unfinished-pulls",
  name: "typed pulls and pages before the last have no lastSeq",
  brokenBy: [faulty.lastSeqInTypedPulls, faulty.lastSeqInUnfinishedPulls],
  async run({ device, newDevice, expect, http, anEntry, aGoal }) {
    await device.push({ entries: [anEntry(), anEntry()], goals: [aGoal()] });
    const pull = (json: unknown) =>
      http<{ lastSeq?: number; hasMore: boolean; syncToken: string }>({
        path: "/api/sync/pull",
        as: newDevice(),
        json,
        anyAnswer: true,
      });
    const typed = await pull({ types: ["goal"] });
    const typedDelta = await pull({ types: ["goal"], since: typed.body.syncToken });
    const unfinished = await pull({ limit: 1 });

    expect.equal("hasMore of the first page", unfinished.body.hasMore, true);
    for (const [what, { body }] of Object.entries({ typed, typedDelta, unfinished })) {
      expect.ok(`no lastSeq in the ${what} answer`, body.lastSeq === undefined, body.lastSeq);
    }
    const complete = await pull({});
    expect.ok("lastSeq in a complete pull of all types", typeof complete.body.lastSeq === "number");
  },
});

import { ENTITY_TYPES, memberOf } from "../../../schemas/collections.ts";
import { serverCheck } from "../../check.ts";
import type { Changes } from "../../wire/shapes.ts";
import { idOf, idsOf, told } from "../reading.ts";
import * as faulty from "./pull-full.mutants.ts";

export const fullPullOfAllTypes = serverCheck({
  id: "PULL-001/items-of-every-type",
  name: "a pull without since returns the items of all seven types as they were written",
  brokenBy: [faulty.leavesTemplatesOut, faulty.leavesPreferencesOut, faulty.fullPullSaysDelta],
  async run({ device, newDevice, expect, anItem, anEntry }) {
    const items = ENTITY_TYPES.map((entityType) => ({ entityType, item: anItem(entityType) }));
    const second = anEntry();
    const changes: Changes = {};
    for (const { entityType, item } of items) changes[memberOf(entityType)] = [item];
    await device.push({ ...changes, entries: [...changes.entries!, second] });

    const full = await newDevice().pull();

    expect.equal("mode", full.body.mode, "full");
    expect.liveIds(full, [...items.map(({ item }) => idOf(item)), idOf(second)]);
    for (const { entityType, item } of items) {
      // NORM-011: who wrote a template is for the server to say.
      const { authorId: _server, ...written } = expect.live(full, idOf(item), entityType).item;
      expect.equal(`the ${entityType}`, written, item);
    }
  },
});

export const fullPullOfLiveOnly = serverCheck({
  id: "PULL-001/deleted-entities-are-not-in-it",
  name: "what was deleted is not among the items of a full pull",
  brokenBy: [faulty.fullPullKeepsDeletedItems, faulty.fullPullTellsGhostsOfPieces],
  async run({ device, newDevice, expect, anEntry, aPiece, aDeletion, unique }) {
    const [kept, removed, piece] = [anEntry(), anEntry(), aPiece()];
    await device.push({ entries: [kept, removed], repertoire: [piece] });
    await device.push({
      entries: [aDeletion(removed), aDeletion(unique("never-seen"))],
      repertoire: [aDeletion(piece)],
    });

    const full = await newDevice().pull();

    expect.liveIds(full, [idOf(kept)]);
    expect.equal("pieces", full.body.repertoire, []);
  },
});

export const fullPullAfterReturn = serverCheck({
  id: "PULL-001/an-entity-that-came-back-is-live",
  name: "an entity that was deleted and written again is live, once, with its new content",
  brokenBy: [faulty.onceDeletedStaysOut],
  async run({ device, newDevice, expect, aGoal, aDeletion, edited }) {
    const goal = aGoal();
    await device.push({ goals: [goal] });
    await device.push({ goals: [aDeletion(goal)] });
    const returned = edited(goal, { title: "Back again" });
    await device.push({ goals: [returned] });

    const full = await newDevice().pull();

    expect.equal("goals", full.body.goals, [returned]);
    const deletions = full.body.deleted.map(({ entityId }) => entityId);
    expect.ok("it is not told as deleted too", !deletions.includes(idOf(goal)), deletions);
  },
});

export const fullPullLatestState = serverCheck({
  id: "PULL-001/each-entity-once-in-its-latest-state",
  name: "an entity that was edited often is in a full pull once, as it was written last",
  brokenBy: [faulty.fullPullTellsEveryRevision, faulty.fullPullTellsFirstRevision],
  async run({ device, newDevice, expect, anEntry, edited }) {
    const entry = anEntry({ duration: 10 });
    const other = anEntry();
    await device.push({ entries: [entry, other] });
    await device.push({ entries: [edited(entry, { duration: 20 })] });
    const last = edited(entry, { duration: 30 });
    await device.push({ entries: [last] });

    const full = await newDevice().pullAll();

    expect.equal(
      "what was told",
      told(full.rows),
      [`logbook_entry ${idOf(entry)} v3`, `logbook_entry ${idOf(other)} v1`].sort(),
    );
    expect.equal("the entry", expect.live(full, idOf(entry)).item, last);
  },
});

export const fullPullOfOldStamps = serverCheck({
  id: "PULL-001/age-does-not-matter",
  name: "entities that were stamped decades ago are in a full pull",
  brokenBy: [faulty.fullPullGoesBackOneYear],
  async run({ device, newDevice, expect, anEntry, aGoal }) {
    const old = [
      anEntry({ updatedAt: "1969-07-20T20:17:40.000Z", timestamp: "1969-07-20T20:17:40.000Z" }),
      anEntry({ updatedAt: "1999-12-31T23:59:59.999Z" }),
    ];
    const goal = aGoal({ updatedAt: 0 });
    await device.push({ entries: old, goals: [goal] });

    expect.liveIds(await newDevice().pull(), idsOf([...old, goal]));
  },
});

export const futureDeletions = serverCheck({
  id: "PULL-007/deletions-of-a-fast-clock",
  name: "a full pull, complete, paged or typed, carries the deletions whose stamp is later than its timestamp",
  brokenBy: [
    faulty.fullPullForgetsFutureDeletions,
    faulty.futureDeletionsOnlyOfKnownEntities,
    faulty.futureDeletionsOnTheFirstPageOnly,
  ],
  async run({ device, newDevice, expect, limits, at, anEntry, aGoal, aDeletion, unique, inconclusive }) {
    const ahead = at(limits.clockSkewMs * 0.5);
    const [entry, goal] = [anEntry(), aGoal()];
    const unseen = unique("never-seen");
    await device.push({ entries: [entry], goals: [goal] });
    const push = await device.push({
      entries: [aDeletion(entry, { deletedAt: ahead }), aDeletion(unseen, { deletedAt: ahead })],
      goals: [aDeletion(goal, { deletedAt: ahead })],
    });
    expect.outcomes(push, ["applied", "applied", "applied"]);

    const reader = newDevice();
    const full = await reader.pullAll();
    const paged = await reader.pullAll({ limit: 1 });
    const typed = await reader.pullAll({ types: ["goal"] });
    for (const { last } of [full, paged, typed]) {
      if (Date.parse(last.timestamp) >= Date.parse(ahead))
        inconclusive("clockSkewMs is over before the pull came");
    }

    for (const pulled of [full, paged]) {
      const deletions = pulled.rows.filter(({ item }) => item === null).map(({ entityId }) => entityId);
      expect.equal("deletions told", deletions.sort(), [idOf(entry), idOf(goal), unseen].sort());
      expect.equal("its deletedAt", expect.deleted(pulled, unseen, "logbook_entry").meta.deletedAt, ahead);
      expect.equal("live items", pulled.live(), []);
    }
    expect.equal("deletions of the pulled type", told(typed.rows), [`goal ${idOf(goal)} v2 deleted`]);
  },
});

export const sameIdInTwoTypes = serverCheck({
  id: "PULL-001/one-id-in-two-types",
  name: "entities of different types under one id are two: both are told, and the deletion of one leaves the other",
  brokenBy: [faulty.onePerIdWhateverTheType, faulty.deletionHidesTheIdInAllTypes],
  async run({ device, newDevice, expect, anEntry, aGoal, aPlan, aDeletion, unique }) {
    const id = unique("shared");
    const [entry, goal, plan] = [anEntry({ id }), aGoal({ id }), aPlan({ id })];
    await device.push({ entries: [entry], goals: [goal], practicePlans: [plan] });

    const all = await newDevice().pull();
    expect.equal("the entries", all.body.entries, [entry]);
    expect.equal("the goals", all.body.goals, [goal]);
    expect.equal("the plans", all.body.practicePlans, [plan]);

    await device.push({ goals: [aDeletion(goal)] });
    const left = await newDevice().pullAll({ limit: 1 });
    expect.equal("the entry after the goal's deletion", expect.live(left, id, "logbook_entry").item, entry);
    expect.equal("the plan after the goal's deletion", expect.live(left, id, "practice_plan").item, plan);
    expect.equal("live goals", left.live("goal"), []);
  },
});

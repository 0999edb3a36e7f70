import { ENTITY_TYPES, MEMBERS, memberOf } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { serverCheck } from "../../check.ts";
import type { Changes } from "../../shapes.ts";
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

export const metaRunsParallel = serverCheck({
  id: "PULL-003/meta-runs-parallel",
  name: "each item's meta stands at the item's place, in full, delta and paged pulls",
  brokenBy: [faulty.metaInOrderOfIds, faulty.metaInOrderOfStamps, faulty.metaOfLiveAndDeletedMixedUp],
  async run({ device, newDevice, expect, anEntry, aPiece, aDeletion, edited, at }) {
    const start = await device.cursor();
    // Neither ids nor stamps ascend with seq, so that any other order shows.
    const entries = ["d", "a", "c", "b", "e"].map((letter, index) =>
      anEntry({ id: `${letter}-${index}`, updatedAt: at(-100_000 - index) }),
    );
    const pieces = [
      aPiece({ scoreId: "score_z" }),
      aPiece({ scoreId: "score_m" }),
      aPiece({ scoreId: "score_a" }),
    ];
    await device.push({ entries, repertoire: pieces });
    await device.push({ entries: [aDeletion(entries[2]!), edited(entries[1]!)] });

    const reader = newDevice();
    const answers = [
      await reader.pull(),
      await reader.pull({ since: start }),
      await reader.pull({ types: ["repertoire_item"] }),
      ...(await reader.pullAll({ limit: 3 })).pages,
    ];

    for (const { body } of answers) {
      for (const member of MEMBERS) {
        expect.equal(
          `meta.${member}, beside ${member}`,
          body.meta[member]?.map(({ entityId, updatedAt }) => [entityId, updatedAt]),
          body[member].map((item) => [idOf(item), item["updatedAt"]]),
        );
      }
    }
    expect.equal("entries compared", answers[0]!.body.entries.length, 4);
    expect.equal("pieces compared", answers[2]!.body.repertoire.length, 3);
  },
});

export const seqAscends = serverCheck({
  id: "PULL-006/seq-ascends-in-each-list",
  name: "seq ascends within each collection and within the deletions of a page",
  brokenBy: [
    faulty.itemsInOrderOfIds,
    faulty.itemsInOrderOfStamps,
    faulty.newestFirst,
    faulty.deletionsInOrderOfIds,
  ],
  async run({ device, newDevice, expect, anEntry, aGoal, aDeletion, edited, at }) {
    const start = await device.cursor();
    const entries = ["f", "b", "d", "a", "c", "e"].map((letter, index) =>
      anEntry({ id: letter, updatedAt: at(-100_000 - index) }),
    );
    const goals = ["z", "y", "x"].map((id, index) => aGoal({ id, updatedAt: at(-200_000 - index) }));
    await device.push({ entries, goals });
    const removals = [entries[0]!, goals[0]!, entries[2]!].map((item) => aDeletion(item));
    await device.push({ entries: [edited(entries[3]!), removals[0]!], goals: [removals[1]!] });
    await device.push({ entries: [removals[2]!] });

    const reader = newDevice();
    const pages = [
      ...(await reader.pullAll()).pages,
      ...(await reader.pullAll({ since: start })).pages,
      ...(await reader.pullAll({ since: start, limit: 4 })).pages,
    ];

    for (const { body } of pages) {
      for (const member of MEMBERS) ascends(`meta.${member}`, seqs(body.meta[member]));
      ascends("deleted", seqs(body.deleted));
    }
    expect.equal("deletions in the delta", pages[1]!.body.deleted.length, 3);

    function seqs(metas: readonly { seq: number }[] | undefined): number[] | undefined {
      return metas?.map(({ seq }) => seq);
    }
    function ascends(what: string, list: number[] | undefined): void {
      expect.equal(`seq in ${what}`, list, list && [...new Set(list)].sort((a, b) => a - b));
    }
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

export const epochStays = serverCheck({
  id: "PULL-008/epoch-stays",
  name: "epoch is the same in full, delta, typed and paged answers, on every device, whatever is written",
  brokenBy: [faulty.epochPerAnswer, faulty.epochPerDevice, faulty.epochMovesWithWrites],
  async run({ device, newDevice, deployedDevice, expect, anEntry, aDeletion }) {
    const first = await device.pull();
    const entries: JsonObject[] = [anEntry(), anEntry()];
    await device.push({ entries });
    await device.push({ entries: [aDeletion(entries[0]!)] });

    const other = newDevice();
    const answers = [
      await other.pull(),
      await other.pull({ since: first.body.syncToken }),
      await other.pull({ types: ["goal"] }),
      ...(await other.pullAll({ since: first.body.syncToken, limit: 1 })).pages,
      await deployedDevice().pull(),
    ];

    for (const { body } of answers) expect.equal("epoch", body.epoch, first.body.epoch);
  },
});

export const epochOutlivesRestart = serverCheck({
  id: "PULL-008/epoch-outlives-a-restart",
  name: "a restart of the server is no restore: epoch and cursors stay",
  needs: ["control:restart"],
  brokenBy: [faulty.epochPerProcess, faulty.tokensDieWithTheProcess],
  async run({ device, newDevice, control, expect, anEntry }) {
    await device.push({ entries: [anEntry()] });
    const before = await device.pull();

    await control.restart();

    const after = await newDevice().pull({ since: before.body.syncToken });
    expect.equal("epoch", after.body.epoch, before.body.epoch);
    expect.nothing("changes since before the restart", after);
    const later = anEntry();
    await device.push({ entries: [later] });
    expect.liveIds(await newDevice().pull({ since: before.body.syncToken }), [idOf(later)]);
  },
});

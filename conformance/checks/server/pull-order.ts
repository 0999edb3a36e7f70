import { MEMBERS } from "../../../schemas/collections.ts";
import { serverCheck } from "../../check.ts";
import { idOf } from "../reading.ts";
import * as faulty from "./pull-order.mutants.ts";

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

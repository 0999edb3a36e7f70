import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import * as faulty from "./push-many.mutants.ts";

export const resultsOfMany = serverCheck({
  id: "PUSH-001/results-of-many",
  name: "hundreds of items have a result each, in the order of the request, with pointers that count through",
  brokenBy: [faulty.countsAnewInEveryPortion, faulty.answersPortionsAsTheyEnd, faulty.answersTheFirst250],
  async run({ device, expect, at, limits, random }) {
    const deletedAt = at(-60_000);
    const names = Array.from({ length: Math.min(limits.maxItems, 320) }, (_, n) => `many-${n}`);
    // In no order of ids, so that none but the request's own will do.
    const ids = names
      .map((id) => ({ id, at: random() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ id }) => id);
    const goals = ids.slice(0, -20).map((id) => ({ id, deletedAt }));
    const entries = ids.slice(-20).map((id) => ({ id, deletedAt }));
    const { results } = (await device.push({ goals, entries })).body;
    expect.equal(
      "results",
      results.map(({ pointer, entityId, outcome }) => `${pointer} ${entityId} ${outcome}`),
      [
        ...goals.map(({ id }, n) => `/changes/goals/${n} ${id} applied`),
        ...entries.map(({ id }, n) => `/changes/entries/${n} ${id} applied`),
      ],
    );
  },
});

export const oneOfTwoConflicts = serverCheck({
  id: "BATCH-002/one-of-two-conflicts",
  name: "of several items of one entity in a batch those made on an older version conflict, each of them, and the other is applied",
  brokenBy: [faulty.oneConflictRefusesTheEntity, faulty.listsAConflictOnce],
  async run({ device, expect, aGoal, edited }) {
    const first = aGoal();
    const id = first["id"] as string;
    await device.push({ goals: [first] });
    await device.push({ goals: [edited(first, { title: "second" })] });

    const on = (version: number, title: string) =>
      ({ id, type: "goal", data: edited(first, { title }), version }) as const;
    const reply = await device.batch([on(0, "on nothing"), on(2, "fits"), on(1, "on the first")]);
    expect.refused(reply, 0, "VERSION_CONFLICT");
    expect.equal("version of the one that fits", expect.outcome(reply, 1, "applied").meta?.version, 3);
    expect.refused(reply, 2, "VERSION_CONFLICT");
    expect.equal(
      "versions of the conflicts",
      reply.body.conflicts.map(({ localVersion, remoteVersion }) => [localVersion, remoteVersion]),
      [
        [0, 2],
        [1, 2],
      ],
    );
    expect.equal("title", expect.live(await device.pull(), id).item["title"], "fits");
  },
});

/** A goal that was deleted by a clock far ahead comes back; then the same deletion is pushed again. */
async function deletedAgain({ device, deployedDevice, expect, aGoal, now, limits }: ServerContext) {
  const goal = aGoal();
  const id = goal["id"] as string;
  await device.push({ goals: [goal] });
  // The server stamps the deletion, and keeps what was claimed.
  const deletion = { id, deletedAt: new Date(now() + limits.clockSkewMs + 86_400_000).toISOString() };
  const { meta } = expect.outcome(await deployedDevice().push({ goals: [deletion] }), 0, "applied");
  const updatedAt = new Date(Date.parse(meta?.deletedAt ?? "") + 1).toISOString();
  const back = await device.push({ goals: [{ ...goal, title: "back again", updatedAt }] });
  const again = expect.outcome(await deployedDevice().push({ goals: [deletion] }), 0, "duplicate");
  return { id, back, again };
}

export const repeatedDeletionOfWhatCameBack = serverCheck({
  id: "ORD-019/repeated-deletion-of-what-came-back",
  name: "a deletion that repeats the latest claim of an entity which has come back since is told meta and item of today",
  brokenBy: [faulty.repeatedDeletionsAnswerNothing],
  async run(context) {
    const { id, again } = await deletedAgain(context);
    context.expect.equal("title of the stored item", again.item?.["title"], "back again");
    context.expect.live(await context.device.pull(), id);
  },
});

export const metaOfARepeatedDeletion = serverCheck({
  id: "ORD-018/meta-of-a-repeated-deletion",
  name: "a deletion that is repeated after the entity came back is answered with the meta of today",
  brokenBy: [faulty.repeatedDeletionsTellTheOldMeta],
  async run(context) {
    const { expect } = context;
    const { back, again } = await deletedAgain(context);
    expect.equal("meta", again.meta, expect.outcome(back, 0, "applied").meta);
  },
});

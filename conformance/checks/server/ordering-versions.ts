import { serverCheck } from "../../check.ts";
import {
  commitsOutOfOrder,
  countsVersionsPerUser,
  deletionsTakeNoSeq,
  editsKeepTheirSeq,
  numbersEachTypeApart,
  onePushOneSeq,
  refusedWritesTakeAVersion,
  skipsVersions,
} from "./ordering-answers.mutants.ts";
import { duplicateTakesAVersion, lostWritesTakeAVersion } from "./ordering.mutants.ts";

export const oneByOne = serverCheck({
  id: "ORD-020/one-by-one",
  name: "an entity's version is 1 after its first write and one more after each further one",
  brokenBy: [countsVersionsPerUser, skipsVersions],
  async run({ device, newDevice, expect, aGoal, anEntry, edited }) {
    const [goal, entry] = [aGoal(), anEntry()];
    const first = await device.push({ goals: [goal], entries: [entry] });
    expect.equal("first version of the goal", expect.outcome(first, 0, "applied").meta?.version, 1);
    expect.equal("first version of the entry", expect.outcome(first, 1, "applied").meta?.version, 1);

    for (const version of [2, 3, 4]) {
      const reply = await newDevice().push({ goals: [edited(goal, { title: `version ${version}` })] });
      expect.equal("version", expect.outcome(reply, 0, "applied").meta?.version, version);
    }
    const batch = await device.batch([{ id: goal["id"] as string, type: "goal", data: edited(goal) }]);
    expect.equal("version", expect.outcome(batch, 0, "applied").meta?.version, 5);

    const pulled = await device.pullAll();
    expect.equal("version of the goal", expect.live(pulled, goal["id"] as string).meta.version, 5);
    expect.equal("version of the entry", expect.live(pulled, entry["id"] as string).meta.version, 1);
  },
});

export const nothingElseCounts = serverCheck({
  id: "ORD-020/nothing-else-counts",
  name: "superseded, duplicate and refused writes leave the version as it is",
  brokenBy: [lostWritesTakeAVersion, duplicateTakesAVersion, refusedWritesTakeAVersion],
  async run({ device, newDevice, expect, aGoal, edited, at, limits }) {
    const goal = aGoal();
    const id = goal["id"] as string;
    await device.push({ goals: [{ ...goal, updatedAt: "2024-01-02T00:00:00Z" }] });
    expect.outcome(
      await newDevice().push({ goals: [{ ...goal, updatedAt: "2024-01-01T00:00:00Z" }] }),
      0,
      "superseded",
    );
    expect.outcome(
      await newDevice().push({ goals: [{ ...goal, updatedAt: "2024-01-02T00:00:00Z" }] }),
      0,
      "duplicate",
    );
    const ahead = edited(goal, { updatedAt: at(limits.clockSkewMs + 60_000) });
    expect.refused(await newDevice().push({ goals: [ahead] }), 0, "CLOCK_SKEW");
    expect.equal("version", expect.live(await device.pullAll(), id).meta.version, 1);

    const next = await device.push({ goals: [edited(goal)] });
    expect.equal("version after the next write", expect.outcome(next, 0, "applied").meta?.version, 2);
  },
});

export const strictlyIncreasing = serverCheck({
  id: "ORD-021/strictly-increasing",
  name: "seq grows with every accepted write of a user, whatever the type, the call and the kind of write",
  brokenBy: [numbersEachTypeApart, onePushOneSeq, editsKeepTheirSeq, deletionsTakeNoSeq],
  async run(context) {
    const { device, newDevice, expect, anEntry, aGoal, aPiece, aPlan, edited, aDeletion } = context;
    const [entry, goal, piece] = [anEntry(), aGoal(), aPiece()];
    const seqs: number[] = [];
    const take = (metas: ({ seq: number } | undefined)[]): void => {
      // Within one push the order is the server's; all of a push come after all of an earlier one.
      seqs.push(...metas.map((meta) => meta?.seq ?? Number.NaN).sort((a, b) => a - b));
    };
    const first = await device.push({ entries: [entry, anEntry()], goals: [goal], repertoire: [piece] });
    take(first.body.results.map(({ meta }) => meta));
    const second = await newDevice().push({ entries: [edited(entry)], goals: [edited(goal), aGoal()] });
    take(second.body.results.map(({ meta }) => meta));
    const third = await device.push({ goals: [aDeletion(goal)], repertoire: [aDeletion(piece)] });
    take(third.body.results.map(({ meta }) => meta));
    const plan = aPlan();
    const fourth = await newDevice().batch([
      { id: plan["id"] as string, type: "practice_plan", data: plan },
      { id: goal["id"] as string, type: "goal", data: edited(goal, { title: "back" }) },
    ]);
    take(fourth.body.results.map(({ meta }) => meta));

    expect.equal("number of writes", seqs.length, 11);
    for (const [index, seq] of seqs.entries()) {
      if (index === 0) continue;
      expect.ok("each seq is greater than the one before", seq > (seqs[index - 1] as number), seqs);
    }
    const pulled = await device.pullAll();
    expect.equal(
      "seq of the goal",
      expect.live(pulled, goal["id"] as string).meta.seq,
      expect.result(fourth, 1).meta?.seq,
    );
  },
});

export const smallerOnesFirst = serverCheck({
  id: "ORD-022/no-change-appears-behind-a-cursor",
  name: "while devices write at once, a reader that follows its cursor misses nothing and never sees a smaller seq later",
  brokenBy: [commitsOutOfOrder],
  async run({ newDevice, expect, anEntry, unique }) {
    const reader = newDevice();
    const seen = new Map<string, number>();
    let highest = 0;
    const read = async (): Promise<void> => {
      const before = highest;
      for (const { entityId, meta } of (await reader.sync()).rows) {
        expect.ok(`seq ${meta.seq} comes after the cursor at ${before}`, meta.seq > before, meta);
        seen.set(entityId, meta.seq);
        highest = Math.max(highest, meta.seq);
      }
    };
    await read();

    const written: string[] = [];
    let writing = 6;
    const write = async (): Promise<void> => {
      const writer = newDevice();
      try {
        for (const turn of [1, 2, 3]) {
          const entries = Array.from({ length: turn * 2 }, () => anEntry({ notes: unique("at once") }));
          await writer.push({ entries });
          written.push(...entries.map((entry) => entry["id"] as string));
        }
      } finally {
        writing -= 1;
      }
    };
    const follow = async (): Promise<void> => {
      // As many as a server that limits its users' rate serves at once.
      for (let reads = 0; writing > 0 && reads < 50; reads += 1) await read();
    };
    await Promise.all([...Array.from({ length: writing }, write), follow()]);
    await read();

    expect.equal("entries that the reader saw", [...seen.keys()].sort(), [...written].sort());
    const all = await newDevice().pullAll();
    for (const { entityId, meta } of all.final)
      expect.equal(`seq of ${entityId}`, seen.get(entityId), meta.seq);
  },
});

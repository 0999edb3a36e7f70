import { serverCheck } from "../../check.ts";
import type { BatchBody, PushBody } from "../../wire/shapes.ts";
import type { Reply } from "../../wire/reply.ts";
import * as faulty from "./idempotency-paths.mutants.ts";
import { recordsNothingThatChangesNothing } from "./idempotency-records.mutants.ts";

export const nothingChanged = serverCheck({
  id: "IDEM-013/answers-that-changed-nothing",
  name: "an answer is recorded also where the request had no items, or none of them was applied",
  brokenBy: [recordsNothingThatChangesNothing, faulty.recordsNothingWithoutItems],
  async run({ device, expect, aGoal, edited, unique }) {
    const goal = aGoal();
    const newer = edited(goal);
    await device.push({ goals: [newer] });
    const entity = { id: goal["id"] as string, type: "goal" as const };
    for (const goals of [[], [newer], [goal]]) {
      const entities = goals.map((data) => ({ ...entity, data }));
      const [key, batchKey] = [unique("key"), unique("key")];
      const send = async (): Promise<[Reply<PushBody>, Reply<BatchBody>]> => [
        await device.tryPush({ goals }, { key }),
        await device.tryBatch(entities, { key: batchKey }),
      ];
      const [first, again] = [await send(), await send()];
      for (const index of [0, 1] as const) {
        expect.status(first[index], 200);
        expect.replayOf(first[index], again[index]);
      }
      const other = aGoal();
      const reused = [
        await device.tryPush({ goals: [other] }, { key }),
        await device.tryBatch([{ ...entity, data: edited(newer) }], { key: batchKey }),
      ];
      for (const reply of reused) expect.problem(reply, 422, "IDEMPOTENCY_KEY_REUSED");
    }
  },
});

export const deployedBatches = serverCheck({
  id: "IDEM-015/batches-of-deployed-peers",
  name: "a deployed peer's batch is recorded if nothing in it was refused, and judged again if something was",
  brokenBy: [faulty.recordsRefusedBatchesOfDeployedPeers, faulty.recordsAppliedOnlyForDeployedPeers],
  async run({ device, deployedDevice, expect, aGoal, edited }) {
    const [goal, other] = [aGoal(), aGoal()];
    const id = goal["id"] as string;
    const newer = edited(goal);
    await device.push({ goals: [goal] });
    await device.push({ goals: [newer] });

    // Superseded is no refusal.
    const deployed = deployedDevice();
    const superseded = deployed.prepareBatch([{ id, type: "goal", data: goal }]);
    const first = await superseded.send();
    expect.outcomes(first, ["superseded"]);
    expect.replayOf(first, await superseded.send());

    const conflict = deployed.prepareBatch([
      { id, type: "goal", data: edited(newer), version: 1 },
      { id: other["id"] as string, type: "goal", data: other },
    ]);
    expect.outcomes(await conflict.send(), ["refused", "applied"]);
    const again = await conflict.send();
    expect.judgedAfresh(again);
    expect.outcomes(again, ["refused", "duplicate"]);
  },
});

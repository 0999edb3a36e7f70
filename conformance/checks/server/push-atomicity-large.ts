import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import type { Device } from "../../wire/device.ts";
import type { BatchEntity } from "../../wire/shapes.ts";
import { rowsOf } from "../../wire/pulled.ts";
import { later } from "../../wire/rejectable.ts";
import { commitsItemByItem } from "./push-atomicity.mutants.ts";
import * as faulty from "./push-atomicity-large.mutants.ts";

/** So many pulls at most look at one request: a server may limit the rate of a user. */
const MOST_PULLS = 18;

/** Sends, and pulls from `since` until everything of it is seen. Gives how many entities each pull told. */
async function seenBeside(
  { newDevice }: Pick<ServerContext, "newDevice">,
  since: string,
  count: number,
  send: (device: Device) => Promise<unknown>,
): Promise<number[]> {
  let sent = false;
  const sending = later(send(newDevice()).finally(() => (sent = true)));
  const reads = [newDevice(), newDevice()].map(async (reader) => {
    const seen: number[] = [];
    do {
      seen.push(rowsOf((await reader.pull({ since })).body).length);
    } while (!sent && seen.length < MOST_PULLS && seen.at(-1) !== count);
    return seen;
  });
  const seen = await Promise.all(reads);
  await sending;
  return seen.flat();
}

export const largeOnesInOnePiece = serverCheck({
  id: "PUSH-009/large-ones-in-one-piece",
  name: "a pull beside a push or batch of as many items as there may be sees all of it or nothing",
  brokenBy: [
    commitsItemByItem,
    faulty.commitsInPortions,
    faulty.commitsPushesInPortions,
    faulty.commitsBatchesInPortions,
    faulty.commitsEachTypeApart,
  ],
  async run(context) {
    const { device, expect, limits, unique, at } = context;
    const count = Math.min(500, limits.maxItems, Math.floor(limits.maxBodyBytes / 200));
    const ids = (most: number): string[] => Array.from({ length: most }, () => unique("one"));
    const stamp = at(-60_000);

    for (const way of ["push", "batch"] as const) {
      // Small ones, half of them live. Deletions of what was never seen are stored like any other (DEL-002).
      const goals = ids(Math.ceil(count / 2)).map((id) => ({ id, title: "small", updatedAt: stamp }));
      const practicePlans = ids(Math.floor(count / 2)).map((id) => ({ id, deletedAt: stamp }));
      const entities: BatchEntity[] = [
        ...goals.map((data) => ({ id: data.id, type: "goal" as const, data })),
        ...practicePlans.map((data) => ({ id: data.id, type: "practice_plan" as const, data })),
      ];
      const since = await device.cursor();
      const seen = await seenBeside(context, since, count, (writer) =>
        way === "push" ? writer.push({ goals, practicePlans }) : writer.batch(entities),
      );
      expect.equal(
        `what pulls beside a ${way} of ${count} saw, all and nothing apart`,
        seen.filter((size) => size !== 0 && size !== count),
        [],
      );
      expect.equal("changes in the end", (await device.changesSince(since)).final.length, count);
    }
  },
});

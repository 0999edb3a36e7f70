import { serverCheck } from "../../check.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { BatchEntity } from "../../wire/shapes.ts";
import * as faulty from "./batch-ties.mutants.ts";

const NOON = "2024-03-01T12:00:00.000Z";

// SHA-256 of {"id":"tie","title":"A"}, and so on:
//   A 7d4a601e…  C 1e7eba87…  G d42ed62f…  H 0fb7cf53…  so that H < C < A < G.
const tie = (title: string): JsonObject => ({ id: "tie", title, updatedAt: NOON });

/** The stored version, and one that nobody has seen. What names none is BATCH-001's. */
const atLeast = (stored: number): number[] => [stored, stored + 1_000_000];

export const tiesWithAVersion = serverCheck({
  id: "BATCH-005/ties-with-a-version",
  name: "a tie in a batch goes to the deletion, then to the greater checksum, whatever version the item names",
  brokenBy: [
    faulty.fittingVersionsWinTies,
    faulty.fittingVersionsWinTiesOfLiveItems,
    faulty.fittingVersionsWinTiesOfDeletions,
    faulty.greaterVersionsWinTies,
    faulty.fittingVersionsMustBeLater,
  ],
  async run({ device, stranger, expect }) {
    const goal = (data: JsonObject, version: number): BatchEntity[] => [
      { id: "tie", type: "goal", data, version },
    ];
    const gone = { id: "tie", deletedAt: NOON };

    await device.push({ goals: [tie("C")] });
    for (const version of atLeast(1))
      expect.outcomes(await device.batch(goal(tie("H"), version)), ["superseded"]);
    expect.outcomes(await device.batch(goal(tie("A"), 1)), ["applied"]);
    expect.outcomes(await device.batch(goal(tie("G"), 5)), ["applied"]);
    for (const version of atLeast(3)) {
      const reply = await device.batch(goal(tie("A"), version));
      expect.equal("title of the winner", expect.outcome(reply, 0, "superseded").item?.["title"], "G");
    }
    const { meta } = expect.live(await device.pullAll(), "tie");
    expect.equal("version where two of six won", meta.version, 3);

    expect.outcomes(await device.batch(goal(gone, 3)), ["applied"]);
    for (const version of atLeast(4))
      expect.outcomes(await device.batch(goal(tie("G"), version)), ["superseded"]);
    expect.liveIds(await device.pullAll(), []);

    // Of what was never stored, any version is one to begin with.
    const other = await stranger();
    for (const [title, outcome] of [
      ["A", "applied"],
      ["C", "superseded"],
      ["G", "applied"],
    ] as const) {
      expect.outcomes(await other.batch(goal(tie(title), 2)), [outcome]);
    }
  },
});

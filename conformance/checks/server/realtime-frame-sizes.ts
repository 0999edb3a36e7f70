import type { JsonObject } from "../../../schemas/json.ts";
import { serverCheck } from "../../check.ts";
import { isChunk, toldBy } from "../../wire/messages.ts";
import { idOf } from "../reading.ts";
import * as faulty from "./realtime-frame-sizes.mutants.ts";

const MOST = 2_097_152;
/** What is stored, in all: more than one frame may carry. */
const IN_ALL = 3_400_000;

export const framesOfLargeItems = serverCheck({
  id: "RT-052/frames-of-large-items",
  name: "however large the items are, no message of several is longer than 2 MiB, and all of them are told",
  brokenBy: [faulty.cutsChunksByCountOnly, faulty.measuresChunksInCharacters],
  async run({ device, newDevice, expect, aGoal, aPiece, limits }) {
    // Three bytes each, so that who counts characters counts too few.
    const size = Math.min(limits.maxItemBytes, 120_000);
    const notes = "♪".repeat(Math.max(1, Math.floor((size - 1_000) / 3)));
    const count = Math.min(60, Math.ceil(IN_ALL / size));
    const goals = Array.from({ length: count }, () => aGoal({ description: notes }));
    const pieces = Array.from({ length: Math.min(count, 4) }, () => aPiece({ notes }));
    const each = Math.max(1, Math.min(limits.maxItems, Math.floor((limits.maxBodyBytes * 0.9) / size)));
    for (let from = 0; from < goals.length; from += each)
      await device.push({ goals: goals.slice(from, from + each) });
    for (const piece of pieces) await device.push({ repertoire: [piece] });

    const { frames, told } = await (await newDevice().connect()).catchUp();
    const several = frames.filter((frame) => isChunk(frame) && toldBy(frame).length > 1);
    for (const frame of several) {
      const bytes = Buffer.byteLength(JSON.stringify(frame));
      expect.ok(`a ${frame.type} of ${toldBy(frame).length} has at most ${MOST} bytes`, bytes <= MOST, bytes);
    }
    const ids = (items: readonly JsonObject[]) => items.map(idOf).toSorted();
    const toldIds = [...new Set(told.map(({ entityId }) => entityId))].toSorted();
    expect.equal("entities that were told", toldIds, ids([...goals, ...pieces]));
  },
});

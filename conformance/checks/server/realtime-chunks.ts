import type { JsonObject } from "../../../schemas/json.ts";
import { serverCheck } from "../../check.ts";
import { isChunk, toldBy } from "../../wire/messages.ts";
import { idOf, told } from "../reading.ts";
import * as faulty from "./realtime-chunks.mutants.ts";
import { demandNoHole, heldAfter, Log, tinyGoals } from "./realtime-log.ts";

export const chunkSize = serverCheck({
  id: "RT-027/at-most-250-entities",
  name: "no chunk carries more than 250 entities, whatever their types",
  brokenBy: [faulty.chunksOfThreeHundred, faulty.countsEachListAlone],
  async run(context) {
    const { device, newDevice, expect, anEntry } = context;
    const log = new Log();
    const goals = tinyGoals(context, 640);
    const entries = Array.from({ length: 200 }, () => anEntry({ notes: undefined, tags: undefined }));
    await log.push(device, { entries, goals: goals.slice(0, 190) }, context);
    await log.push(device, { goals: goals.slice(190) }, context);
    const { chunks, frames } = await (await newDevice().connect()).catchUp();

    for (const chunk of chunks) {
      const count = toldBy(chunk).length;
      expect.ok("a chunk carries at most 250 entities", count <= 250, count);
    }
    expect.equal("what the phone holds", told(heldAfter(frames)), log.ends());
  },
});

export const chunkPlaces = serverCheck({
  id: "RT-027/last-seq-covers-what-was-sent",
  name: "the lastSeq of a chunk covers only what has been sent, of all types and deletions",
  brokenBy: [
    faulty.piecesAreForgotten,
    faulty.chunksCarryTheHead,
    faulty.chunksReachForTheNext,
    faulty.deletionsAfterTheirChunk,
    faulty.deletionsAtTheEnd,
  ],
  async run(context) {
    const { device, newDevice, expect, aPiece, anEntry, aTemplate, aDeletion } = context;
    const log = new Log();
    const goals: JsonObject[] = tinyGoals(context, 260);
    for (let part = 0; part < 4; part += 1) {
      const own = goals.slice(part * 65, (part + 1) * 65);
      const pieces = [aPiece(), aPiece()];
      await log.push(device, { repertoire: pieces, goals: own, entries: [anEntry()] }, context);
      await log.push(device, { repertoire: [aPiece()], planTemplates: [aTemplate()] }, context);
      await log.push(device, { goals: [aDeletion(own[0]!)], repertoire: [aDeletion(pieces[0]!)] }, context);
    }
    const phone = await newDevice().connect();
    const { frames, chunks } = await phone.catchUp();

    demandNoHole(frames, log);
    expect.ok("chunks", chunks.length >= 2, chunks.length);
    expect.equal("what the phone holds", told(heldAfter(frames)), log.ends());
  },
});

export const deletionsBefore = serverCheck({
  id: "RT-028/before-the-chunk-that-covers-them",
  name: "catch-up tells deletions by messages of their own, without seq, before the chunk whose lastSeq covers them",
  brokenBy: [
    faulty.deletionsAreNumbered,
    faulty.deletionsAfterTheirChunk,
    faulty.deletionsAtTheEnd,
    faulty.deletionsWithinTheChunk,
  ],
  async run({ device, newDevice, expect, anEntry, aPiece, aGoal, aDeletion }) {
    const log = new Log();
    const [entry, piece, goal] = [anEntry(), aPiece(), aGoal()];
    log.note(await device.push({ entries: [entry], repertoire: [piece], goals: [goal] }));
    const { lastSeq, epoch } = await (await newDevice().connect()).catchUp();
    log.note(await device.push({ entries: [anEntry(), aDeletion(entry)], repertoire: [aDeletion(piece)] }));
    log.note(await device.push({ goals: [aGoal(), aDeletion(goal)], repertoire: [aPiece()] }));
    const phone = await newDevice().connect();

    for (const from of [{}, { lastSeq, epoch }]) {
      const { frames, chunks } = await phone.catchUp(from);
      for (const gone of [entry, piece, goal].map(idOf)) {
        const message =
          frames.find(
            (frame) => !isChunk(frame) && toldBy(frame).some((one) => one.entityId === gone && !one.item),
          ) ?? expect.fail(`the deletion of ${gone} has no message of its own`, { actual: chunks });
        expect.ok("it has no envelope seq", !("seq" in message), message);
        const { seq } = toldBy(message)[0]!.meta;
        const covering = frames.findIndex(({ lastSeq: number = 0 }) => number >= seq);
        expect.ok("it comes before what covers it", frames.indexOf(message) < covering, frames[covering]);
      }
      const after = from.lastSeq ?? 0;
      demandNoHole(frames, log, { after });
      expect.equal("live entities", heldAfter(frames).filter(({ item }) => item).length, 3);
    }
  },
});

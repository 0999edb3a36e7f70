import type { Behaviour } from "../../model/behaviour.ts";
import { mutant } from "../../model/mutant.ts";
import type { Row } from "../../model/state.ts";
import { memoryOf } from "./realtime-catch-up.mutants.ts";

export const chunksOfThreeHundred = mutant({
  name: "chunks-of-300",
  story: "The chunk size was tuned for throughput.",
  breaks: ["RT-027"],
  deform: (conforming) => ({ ...conforming, chunkSize: () => 300 }),
});

export const countsEachListAlone = mutant({
  name: "chunks-of-250-of-each-type",
  story: "The limit is applied to each of the lists, not to the message.",
  breaks: ["RT-027"],
  deform: (conforming) => ({
    ...conforming,
    takeChunk(context, baseline, position) {
      const counts = new Map<string, number>();
      const rows: Row[] = [];
      for (const row of conforming.rowsAfter(context, position)) {
        const count = (counts.get(row.entityType) ?? 0) + 1;
        if (count > 250) break;
        counts.set(row.entityType, count);
        if (conforming.isInCatchUp(context, row, baseline)) rows.push(row);
      }
      return { rows, through: rows.at(-1)?.seq ?? position };
    },
  }),
});

export const chunksCarryTheHead = mutant({
  name: "chunks-carry-the-head",
  story: "Every chunk is stamped with the head, as the end of the catch-up is.",
  breaks: ["RT-022", "RT-026", "RT-027"],
  deform: (conforming) => ({ ...conforming, chunkLastSeq: ({ user }) => user.head }),
});

export const piecesAreForgotten = mutant({
  name: "chunk-speaks-for-the-pieces-after-it",
  story: "Both messages of a chunk carry its last seq, the first one before the pieces are sent.",
  breaks: ["RT-022", "RT-026", "RT-027"],
  deform: (conforming) => ({ ...conforming, chunkLastSeq: (_context, { through }) => through }),
});

export const chunksReachForTheNext = mutant({
  name: "chunks-carry-the-next-seq",
  story: "The place of a chunk is where the next one begins.",
  breaks: ["RT-022", "RT-026", "RT-027"],
  deform: (conforming) => ({
    ...conforming,
    chunkLastSeq: (context, chunk, unsent) =>
      Math.min(context.user.head, conforming.chunkLastSeq(context, chunk, unsent) + 1),
  }),
});

export const deletionsAreNumbered = mutant({
  name: "deletions-of-a-catch-up-carry-seq",
  story: "A deletion in a catch-up is made by the code of live events, number and all.",
  breaks: ["RT-022", "RT-026", "RT-028"],
  deform: (conforming) => ({
    ...conforming,
    deletionFrame: (context, row) => ({ ...conforming.deletionFrame(context, row), seq: row.seq }),
  }),
});

export const deletionsAfterTheirChunk = mutant({
  name: "deletions-after-their-chunk",
  story: "First what is there, then what is gone, seemed the natural order.",
  breaks: ["RT-022", "RT-026", "RT-027", "RT-028"],
  deform: (conforming) => ({
    ...conforming,
    chunkFrames: (context, connection, chunk) =>
      conforming
        .chunkFrames(context, connection, chunk)
        .toSorted((a, b) => Number("lastSeq" in b) - Number("lastSeq" in a)),
  }),
});

export const deletionsAtTheEnd = mutant({
  name: "deletions-at-the-end-of-a-catch-up",
  story: "Deletions are a query of their own, after all the chunks.",
  breaks: ["RT-022", "RT-027", "RT-028"],
  deform: (conforming) => ({
    ...conforming,
    chunkFrames(context, connection, chunk) {
      const frames = conforming.chunkFrames(context, connection, chunk);
      const kept = memoryOf<typeof frames>(context, "deletions", []);
      kept.value.push(...frames.filter((frame) => !("lastSeq" in frame)));
      return frames.filter((frame) => "lastSeq" in frame);
    },
    endCatchUp(context, connection, told) {
      for (const frame of memoryOf<Parameters<Behaviour["send"]>[2][]>(context, "deletions", []).value.splice(
        0,
      ))
        conforming.send(context, connection, frame);
      conforming.endCatchUp(context, connection, told);
    },
  }),
});

export const deletionsWithinTheChunk = mutant({
  name: "deletions-within-the-chunk",
  story: "Deletions stand in the chunk's list `deleted`, which no deployed client reads.",
  breaks: ["RT-018", "RT-022", "RT-028"],
  deform: (conforming) => ({
    ...conforming,
    chunkFrames(context, connection, chunk) {
      const deleted = chunk.rows
        .filter(({ item }) => item === null)
        .map((row) => conforming.tellMeta(context, row));
      const bulks = conforming.chunkFrames(context, connection, chunk).filter((frame) => "lastSeq" in frame);
      if (deleted.length === 0) return bulks;
      const [
        first = { type: "BULK_SYNC", entries: [], meta: { entries: [] }, lastSeq: chunk.through },
        ...rest
      ] = bulks;
      return [{ ...first, deleted }, ...rest];
    },
  }),
});

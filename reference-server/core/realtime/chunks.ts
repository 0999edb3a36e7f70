import { memberOf, type Member } from "../../../schemas/collections.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";
import type { Row } from "../ports.ts";
import { metaOf } from "../results.ts";
import { eventOf } from "./events.ts";

/** A chunk's text, more or less: what one frame carries should not be much more. */
const CHUNK_UNITS = 512 * 1024;

/** Rows in pieces that make frames of a sensible size; each has at least one row. */
export function slicesOf(rows: readonly Row[]): Row[][] {
  const slices: Row[][] = [];
  let units = Infinity;
  for (const row of rows) {
    const size = row.item?.length ?? 0;
    if (units + size > CHUNK_UNITS) {
      slices.push([]);
      units = 0;
    }
    slices.at(-1)!.push(row);
    units += size;
  }
  return slices;
}

/** The frames that tell a slice of the log: its deletions, one by one and without `seq`, then what lives (RT-027, RT-028). */
export function framesOf(slice: readonly Row[], now: number): string[] {
  const end = slice.at(-1)!.seq;
  const live = slice.filter((row) => !row.deleted);
  const pieces = live.filter((row) => row.entityType === "repertoire_item");
  const others = live.filter((row) => row.entityType !== "repertoire_item");
  const frames = slice.filter((row) => row.deleted).map((row) => eventOf(row, now, false));
  // A client may store a chunk's lastSeq at once, so the first of two ends where the second begins.
  const firstPiece = pieces[0]?.seq;
  if (others.length > 0 || firstPiece === undefined) {
    frames.push(bulkOf("BULK_SYNC", others, firstPiece === undefined ? end : firstPiece - 1, now));
  }
  if (firstPiece !== undefined) frames.push(bulkOf("REPERTOIRE_BULK_SYNC", pieces, end, now));
  return frames;
}

function bulkOf(
  type: "BULK_SYNC" | "REPERTOIRE_BULK_SYNC",
  rows: readonly Row[],
  lastSeq: number,
  now: number,
): string {
  const collections = new Map<Member | "pieces", Row[]>(type === "BULK_SYNC" ? [["entries", []]] : []);
  for (const row of rows) {
    const member = type === "BULK_SYNC" ? memberOf(row.entityType) : "pieces";
    collections.set(member, [...(collections.get(member) ?? []), row]);
  }
  const lists = (text: (row: Row) => string) =>
    [...collections].map(([member, list]) => `"${member}":[${list.map(text).join(",")}]`).join(",");
  const rest = JSON.stringify({ lastSeq, timestamp: formatInstant(now) });
  return `{"type":"${type}",${lists((row) => row.item!)},"meta":{${lists((row) => JSON.stringify(metaOf(row)))}},${rest.slice(1)}`;
}

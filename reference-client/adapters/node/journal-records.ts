import { crc32 } from "node:zlib";
import { SyncError } from "../../errors.ts";

/*
 * A journal is lines: eight hex digits, the CRC-32 of what follows the space, and JSON. JSON holds no line's end, so that one of
 * these always ends a record.
 */

const NEWLINE = 0x0a;
const SUM = 8;

/** A record, ready to be appended. @param json of any value */
export function encodeRecord(json: string): Buffer {
  const bytes = Buffer.from(json);
  const sum = crc32(bytes).toString(16).padStart(SUM, "0");
  return Buffer.concat([Buffer.from(`${sum} `), bytes, Buffer.from("\n")]);
}

/** A record as read, and the offset at which it ends. */
export interface JournalRecord {
  value: unknown;
  end: number;
}

/**
 * Reads a journal up to where it holds: what follows is at most a record whose writing was cut short, which nobody was told to be
 * stored. Anything else that can't be read throws `STORAGE_CORRUPT`.
 */
export function decodeRecords(bytes: Uint8Array): JournalRecord[] {
  const journal = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: JournalRecord[] = [];
  let at = 0;
  while (at < journal.length) {
    const end = journal.indexOf(NEWLINE, at);
    const json = end < 0 ? undefined : checked(journal.subarray(at, end));
    if (json === undefined) {
      if (isTorn(journal.subarray(at))) return records;
      throw corrupt(`it can't be read from byte ${at} on`);
    }
    at = end + 1;
    records.push({ value: JSON.parse(json), end: at });
  }
  return records;
}

/** Something damaged the journal, and nobody knows what else. */
export function corrupt(why: string): SyncError {
  return new SyncError("STORAGE_CORRUPT", `The journal of this user's data is damaged: ${why}.`);
}

/** The record's JSON if it is what was written. */
function checked(line: Buffer): string | undefined {
  const json = line.subarray(SUM + 1);
  const sum = crc32(json).toString(16).padStart(SUM, "0");
  return line.length > SUM && line.toString("latin1", 0, SUM + 1) === `${sum} ` ? json.toString() : undefined;
}

/** Whether a write that was under way leaves this at the end: the beginning of a record, or zeros where the disk was not reached. */
function isTorn(rest: Buffer): boolean {
  for (let end = rest.indexOf(NEWLINE); end >= 0;) {
    const next = rest.indexOf(NEWLINE, end + 1);
    if (next >= 0 && checked(rest.subarray(end + 1, next)) !== undefined) return false;
    end = next;
  }
  if (rest.includes(0)) return true;
  // A whole record, of which the end of the line is damaged, was stored.
  return !rest.includes(NEWLINE) && checked(rest.subarray(0, -1)) === undefined;
}

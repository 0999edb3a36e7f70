import type { Readable } from "node:stream";
import { CouldNotRun } from "../../verdict.ts";

/** What no honest answer reaches: a longer line is a runaway. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const NEWLINE = 10;

/**
 * Calls for each line of UTF-8, numbered from 1; what stands after the last newline is no line.
 *
 * @param broken hears why nothing more is read: a line that is no UTF-8, or is too long
 */
export function eachLine(
  input: Readable,
  told: (line: string, number: number) => void,
  broken: (why: CouldNotRun) => void,
): void {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let parts: Buffer[] = [];
  let length = 0;
  let count = 0;
  let stopped = false;
  const stop = (why: string): void => {
    stopped = true;
    parts = [];
    broken(new CouldNotRun(why));
  };
  const end = (rest: Buffer): void => {
    count += 1;
    const bytes = Buffer.concat([...parts, rest]);
    parts = [];
    length = 0;
    let line: string;
    try {
      line = decoder.decode(bytes);
    } catch {
      stop(
        `line ${count} of the adapter's stdout is no UTF-8: write JSON in UTF-8, or escape what is not ASCII`,
      );
      return;
    }
    told(line, count);
  };
  input.on("data", (chunk: Buffer) => {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0 && !stopped; at = chunk.indexOf(NEWLINE, from)) {
      end(chunk.subarray(from, at));
      from = at + 1;
    }
    if (stopped) return;
    parts.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > MAX_LINE_BYTES) {
      stop(`line ${count + 1} of the adapter's stdout is longer than 16 MiB: end each answer with a newline`);
    }
  });
}

import { readdirSync, readFileSync } from "node:fs";

/** MiB that may come on top of a quarter: allocators keep pages, collectors wait. */
const ALLOWANCE_MIB = 64;

/** Resident memory of all processes of a group, in MiB; undefined where the system does not tell (no /proc). */
export function residentMiB(group: number): number | undefined {
  let kiB = 0;
  try {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
      kiB += residentOf(pid, group);
  } catch {
    return undefined;
  }
  return kiB === 0 ? undefined : kiB / 1024;
}

/** A process may end while it is looked at. */
function residentOf(pid: string, group: number): number {
  try {
    // The name, in parentheses, may have anything in it; after it: state, parent, group.
    const after = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    if (Number(after[2]) !== group) return 0;
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** A sample: how many inputs had been sent, and how much memory was resident. */
export interface Sample {
  inputs: number;
  miB: number;
}

/** What became of memory: the medians of the second tenth of a run, by which it is warm, and of the last. */
export interface Growth {
  warm: number;
  last: number;
  most: number;
  bounded: boolean;
}

/**
 * Bounded is a run whose last tenth needs at most a quarter and 64 MiB more than its second: all inputs name the same few hundred
 * entities, so that what is stored does not grow. Undefined for a run too short to tell.
 */
export function growthOf(samples: readonly Sample[]): Growth | undefined {
  const end = samples.at(-1)?.inputs ?? 0;
  const tenth = (from: number): number[] =>
    samples
      .filter(({ inputs }) => inputs >= end * from && inputs <= end * (from + 0.1))
      .map(({ miB }) => miB);
  const [warm, last] = [median(tenth(0.1)), median(tenth(0.9))];
  if (samples.length < 20 || warm === undefined || last === undefined) return undefined;
  const most = Math.max(...samples.map(({ miB }) => miB));
  return { warm, last, most, bounded: last <= warm * 1.25 + ALLOWANCE_MIB };
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

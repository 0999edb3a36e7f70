import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { FoundAny } from "../discover-checks.ts";
import { demandKnownIds, readBaseline, renewed } from "../run/baseline.ts";
import type { Baseline } from "../run/baseline.ts";
import { requireWritable, writeWhole } from "../run/output-file.ts";
import type { CheckResult } from "../run/result.ts";
import type { CommonSettings } from "../run/config.ts";

export interface KnownFailures {
  /** Of `--baseline`; absent: nothing is known to fail. */
  known?: Baseline;
  /** Writes the file of `--write-baseline`, if one was named. Returns what to tell of it. */
  write(results: readonly CheckResult[]): string | undefined;
}

/**
 * Reads `--baseline`, and what stands in the file of `--write-baseline` already: its reasons are kept.
 * @throws UsageError for a file that cannot be read or written, and for an entry that nothing can match
 */
export function openKnownFailures(
  { baseline, writeBaseline }: CommonSettings,
  folder: string,
  all: readonly FoundAny[],
): KnownFailures {
  const read = (file: string, option: string): Baseline => {
    const list = readBaseline(resolve(folder, file), file, option);
    demandKnownIds(list, all);
    return list;
  };
  const given = baseline === undefined ? undefined : read(baseline, "--baseline");
  const known = given ? { known: given } : {};
  if (writeBaseline === undefined) return { ...known, write: () => undefined };
  const path = resolve(folder, writeBaseline);
  requireWritable(path, "--write-baseline");
  const own = existsSync(path) ? read(writeBaseline, "--write-baseline") : undefined;
  const earlier = {
    ...given,
    ...own,
    reasons: new Map([...(given?.reasons ?? []), ...(own?.reasons ?? [])]),
  };
  return {
    ...known,
    write(results) {
      const { text, added, kept, removed } = renewed(earlier, all, results);
      writeWhole(path, text, "the list of known failures");
      return `known failures: ${writeBaseline} has ${kept + added} (${added} new, ${removed.length} removed)`;
    },
  };
}

import type { RunResult } from "../run/result.ts";

/** What the list of known failures came to: those that failed as expected, entries that are stale, entries not judged. */
export function describeKnownFailures(
  { checks, baseline }: RunResult,
  alarm: (text: string) => string,
): string {
  const known = checks.filter((check) => check.known !== undefined);
  const byReason = Map.groupBy(known, (check) => check.known!);
  const { stale, notJudged } = baseline ?? { stale: [], notJudged: [] };
  const open = Map.groupBy(notJudged, ({ detail }) => detail);
  const fixed = stale.map(({ id, detail, reason }) => `  ${id}: ${detail}\n    ${reason}\n`);
  const heading = `Known failures that fail no more: ${stale.length}. Remove them from the list:`;
  return [
    known.length === 0 ? "" : `\nKnown failures: ${known.length}\n${listedBy(byReason)}`,
    open.size === 0
      ? ""
      : `\nKnown failures that this run can't judge: ${notJudged.length}\n${listedBy(open)}`,
    stale.length === 0 ? "" : `\n${alarm(heading)}\n${fixed.join("")}`,
  ].join("");
}

/** Reasons, each with the ids that share it. */
export function listedBy(byReason: ReadonlyMap<string, readonly { id: string }[]>): string {
  const lines = [...byReason].map(([reason, all]) => [`  ${reason}`, ...all.map(({ id }) => `    ${id}`)]);
  return lines.map((one) => `${one.join("\n")}\n`).join("");
}

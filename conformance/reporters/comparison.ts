import { basename } from "node:path";
import type { Change, Comparison, NamedResult, Row, Step } from "../run/comparison.ts";

const LONGEST_LABEL = 24;
/** As wide as the longest verdict with its note, "failed (known)". */
const NARROWEST = 14;

/** A comparison as text: who is compared, the table, and what changed from the first to each next. */
export function describeComparison(
  results: readonly NamedResult[],
  { rows, steps }: Comparison,
  all: boolean,
): string {
  const differing = rows.filter(({ differs }) => differs);
  const alike = rows.filter(({ differs }) => !differs);
  const shown = all ? [...differing, ...alike] : differing;
  const counts = `${differing.length} of ${rows.length} requirements differ`;
  return [
    ...results.map(({ file, result }, index) => {
      const { subject, specVersion, suiteVersion, profiles, startedAt } = result;
      return `${index + 1}  ${file}\n   ${subject}, spec ${specVersion}, suite ${suiteVersion}, profiles ${profiles.join(", ")}, ${startedAt}`;
    }),
    "",
    ...(shown.length > 0 ? [...table(results, shown), ""] : []),
    all || alike.length === 0 ? counts : `${counts}; --all shows the ${alike.length} others, too`,
    ...steps.flatMap(describeStep),
    "",
  ].join("\n");
}

function table(results: readonly NamedResult[], rows: readonly Row[]): string[] {
  const labels = results.map(({ file }, index) => {
    const name = `${index + 1} ${basename(file, ".json")}`;
    return name.length > LONGEST_LABEL ? `${name.slice(0, LONGEST_LABEL - 1)}…` : name;
  });
  const line = (id: string, cells: readonly string[]): string =>
    `${id.padEnd(10)}  ${cells.map((cell, index) => cell.padEnd(Math.max(NARROWEST, labels[index]!.length))).join("  ")}`.trimEnd();
  return [
    line("", labels),
    ...rows.map(({ id, verdicts, known }) =>
      line(
        id,
        verdicts.map((verdict, index) => `${verdict ?? "-"}${known[index] ? " (known)" : ""}`),
      ),
    ),
  ];
}

function describeStep({ from, to, regressed, mended, unjudged, compared, notes }: Step): string[] {
  const changes = (title: string, list: readonly Change[]): string[] =>
    list.length === 0
      ? []
      : [
          `  ${title}: ${list.length}`,
          ...list.map(
            ({ check, before, after, known }) =>
              `    ${check}  ${before} → ${after}${known === undefined ? "" : ` (known: ${known})`}`,
          ),
        ];
  const unchanged = regressed.length + mended.length + unjudged.length === 0;
  return [
    "",
    `from ${from} to ${to}, ${compared} ${compared === 1 ? "check" : "checks"} judged in both`,
    ...changes("regressed", regressed),
    ...changes("judged no more", unjudged),
    ...changes("mended", mended),
    ...(unchanged ? ["  nothing changed"] : []),
    ...notes.map((note) => `  ${note}`),
  ];
}

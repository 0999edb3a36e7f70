import type { Requirement } from "../../spec/requirements.ts";
import { describeFailure } from "../reporters/failure.ts";
import { legible } from "../reporters/legible.ts";
import { weightOf } from "../reporters/outline.ts";
import type { CheckResult } from "../run/result.ts";

/** What becomes of the test of a check. */
export type Outcome =
  | { test: "passes" }
  /** It passes, and something is to be said. */
  | { test: "passes"; words: string }
  | { test: "is skipped"; words: string }
  | { test: "fails"; words: string };

/**
 * A test fails where the verdict makes the exit status of `mirubato-sync test` other than 0: failed, could not run, or inconclusive for a
 * MUST. A SHOULD that is not met passes, and is told. What does not apply, and what is known to fail, is skipped with its reason.
 */
export function outcomeOf(check: CheckResult, requirement: Requirement): Outcome {
  const weight = weightOf(check, requirement.level);
  switch (weight) {
    case "passed":
      return { test: "passes" };
    case "skipped":
      return { test: "is skipped", words: check.message ?? "not applicable" };
    case "known":
      return { test: "is skipped", words: `known failure: ${check.known}` };
    case "noted":
      return { test: "passes", words: inWords(check, requirement) };
    default:
      return { test: "fails", words: inWords(check, requirement) };
  }
}

/** As the console reporter tells it. */
function inWords(check: CheckResult, requirement: Requirement): string {
  const heading = `${check.verdict.toUpperCase()} ${check.id}`;
  if (check.verdict === "failed" || check.verdict === "warned")
    return `${heading}\n${describeFailure(check, requirement).trimEnd()}`;
  const again = check.rerun === null ? [] : [`  again     ${check.rerun}`];
  const place = `${requirement.id}, ${requirement.level}, ${requirement.file}:${requirement.line}`;
  return [
    heading,
    `  ${requirement.text}`,
    `  ${place}`,
    "",
    `  ${legible(check.message ?? "")}`,
    ...again,
  ].join("\n");
}

/** What a test is thrown for: it has nothing to say of where in the suite it was thrown. */
export class ConformanceFailure extends Error {
  override readonly name = "ConformanceFailure";

  constructor(words: string) {
    super(words);
    this.stack = `${this.name}: ${words}`;
  }
}

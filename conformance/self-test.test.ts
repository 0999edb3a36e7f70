import { describe, expect, it } from "vitest";
import { discoverChecks } from "./discover-checks.ts";
import { runCheckAgainst } from "./drivers/in-process.ts";
import type { Mutant } from "./model/mutant.ts";
import type { CheckOutcome } from "./run/run-check.ts";
import { wire } from "./reporters/failure.ts";
import { messagesOf } from "./run/result.ts";
import { CheckFailure } from "./verdict.ts";

const checks = await discoverChecks("server");

/** What became of a check, in a word for a pass or a kill, in full for anything else. */
function told(outcome: CheckOutcome, wanted: "passed" | "failed"): string {
  if (outcome.verdict === wanted && (wanted === "passed" || outcome.error instanceof CheckFailure))
    return wanted;
  const values = `expected ${JSON.stringify(outcome.expected)}, actual ${JSON.stringify(outcome.actual)}`;
  return `${outcome.verdict}: ${outcome.message ?? ""}\n  ${values}\n${wire(messagesOf(outcome.transcript)).join("\n")}`;
}

describe("every check", () => {
  it("exists", () => expect(checks.length).toBeGreaterThan(0));

  describe.concurrent(
    "passes on the model and fails on each of its mutants, by its own assertion:",
    { timeout: 20_000 },
    () => {
      for (const check of checks) {
        it(`${check.id} passes on the model`, async () => {
          expect(told(await runCheckAgainst(check), "passed")).toBe("passed");
        });
        for (const mutant of check.brokenBy) {
          it(`${check.id} catches ${mutant.name}`, async () => {
            expect(told(await runCheckAgainst(check, mutant), "failed")).toBe("failed");
          });
        }
      }
    },
  );

  it("has mutants that break its requirement", () => {
    const strangers = checks.flatMap(({ id, requirement, brokenBy }) =>
      brokenBy
        .filter(({ breaks }) => !breaks.includes(requirement))
        .map(({ name }) => `${id} is brokenBy ${name}, which does not say so`),
    );
    expect(strangers).toEqual([]);
  });

  it("has mutants of unique names", () => {
    const byName = new Map<string, Set<Mutant>>();
    for (const mutant of checks.flatMap(({ brokenBy }) => brokenBy)) {
      byName.set(mutant.name, (byName.get(mutant.name) ?? new Set()).add(mutant));
    }
    expect([...byName].filter(([, mutants]) => mutants.size > 1).map(([name]) => name)).toEqual([]);
  });
});

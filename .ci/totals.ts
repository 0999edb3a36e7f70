/** Adds up what the result files say and prints the closing line; exits 1 unless everything ran and passed. */
import { readFileSync } from "node:fs";

const [conformanceFile, testsFile, failedSteps] = process.argv.slice(2) as [string, string, string];

interface Totals {
  passed: number;
  failed: number;
}

/** Reads one result file; a missing or broken one counts as a failure, never as nothing. */
function read(file: string, count: (content: never) => Totals): Totals {
  try {
    return count(JSON.parse(readFileSync(file, "utf8")) as never);
  } catch (error) {
    console.error(`${file}: ${(error as Error).message}`);
    return { passed: 0, failed: 1 };
  }
}

const conformance = read(conformanceFile, ({ summary }: { summary: { checks: Record<string, number> } }) => {
  const { passed = 0, "not-applicable": notApplicable = 0, ...rest } = summary.checks;
  console.log(`conformance of the reference server: ${passed} passed, ${notApplicable} not applicable`);
  return { passed, failed: Object.values(rest).reduce((sum, n) => sum + n, 0) };
});
const tests = read(testsFile, (content: { numPassedTests: number; numTotalTests: number }) => ({
  passed: content.numPassedTests,
  // A test that neither passed nor failed (skipped, pending) did not hold anything: it counts as failed.
  failed: content.numTotalTests - content.numPassedTests,
}));

const passed = conformance.passed + tests.passed;
const failed = conformance.failed + tests.failed + Number(failedSteps);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

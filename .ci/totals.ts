/** Adds up what the result files say and prints the closing line; exits 1 unless everything ran and passed. */
import { readFileSync } from "node:fs";

const [failedSteps, ...files] = process.argv.slice(2) as [string, ...string[]];
const conformanceFiles = files.filter((file) => file.endsWith("conformance.json"));
const testsFiles = files.filter((file) => !conformanceFiles.includes(file));

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

interface Result {
  role: string;
  summary: { checks: Record<string, number> };
}

const conformance = conformanceFiles.map((file) =>
  read(file, ({ role, summary }: Result) => {
    const { passed = 0, "not-applicable": notApplicable = 0, ...rest } = summary.checks;
    console.log(`conformance of the reference ${role}: ${passed} passed, ${notApplicable} not applicable`);
    return { passed, failed: Object.values(rest).reduce((sum, n) => sum + n, 0) };
  }),
);
const tests = testsFiles.map((file) =>
  read(file, (content: { numPassedTests: number; numTotalTests: number }) => ({
    passed: content.numPassedTests,
    // A test that neither passed nor failed (skipped, pending) did not hold anything: it counts as failed.
    failed: content.numTotalTests - content.numPassedTests,
  })),
);

const sum = (count: keyof Totals): number =>
  [...conformance, ...tests].reduce((all, one) => all + one[count], 0);
const passed = sum("passed");
const failed = sum("failed") + Number(failedSteps);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ConformanceResult } from "../../schemas/conformance-result.ts";
import { RESULT_SCHEMA_VERSION } from "../../schemas/conformance-result.ts";
import { validate } from "../../schemas/validators.ts";
import { describeComparison } from "../reporters/comparison.ts";
import { compareResults, comparisonStatus } from "../run/comparison.ts";
import type { NamedResult } from "../run/comparison.ts";
import { requireWritable, writeWhole } from "../run/output-file.ts";
import { UsageError } from "../run/select.ts";

/**
 * `mirubato-sync compare <files>`: results side by side, and what changed from the first to each next.
 * @returns the exit status: 0, 1 or 3 as {@link comparisonStatus} says
 * @throws UsageError for files that cannot be read or compared
 */
export function compare(
  files: readonly string[],
  flags: { all?: boolean; json?: string },
  { write, folder }: { write(text: string): void; folder: string },
): number {
  if (files.length < 2)
    throw new UsageError("compare needs two results or more: the first is compared with the others");
  const results = files.map((file) => readResult(file, folder));
  const [first, ...others] = results as [NamedResult, ...NamedResult[]];
  for (const { file, result } of others) {
    if (result.role === first.result.role) continue;
    throw new UsageError(
      `${first.file} is about a ${first.result.role} and ${file} about a ${result.role}: they have no requirement in common`,
    );
  }
  const target = flags.json === undefined ? undefined : resolve(folder, flags.json);
  if (target !== undefined) requireWritable(target, "--json");
  const comparison = compareResults(results);
  write(describeComparison(results, comparison, flags.all === true));
  if (target !== undefined) {
    const about = results.map(({ file, result }) => {
      const { subject, specVersion, suiteVersion, profiles, startedAt } = result;
      return { file, subject, specVersion, suiteVersion, profiles, startedAt };
    });
    writeWhole(target, `${JSON.stringify({ results: about, ...comparison }, null, 2)}\n`, "the comparison");
  }
  return comparisonStatus(comparison);
}

function readResult(file: string, folder: string): NamedResult {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(resolve(folder, file), "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(
      code === undefined ? `${file} is not JSON: ${message}` : `${file} can't be read (${code})`,
    );
  }
  const [violation] = validate("result_file", value);
  if (!violation) return { file, result: value as ConformanceResult };
  throw new UsageError(
    `${file} is no result of this suite, as --report json=<file> writes it (version ${RESULT_SCHEMA_VERSION}): ${violation.pointer || "the whole"} ${violation.detail}`,
  );
}

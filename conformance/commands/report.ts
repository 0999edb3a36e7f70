import { readFileSync } from "node:fs";
import type { ConformanceResult } from "../../schemas/conformance-result.ts";
import { RESULT_SCHEMA_VERSION } from "../../schemas/conformance-result.ts";
import { validate } from "../../schemas/validators.ts";
import { loadRequirements } from "../../spec/requirements.ts";
import { STANDARD_OUTPUT } from "../reporters/file.ts";
import { loadReporter } from "../reporters/reporter.ts";
import { parseReport } from "../run/config.ts";
import { UsageError } from "../run/select.ts";

/**
 * `mirubato-sync report <result.json>`: writes reports of a run from its saved result.
 * @param reports as `--report` takes them, `<format>=<file>`
 * @returns what to say of it: the files that were written, a line each
 * @throws UsageError for a file that is no result of this suite, and for a report that can't be written
 */
export async function reportOn(file: string, reports: readonly string[]): Promise<string> {
  const result = readResult(file);
  const wanted = reports.map(parseReport);
  const reporters = [];
  for (const { format, file: target } of wanted) reporters.push(await loadReporter(format, target));
  const requirements = new Map(loadRequirements().map((requirement) => [requirement.id, requirement]));
  for (const reporter of reporters) await reporter.finish({ result, requirements, leftBehind: [] });
  // A report on standard output stands alone there.
  if (wanted.some(({ file: target }) => target === STANDARD_OUTPUT)) return "";
  return wanted.map(({ file: target }) => `report: ${target}\n`).join("");
}

function readResult(file: string): ConformanceResult {
  const result = parse(file) as ConformanceResult;
  const version: unknown = (result as Partial<ConformanceResult> | null)?.schemaVersion;
  if (typeof version === "string" && version !== RESULT_SCHEMA_VERSION) {
    throw new UsageError(
      `${file} is a result of version ${JSON.stringify(version)}, and this suite reads ${RESULT_SCHEMA_VERSION}; use the suite that wrote it`,
    );
  }
  const [first] = validate("result_file", result);
  if (first) {
    throw new UsageError(
      `${file} is no result of a run: ${first.pointer || "the whole"} ${first.detail}; give the file that --report json=… wrote`,
    );
  }
  const known = new Set(result.requirements.map(({ id }) => id));
  const orphan = result.checks.find(({ requirement }) => !known.has(requirement));
  if (orphan) {
    throw new UsageError(
      `${file} is no whole result: check ${orphan.id} is of requirement ${orphan.requirement}, which is not among its requirements`,
    );
  }
  return result;
}

function parse(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(
      `${file} can't be read (${(error as NodeJS.ErrnoException).code}); name a saved result`,
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${(error as Error).message}`);
  }
}

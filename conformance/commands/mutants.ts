import { resolve } from "node:path";
import { validate } from "../../schemas/validators.ts";
import { loadRequirements } from "../../spec/requirements.ts";
import { discoverChecks } from "../discover-checks.ts";
import type { FoundAny } from "../discover-checks.ts";
import { misfits, selectRows, summarise, unheld } from "../matrix/matrix.ts";
import { runMatrix } from "../matrix/side-by-side.ts";
import { MATRIX_SEED } from "../matrix/trial.ts";
import { STANDARD_OUTPUT } from "../reporters/file.ts";
import { renderMutantsPage } from "../reporters/mutants-page.ts";
import type { MutantsReport } from "../reporters/mutants-page.ts";
import { describeMutants, renderMutantsMarkdown, useless } from "../reporters/mutants-text.ts";
import { requireWritable, writeWhole } from "../run/output-file.ts";
import { didYouMean, UsageError } from "../run/select.ts";
import { parseReport } from "../run/config.ts";
import { HarnessError } from "../verdict.ts";
import type { TestIo } from "./test-io.ts";

/** Options of `mutants` as the command line gives them; lists already split. */
export interface MutantsFlags {
  role?: string;
  only?: string[];
  report?: string[];
  seed?: string;
}

const FORMATS: Record<string, (report: MutantsReport) => string> = {
  json: renderJson,
  html: renderMutantsPage,
  markdown: renderMutantsMarkdown,
};

/**
 * `mirubato-sync mutants`: every check against the conforming model and against each of its mutants.
 * @returns the exit status: 0 where each came out as it must, 1 where a mutant survived, a check killed nothing, missed a mutant
 *   that it names, or did not pass on the model
 * @throws UsageError for a mistake in flags; CouldNotRun when interrupted
 */
export async function tryMutants(flags: MutantsFlags, io: Omit<TestIo, "env">): Promise<0 | 1> {
  const role = roleOf(flags.role ?? "server");
  const reports = (flags.report ?? []).map(parseReport).map(({ format, file }) => {
    const render = FORMATS[format];
    const known = Object.keys(FORMATS);
    if (!render || !Object.hasOwn(FORMATS, format)) {
      throw new UsageError(
        `--report: no format "${format}" of mutants; there are ${known.join(", ")}.${didYouMean(format, known)}`,
      );
    }
    const target = file === STANDARD_OUTPUT ? file : resolve(io.folder, file);
    if (target !== STANDARD_OUTPUT) requireWritable(target, "--report");
    return { file, target, render };
  });
  const out = reports.some(({ target }) => target === STANDARD_OUTPUT) ? (io.aside ?? io.out) : io.out;
  const seed = flags.seed ?? MATRIX_SEED;
  const checks: readonly FoundAny[] = await discoverChecks(role);
  const rows = selectRows(checks, flags.only ?? []);
  const wrong = misfits(rows.map(({ check }) => check));
  if (wrong.length > 0) throw new HarnessError(wrong.join("; "));
  const total = rows.reduce((sum, { mutants }) => sum + mutants.length + 1, 0);
  out.write(`${rows.length} checks, each on the model and on its mutants: ${total} trials, seed ${seed}\n`);

  const began = performance.now();
  const progress = progressOn(out, total);
  const matrix = await runMatrix(rows, {
    seed,
    told: progress,
    signal: io.signal,
  });
  const report: MutantsReport = {
    role,
    matrix,
    result: summarise(matrix),
    seed,
    durationMs: performance.now() - began,
    requirements: loadRequirements(),
  };
  out.write(describeMutants(report));
  for (const { file, target, render } of reports) {
    const text = render(report);
    if (target === STANDARD_OUTPUT) io.out.write(text);
    else {
      writeWhole(target, text, "the report");
      out.write(`report: ${file}\n`);
    }
  }
  return mutantsStatus(report);
}

/** 0 where every trial came out as it must and every check kills something, else 1. */
export function mutantsStatus(report: MutantsReport): 0 | 1 {
  return unheld(report.matrix).length === 0 && useless(report).length === 0 ? 0 : 1;
}

function roleOf(role: string): "server" | "client" {
  if (role === "server" || role === "client") return role;
  throw new UsageError(`--role: there is no role "${role}"; there are server and client`);
}

function progressOn(out: TestIo["out"], total: number): () => void {
  let done = 0;
  return () => {
    done += 1;
    if (out.live)
      out.write(`\r\u001b[2K${done === total ? "" : `  ${done}/${total}`.slice(0, out.columns - 1)}`);
    else if (done % 500 === 0 || done === total) out.write(`  ${done} of ${total} trials done\n`);
  };
}

/** The result as the published contract, `mutants_file`. */
function renderJson({ result }: MutantsReport): string {
  const [first] = validate("mutants_file", result);
  if (first) {
    throw new HarnessError(
      `the result breaks its own schema: ${first.pointer || "the whole"} ${first.detail}`,
    );
  }
  return `${JSON.stringify(result, null, 2)}\n`;
}

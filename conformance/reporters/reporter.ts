import { readdirSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Requirement } from "../../spec/requirements.ts";
import type { CheckResult, RunResult } from "../run/result.ts";
import { didYouMean, UsageError } from "../run/select.ts";

export interface FinishedRun {
  result: RunResult;
  /** Every requirement of the specification, by id. */
  requirements: ReadonlyMap<string, Requirement>;
  /** Why no check ran. */
  doorstep?: string;
  /** Users whose data could not be deleted, with the reason. */
  leftBehind: readonly string[];
}

/** Tells of a run. To add a format, add a file here that exports `createReporter`. */
export interface Reporter {
  start?(plan: { checks: number; seed: string; subject: string }): void;
  check?(result: CheckResult, done: number): void;
  finish(run: FinishedRun): Promise<void> | void;
}

/** What a reporter's file exports. */
export type CreateReporter = (file: string) => Reporter;

const FOLDER = dirname(fileURLToPath(import.meta.url));
const EXTENSION = extname(fileURLToPath(import.meta.url));

/** The formats that `--report <format>=<file>` knows: the files of this folder that export a `createReporter`. */
export async function loadReporter(format: string, file: string): Promise<Reporter> {
  const names = readdirSync(FOLDER)
    .filter((name) => extname(name) === EXTENSION && !name.includes(".test.") && !name.endsWith(".d.ts"))
    .map((name) => name.slice(0, -EXTENSION.length));
  const modules = new Map<string, CreateReporter>();
  for (const name of names) {
    const module = (await import(pathToFileURL(join(FOLDER, name + EXTENSION)).href)) as Record<
      string,
      unknown
    >;
    if (typeof module["createReporter"] === "function")
      modules.set(name, module["createReporter"] as CreateReporter);
  }
  const create = modules.get(format);
  if (create) return create(file);
  const known = [...modules.keys()];
  throw new UsageError(
    `--report: no format "${format}"; there are ${known.join(", ")}.${didYouMean(format, known)}`,
  );
}

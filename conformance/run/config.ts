import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ConformanceConfig } from "../../schemas/conformance-config.ts";
import { validate } from "../../schemas/validators.ts";
import { didYouMean, UsageError } from "./select.ts";

/** What a run is told, whoever is under test: which checks, how many at once, until when, and what becomes of the result. */
export interface CommonSettings {
  profiles?: string[];
  only: string[];
  concurrency: number;
  deadlineMs?: number;
  failFast: boolean;
  reports: { format: string; file: string }[];
  /** File of known failures, as it was named. */
  baseline?: string;
  /** Where to write those of this run. */
  writeBaseline?: string;
  seed: string;
}

/** The options for it, as the command line gives them; lists already split. */
export interface CommonFlags {
  profile?: string[];
  only?: string[];
  concurrency?: number;
  deadline?: number;
  failFast?: boolean;
  report?: string[];
  baseline?: string;
  writeBaseline?: string;
  seed?: string;
  config?: string;
}

export const CONFIG_FILE = "mirubato-sync.config.json";

/** Flags win over the configuration file. @throws UsageError for a report that can't be meant */
export function commonSettings(flags: CommonFlags, file: ConformanceConfig): CommonSettings {
  const deadline = flags.deadline ?? file.deadlineSeconds;
  const profiles = flags.profile ?? file.profiles;
  const baseline = flags.baseline ?? file.baseline;
  return {
    ...(profiles === undefined ? {} : { profiles }),
    only: flags.only ?? file.only ?? [],
    concurrency: flags.concurrency ?? file.concurrency ?? 8,
    ...(deadline === undefined ? {} : { deadlineMs: deadline * 1000 }),
    failFast: flags.failFast ?? file.failFast ?? false,
    reports: (flags.report ?? file.report ?? []).map(parseReport),
    ...(baseline === undefined ? {} : { baseline }),
    ...(flags.writeBaseline === undefined ? {} : { writeBaseline: flags.writeBaseline }),
    seed: flags.seed ?? String(file.seed ?? randomBytes(4).toString("hex")),
  };
}

/** The settings of a file, or none where the usual file is not there. @throws UsageError naming what is wrong with it */
export function readConfig(named: string | undefined, folder: string): ConformanceConfig {
  const path = resolve(folder, named ?? join(folder, CONFIG_FILE));
  if (!existsSync(path)) {
    if (named !== undefined) throw new UsageError(`--config: there is no file ${named}`);
    return {};
  }
  const shown = named ?? CONFIG_FILE;
  let value: unknown;
  const text = readText(path, shown);
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${shown} is not JSON: ${(error as Error).message}`);
  }
  const [violation] = validate("config_file", value);
  if (!violation) return value as ConformanceConfig;
  const member = violation.pointer.slice(1);
  if (violation.keyword === "additionalProperties") {
    const near = didYouMean(member, Object.keys(ConformanceConfig.properties));
    throw new UsageError(`${shown}: "${member}" is no setting.${near}`);
  }
  throw new UsageError(`${shown}: ${member === "" ? "the whole" : `"${member}"`} ${violation.detail}`);
}

/** `<format>=<file>` in two. @throws UsageError for another form */
export function parseReport(report: string): { format: string; file: string } {
  const at = report.indexOf("=");
  if (at < 1 || at === report.length - 1) {
    throw new UsageError(
      `--report: "${report}" is not <format>=<file>, such as json=reports/conformance.json`,
    );
  }
  return { format: report.slice(0, at), file: report.slice(at + 1) };
}

/** @throws UsageError naming the option and the system's code */
export function readText(path: string, shown: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`${shown}: ${path} can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

import picocolors from "picocolors";
import type { Requirement } from "../../spec/requirements.ts";
import { countVerdicts } from "../run/result.ts";
import type { CheckResult } from "../run/result.ts";
import { VERDICTS } from "../../schemas/conformance-result.ts";
import type { Verdict } from "../verdict.ts";
import { describeFailure } from "./failure.ts";
import { describeKnownFailures, listedBy } from "./known-failures.ts";
import type { FinishedRun, Reporter } from "./reporter.ts";
import { situationsInShort } from "./situations.ts";

export interface Console {
  write(text: string): void;
  /** A terminal that may be redrawn: progress lives on one line, and colour is welcome. */
  live: boolean;
  columns: number;
}

/** Whether a stream is a terminal that wants progress and colour: not in CI, not under NO_COLOR. */
export function consoleOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Console {
  const live = stream.isTTY && !env["CI"] && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  return {
    write: (text) => void stream.write(text),
    live,
    get columns() {
      // Terminals are resized, and some say that they have no width at all.
      return stream.columns || 110;
    },
  };
}

/** A verdict in a column of its own. */
type Badge = (judged: { verdict: Verdict; known?: string }) => string;

const ORDINARY: ReadonlySet<Verdict> = new Set(["passed", "not-applicable"]);

/** Progress while the run goes on, then a verdict per requirement, the failures in full, and the counts. */
export function consoleReporter(out: Console): Reporter {
  const colours = picocolors.createColors(out.live);
  const paint: Record<Verdict, (text: string) => string> = {
    passed: colours.green,
    failed: (text) => colours.bold(colours.red(text)),
    warned: colours.yellow,
    "not-applicable": colours.dim,
    inconclusive: colours.magenta,
    "could-not-run": colours.red,
  };
  const badge: Badge = ({ verdict, known }) =>
    known === undefined ? paint[verdict](verdict.padEnd(14)) : colours.yellow(`${verdict} (known)`);
  let total = 0;

  return {
    start({ checks, seed, subject }) {
      total = checks;
      out.write(`${checks} ${checks === 1 ? "check" : "checks"} on ${subject}, seed ${seed}\n`);
    },
    check(result, done) {
      if (out.live) out.write(`\r\u001b[2K${`  ${done}/${total}  ${result.id}`.slice(0, out.columns - 1)}`);
      else if (!ORDINARY.has(result.verdict)) out.write(`  ${badge(result)} ${result.id}\n`);
      else if (done % 50 === 0 || done === total) out.write(`  ${done} of ${total} checks done\n`);
    },
    finish(run) {
      if (out.live) out.write("\r\u001b[2K");
      if (run.doorstep !== undefined) {
        out.write(`\n${colours.red("No check could run.")} ${run.doorstep}\n`);
      } else {
        out.write(verdictsByArea(run, badge, out.columns, colours.bold));
        out.write(troubles(run, paint));
      }
      for (const left of run.leftBehind) out.write(colours.dim(`left on the server: ${left}\n`));
      out.write(summary(run, paint));
    },
  };
}

function verdictsByArea(
  { result, requirements }: FinishedRun,
  badge: Badge,
  columns: number,
  bold: (text: string) => string,
): string {
  const areas = new Map<string, string[]>();
  for (const requirement of result.requirements) {
    const { id } = requirement;
    const { file, text } = requirements.get(id) as Requirement;
    const line = `  ${badge(requirement)} ${id.padEnd(10)} `;
    const room = Math.max(30, columns - 28);
    const shown = text.length > room ? `${text.slice(0, room - 1)}…` : text;
    areas.set(file, [...(areas.get(file) ?? []), `${line}${shown}`]);
  }
  return [...areas].map(([file, lines]) => `\n${bold(file)}\n${lines.join("\n")}\n`).join("");
}

function troubles(
  { result, requirements }: FinishedRun,
  paint: Record<Verdict, (text: string) => string>,
): string {
  const inFull = result.checks.filter(
    ({ verdict, known }) => known === undefined && (verdict === "failed" || verdict === "warned"),
  );
  const inShort = result.checks.filter(
    ({ verdict }) => verdict === "inconclusive" || verdict === "could-not-run",
  );
  const skipped = result.checks.filter(({ verdict }) => verdict === "not-applicable");
  const remarked = result.checks.filter(({ verdict, message }) => verdict === "passed" && message !== null);
  const full = inFull.map((check) => {
    const heading = paint[check.verdict](`${check.verdict.toUpperCase()} ${check.id}`);
    return `\n${heading}\n${describeFailure(check, requirements.get(check.requirement))}`;
  });
  return (
    full.join("") +
    listed("Could not be judged", inShort) +
    listed("Not applicable", skipped) +
    listed("Passed, with a remark", remarked) +
    describeKnownFailures(result, paint.failed)
  );
}

/** One line for each check; reasons that many share are told once. */
function listed(title: string, checks: readonly CheckResult[]): string {
  if (checks.length === 0) return "";
  const byReason = Map.groupBy(checks, ({ message, verdict }) =>
    ORDINARY.has(verdict) ? (message ?? "") : `${verdict}: ${message ?? ""}`,
  );
  return `\n${title}: ${checks.length}\n${listedBy(byReason)}`;
}

function summary({ result }: FinishedRun, paint: Record<Verdict, (text: string) => string>): string {
  const counts = (judged: readonly { verdict: Verdict; known?: string }[]): string => {
    const known = judged.filter((one) => one.known !== undefined).length;
    const of = countVerdicts(judged.filter((one) => one.known === undefined));
    const told = VERDICTS.filter((verdict) => of[verdict] > 0).map((verdict) =>
      paint[verdict](`${of[verdict]} ${verdict}`),
    );
    if (known > 0) told.push(paint.warned(`${known} known ${known === 1 ? "failure" : "failures"}`));
    return told.join(", ") || "none";
  };
  const stale = result.baseline?.stale.length ?? 0;
  const seconds = (result.durationMs / 1000).toFixed(1);
  return (
    `\nrequirements: ${counts(result.requirements)}\n` +
    `checks:       ${counts(result.checks)}\n` +
    (result.histories ? `histories:    ${situationsInShort(result.histories)}\n` : "") +
    (stale > 0 ? paint.failed(`known failures that fail no more: ${stale}\n`) : "") +
    `${result.subject}, profiles ${result.profiles.join(", ")}, seed ${result.seed}, ${seconds} s\n`
  );
}

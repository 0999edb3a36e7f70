import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ServerCheck } from "../check.ts";
import { diagram } from "../histories/checker/diagram.ts";
import type { Violation } from "../histories/checker/words.ts";
import { playOnce } from "../histories/performances.ts";
import { readSchedule, stepsOf, UPSETS } from "../histories/schedule.ts";
import type { Schedule } from "../histories/schedule.ts";
import { doorstep } from "../run/doorstep.ts";
import { runCheck } from "../run/run-check.ts";
import { cleanUp } from "../run/clean-up.ts";
import { UsageError } from "../run/select.ts";
import { readSettings } from "../run/settings.ts";
import type { Flags } from "../run/settings.ts";
import { openSubject, withPort } from "../subject/open.ts";
import { CouldNotRun } from "../verdict.ts";
import type { TestIo } from "./test-io.ts";

const MOST_PLAYS = 25;

/**
 * `mirubato-sync replay <file>`: plays a saved history against a server again, step by step as it stands there; a few times, until
 * it shows something, for much depends on which of two requests at once comes first.
 * @returns the exit status: 1 it shows a violation, 0 none
 * @throws UsageError for a mistake in the flags or the file
 * @throws CouldNotRun where the server does not come up, or the history cannot be played
 */
export async function replay(file: string, flags: Flags, io: TestIo): Promise<0 | 1> {
  const schedule = readSchedule(contentOf(resolve(io.folder, file), file), file);
  const settings = await withPort(readSettings(flags, io.env, io.folder));
  const open = await openSubject(settings, io.signal);
  const { subject } = open;
  try {
    const signal = AbortSignal.any([io.signal, open.died]);
    const nonce = Date.now().toString(36);
    await doorstep(subject, { nonce, signal });
    let violations: readonly Violation[] = [];
    let plays = 0;
    const upset = stepsOf(schedule).flatMap((step) => UPSETS.filter((how) => how === step.do));
    const check: ServerCheck = {
      id: "CONS-000/replay",
      requirement: "CONS-000",
      name: "a saved history is played again",
      role: "server",
      brokenBy: [],
      needs: [...new Set(upset)].map((how) => `control:${how}` as const),
      timeoutMs: 120_000,
      run: async (context) => {
        for (plays = 1; ; plays += 1) {
          ({ violations } = await playOnce(context, schedule, upset.length > 0));
          if (violations.length > 0 || plays === MOST_PLAYS) return;
        }
      },
    };
    const outcome = await runCheck(check, subject, { seed: settings.seed, nonce, level: "MUST", signal });
    if (!subject.disposable) await cleanUp(subject, outcome.writers);
    if (outcome.verdict === "failed") {
      io.out.write(`the history could not be played to its end: ${outcome.message}\n`);
      return 1;
    }
    if (outcome.verdict !== "passed") throw new CouldNotRun(outcome.message ?? outcome.verdict);
    io.out.write(subject.redactor.text(verdictOn(schedule, violations, plays)));
    return violations.length > 0 ? 1 : 0;
  } finally {
    await open.close();
  }
}

function contentOf(path: string, shown: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`replay: ${shown} can't be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function verdictOn({ about, groups }: Schedule, violations: readonly Violation[], plays: number): string {
  const often = plays === 1 ? "" : `, ${plays} times`;
  const played = `played ${groups.flat().length} steps${often}\n`;
  const saved = about ? `it was saved for ${about.check}: ${about.violation}\n` : "";
  const same = violations.find(({ property }) => property === about?.property);
  const all = violations.map(
    ({ property, message, operations }) =>
      `\n${property}: ${message}\n\n${diagram(operations)
        .map((line) => `  ${line}\n`)
        .join("")}`,
  );
  if (same) return `${played}reproduced: the history breaks the same property again\n${all.join("")}`;
  if (violations.length > 0) return `${played}${saved}it breaks another property now\n${all.join("")}`;
  return `${played}${saved}not reproduced: each time the history was consistent. What depends on timing may still show on another day\n`;
}

import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { ServerContext } from "../check.ts";
import { CheckFailure } from "../verdict.ts";
import { diagram } from "./checker/diagram.ts";
import type { Property, Violation } from "./checker/words.ts";
import { performances, playOnce } from "./performances.ts";
import type { Performances } from "./performances.ts";
import type { Schedule } from "./schedule.ts";
import { stepsOf } from "./schedule.ts";
import { shrink } from "./shrink.ts";
import { missingSituations } from "./situations.ts";
import type { Kind } from "./workload.ts";

/** Smaller schedules are looked for as long as this; the check's own time is not to run out. */
const SHRINKING_MS = 6_000;

/**
 * Fails where a history of this kind breaks one of the properties, with the smallest that still does; is inconclusive where what
 * the histories are about never arose.
 */
export async function demandOfHistories(
  context: ServerContext,
  id: string,
  kind: Kind,
  properties: readonly Property[],
): Promise<void> {
  const all = await performances(context, kind);
  const fits = ({ property }: Violation): boolean => properties.includes(property);
  for (const { schedule, violations } of all.played) {
    const violation = violations.find(fits);
    if (violation)
      throw await explained(context, { id, schedule, violation, fits, controlled: kind.upset !== undefined });
  }
  if (all.broken !== undefined) throw all.broken;
  demandSituations(context, all, kind);
}

function demandSituations(
  context: ServerContext,
  { situations, played }: Performances,
  { profile, upset }: Kind,
): void {
  const missing = missingSituations(situations, profile, upset);
  if (missing.length === 0) return;
  context.inconclusive(`${played.length} histories were played, and none of them had ${missing.join(", ")}`);
}

interface Found {
  id: string;
  schedule: Schedule;
  violation: Violation;
  fits: (violation: Violation) => boolean;
  controlled: boolean;
}

/** The same fault by the fewest steps, where playing it again shows it again. */
async function explained(
  context: ServerContext,
  { id, schedule, violation, fits, controlled }: Found,
): Promise<CheckFailure> {
  let best: { violation: Violation; evidence?: CheckFailure["evidence"] } = { violation };
  const stillFails = async (candidate: Schedule): Promise<boolean> => {
    try {
      const { violations, transcript } = await playOnce(context, candidate, controlled);
      const same = violations.find(fits);
      if (same) best = { violation: same, evidence: transcript };
      return same !== undefined;
    } catch {
      // Another fault, or none that can be judged: not this one.
      context.signal.throwIfAborted();
      return false;
    }
  };
  // Where nothing is saved nobody reads it: the verdict stands as it is.
  if (context.theatre.histories.folder === undefined)
    return new CheckFailure(violation.message, { actual: diagram(violation.operations) });
  const reproduced = (await stillFails(schedule)) || (await stillFails(schedule));
  const until = performance.now() + SHRINKING_MS;
  // Twice, for what one lucky play shows is no reproduction to hand to anybody.
  const failsAgain = async (candidate: Schedule): Promise<boolean> =>
    (await stillFails(candidate)) && (await stillFails(candidate));
  const smallest = reproduced ? await shrink(schedule, failsAgain, until) : schedule;
  const { message, operations, property } = best.violation;
  const file = save(context, smallest, {
    check: id,
    seed: context.theatre.histories.seed,
    property,
    violation: message,
  });
  const steps = stepsOf(smallest).length;
  const of = stepsOf(schedule).length;
  const how = reproduced
    ? `by ${steps} of ${of} steps`
    : `of ${of} steps; played twice more it did not show again, so it depends on timing and could not be made smaller`;
  const failure = new CheckFailure(
    `${message} (${how}${file === undefined ? "" : `, saved to ${relative(process.cwd(), file)}`})`,
    {
      expected: "no history in which these come together",
      actual: diagram(operations),
    },
  );
  const { transcript = { entries: [] } } = best.evidence ?? {};
  const history = { steps, of, reproduced };
  failure.evidence = { transcript, history, ...(file === undefined ? {} : { schedule: file }) };
  return failure;
}

function save(
  context: ServerContext,
  schedule: Schedule,
  about: NonNullable<Schedule["about"]>,
): string | undefined {
  const { folder } = context.theatre.histories;
  if (folder === undefined) return undefined;
  const file = join(
    folder,
    `${about.check.replaceAll("/", "-")}-${about.seed.replaceAll(/[^\w-]/g, "_")}.json`,
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...schedule, about }, null, 1)}\n`);
  return file;
}

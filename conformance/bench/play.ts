import type { Case } from "./interleave.ts";
import { interleave } from "./interleave.ts";
import { afterwards, describeMachine } from "./machine.ts";
import type { Plan } from "./plan.ts";
import type { BenchResult, Measurement, Subject, Target, Workload } from "./result.ts";

export interface Play {
  title: string;
  seed: string;
  profile: BenchResult["profile"];
  plan: Pick<Plan, "repetitions" | "warmUps">;
  subjects: Subject[];
  /** Each group is played in the same rounds. */
  groups: readonly (readonly Case[])[];
  versions?: Record<string, string>;
  notes: string[];
  targets?: (measurements: readonly Measurement[]) => Target[];
  signal?: AbortSignal;
  /** Is told what begins. */
  onGroup?: (title: string, index: number, of: number) => void;
}

/** Plays everything, group by group, and puts the result together. */
export async function play(given: Play): Promise<BenchResult> {
  const { groups, plan, signal } = given;
  const machine = describeMachine(given.versions);
  const startedAt = new Date();
  const measurements: Measurement[] = [];
  for (const [index, group] of groups.entries()) {
    given.onGroup?.(titleOf(group), index, groups.length);
    measurements.push(...(await interleave(group, { ...plan, ...(signal && { signal }) })));
  }
  return {
    schemaVersion: "1.0",
    title: given.title,
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    seed: given.seed,
    profile: given.profile,
    machine: afterwards(machine),
    subjects: given.subjects,
    workloads: workloadsOf(groups.flat()),
    measurements,
    targets: given.targets?.(measurements) ?? [],
    notes: given.notes,
  };
}

function titleOf(group: readonly Case[]): string {
  const [first] = group;
  const alone = group.every(({ workload }) => workload.id === first!.workload.id);
  return alone ? first!.workload.title : first!.workload.group;
}

/** Each once; without a baseline that nobody plays. */
function workloadsOf(cases: readonly Case[]): Workload[] {
  const subjects = new Set(cases.map(({ subject }) => subject));
  const all = new Map(cases.map(({ workload }) => [workload.id, workload] as const));
  return [...all.values()].map(({ baseline, ...workload }) => ({
    ...workload,
    ...(baseline !== undefined && subjects.has(baseline) && { baseline }),
  }));
}

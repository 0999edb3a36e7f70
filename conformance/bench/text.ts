import { figure, ratioFigure, withUnit } from "./figures.ts";
import type { BenchResult, Measurement, Target, Workload } from "./result.ts";

/** A result as a terminal shows it. */
export function tell(result: BenchResult): string {
  const { machine, subjects, workloads, measurements, targets, notes } = result;
  const names = new Map(subjects.map(({ id, name }) => [id, name] as const));
  const width = Math.max(...[...names.values()].map((name) => name.length)) + 2;
  const rows = (workload: Workload): string[] =>
    measurements
      .filter((one) => one.workload === workload.id)
      .map((one) => `  ${names.get(one.subject)!.padEnd(width)}${row(one, workload, names)}`);
  const lines = [
    ...workloads.flatMap((workload) => [
      `\n${workload.title} (${workload.unit}, ${workload.better} is better)`,
      ...rows(workload),
    ]),
    ...(targets.length > 0 ? ["\nTargets", ...targets.map((target) => `  ${targetInWords(target)}`)] : []),
    ...(notes.length > 0 ? ["", ...notes.map((note) => `  ${note}`)] : []),
    `\n${describe(machine)}`,
    `${result.profile} profile, seed ${result.seed}, ${(result.durationMs / 1000).toFixed(0)} s`,
  ];
  return `${lines.join("\n")}\n`;
}

function row(
  { median, min, max, operations, ratio }: Measurement,
  { unit }: Workload,
  names: ReadonlyMap<string, string>,
): string {
  const extent = `${bare(min, unit)} to ${bare(max, unit)}`;
  const single = operations ? `, p95 ${figure(operations.p95)}` : "";
  const share = ratio ? `${ratioFigure(ratio.median)} that of ${names.get(ratio.to.subject)}` : "";
  return `${withUnit(median, unit).padStart(18)}  (${extent}${single})  ${share}`.trimEnd();
}

const bare = (value: number, unit: string): string => withUnit(value, unit).split(" ")[0]!;

export function targetInWords({ says, actual, atLeast, atMost, verdict }: Target): string {
  const bound = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
  const found = actual === null ? "this profile leaves it out" : ratioFigure(actual);
  return `${verdict.padEnd(13)} ${says}: ${found} (${bound})`;
}

export function describe(machine: BenchResult["machine"]): string {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  const memory = `${(machine.memoryBytes / 1024 ** 3).toFixed(0)} GiB`;
  const busy = machine.loadBefore > machine.cores / 2 ? "; it was busy with other things, too" : "";
  return `${machine.cpu}, ${machine.cores} cores, ${memory}, ${machine.platform}; ${versions.join(", ")}; load ${machine.loadBefore} before, ${machine.loadAfter} after${busy}`;
}

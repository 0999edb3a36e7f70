import { mkdir, writeFile } from "node:fs/promises";
import type { BenchResult } from "../conformance/bench/result.ts";

/** Tells a result in the terminal; a full one is kept in `results/`, a quick one is thrown away. */
export async function report(name: string, result: BenchResult): Promise<void> {
  process.stdout.write(`${lines(result).join("\n")}\n`);
  if (result.profile !== "full") return;
  const folder = new URL("results/", import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL(`${name}.json`, folder), `${JSON.stringify(result, null, 2)}\n`);
  process.stdout.write(`bench/results/${name}.json\n`);
}

function lines({ workloads, measurements, targets, durationMs, machine }: BenchResult): string[] {
  return [
    ...workloads.flatMap(({ id, group, title, unit }) => [
      "",
      `${group}: ${title} (${unit})`,
      ...measurements
        .filter(({ workload }) => workload === id)
        .map(
          ({ subject, median, min, max, ratio }) =>
            `  ${subject.padEnd(28)}${figure(median).padStart(12)}  ${`${figure(min)} – ${figure(max)}`.padEnd(24)}${ratio ? `${ratio.median.toFixed(2)} ×` : ""}`,
        ),
    ]),
    "",
    ...targets.map(
      ({ verdict, says, actual }) => `${verdict.padEnd(8)}${says}: ${actual?.toFixed(2) ?? "–"}`,
    ),
    `${(durationMs / 1000).toFixed(0)} s; load ${machine.loadBefore} before, ${machine.loadAfter} after, on ${machine.cores} cores`,
  ];
}

const figure = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);

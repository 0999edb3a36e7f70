import type { Measurement, Ratio, Spread, Target } from "./result.ts";

/** The value below which the share `p` (0 to 1) of the values lies, interpolated between neighbours. NaN of nothing. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * p;
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function middle(values: readonly number[]): { median: number; min: number; max: number } {
  return { median: median(values), min: quantile(values, 0), max: quantile(values, 1) };
}

export function spread(values: readonly number[]): Spread {
  const [p50, p95, p99, max] = [0.5, 0.95, 0.99, 1].map((p) => quantile(values, p));
  return { count: values.length, p50: p50!, p95: p95!, p99: p99!, max: max! };
}

type Repeated = Pick<Measurement, "workload" | "subject" | "values">;

/** One measurement to another, repetition by repetition. Both must have been played in the same rounds. */
export function ratio(of: Repeated, to: Repeated): Ratio {
  if (of.values.length !== to.values.length)
    throw new RangeError(
      `${of.subject} repeated ${of.workload} ${of.values.length} times, ${to.subject} ${to.workload} ${to.values.length} times`,
    );
  const each = of.values.map((value, repetition) => value / to.values[repetition]!);
  return { to: { workload: to.workload, subject: to.subject }, ...middle(each) };
}

/** A target and whether `actual`, undefined where it was not measured, reaches it. */
export function judge(
  target: Pick<Target, "says" | "atLeast" | "atMost">,
  actual: number | undefined,
): Target {
  if (actual === undefined) return { ...target, actual: null, verdict: "not measured" };
  const met = actual >= (target.atLeast ?? -Infinity) && actual <= (target.atMost ?? Infinity);
  return { ...target, actual, verdict: met ? "met" : "missed" };
}

import type { Measurement, Workload } from "./result.ts";
import { middle, ratio, spread } from "./statistics.ts";

/** One subject, ready to do one workload again and again. */
export interface Trial {
  /** Does the work once. What has to be prepared for it is done before the clock starts, within. */
  once(repetition: number): Promise<Sample>;
  close(): Promise<void>;
}

export interface Sample {
  /** In the workload's unit. */
  value: number;
  /** Single operations, in the workload's unit. */
  operations?: readonly number[];
}

export interface Case {
  workload: Workload;
  subject: string;
  /** Connects, fills: everything that is not measured. */
  open(): Promise<Trial>;
}

export interface Rounds {
  repetitions: number;
  /** Rounds before the first that counts: connections open, code is compiled, statements are prepared. */
  warmUps: number;
  signal?: AbortSignal;
}

/**
 * Plays cases in rounds, each case once a round (A B B A A B …), so that a machine that gets slower or busier in the course of the run does so to all of
 * them. Cases that are to be compared belong into one call.
 */
export async function interleave(cases: readonly Case[], rounds: Rounds): Promise<Measurement[]> {
  const open: { one: Case; trial: Trial; samples: Sample[] }[] = [];
  try {
    for (const one of cases) {
      rounds.signal?.throwIfAborted();
      open.push({ one, trial: await one.open(), samples: [] });
    }
    for (let round = -rounds.warmUps; round < rounds.repetitions; round++) {
      for (const { trial, samples } of round % 2 === 0 ? open : open.toReversed()) {
        rounds.signal?.throwIfAborted();
        const sample = await trial.once(round + rounds.warmUps);
        if (round >= 0) samples.push(sample);
      }
    }
  } finally {
    for (const { trial } of open) await trial.close();
  }
  return withRatios(open.map(({ one, samples }) => ({ one, measurement: measured(one, samples) })));
}

function measured({ workload, subject }: Case, samples: readonly Sample[]): Measurement {
  const values = samples.map(({ value }) => value);
  const operations = samples.flatMap((sample) => sample.operations ?? []);
  return {
    workload: workload.id,
    subject,
    values,
    ...middle(values),
    ...(operations.length > 0 && { operations: spread(operations) }),
  };
}

function withRatios(all: readonly { one: Case; measurement: Measurement }[]): Measurement[] {
  return all.map(({ one: { workload, subject }, measurement }) => {
    const base = all.find(
      (other) => other.one.workload.id === workload.id && other.one.subject === workload.baseline,
    );
    return base === undefined || subject === workload.baseline
      ? measurement
      : { ...measurement, ratio: ratio(measurement, base.measurement) };
  });
}

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
  /** The longest that one case may take to do its work once, or to close; to be filled it has ten times as long. Milliseconds, three minutes. */
  mostMs?: number;
}

/**
 * Plays cases in rounds, each case once a round (A B B A A B …), so that a machine that gets slower or busier in the course of the run does so to all of
 * them. Cases that are to be compared belong into one call.
 * @throws Error where one takes longer than it may, with its name
 */
export async function interleave(cases: readonly Case[], rounds: Rounds): Promise<Measurement[]> {
  const { mostMs = 180_000 } = rounds;
  const open: { one: Case; trial: Trial; samples: Sample[] }[] = [];
  try {
    for (const one of cases) {
      rounds.signal?.throwIfAborted();
      open.push({ one, trial: await within(10 * mostMs, one, one.open()), samples: [] });
    }
    for (let round = -rounds.warmUps; round < rounds.repetitions; round++) {
      for (const { one, trial, samples } of round % 2 === 0 ? open : open.toReversed()) {
        rounds.signal?.throwIfAborted();
        const sample = await within(mostMs, one, trial.once(round + rounds.warmUps));
        if (round >= 0) samples.push(sample);
      }
    }
  } finally {
    for (const { one, trial } of open) await within(mostMs, one, trial.close());
  }
  return withRatios(open.map(({ one, samples }) => ({ one, measurement: measured(one, samples) })));
}

async function within<T>(mostMs: number, { workload, subject }: Case, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    const told = `${workload.title}: ${subject} did not come to an end within ${mostMs / 1000} s`;
    timer = setTimeout(() => reject(new Error(told)), mostMs);
  });
  return Promise.race([work, tooLong]).finally(() => clearTimeout(timer));
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

/** What a benchmark found: the shape of the JSON files, and what the page is made of. Whatever is measured, a server, a client or a library. */
export interface BenchResult {
  schemaVersion: "1.0";
  title: string;
  /** ISO 8601. */
  startedAt: string;
  durationMs: number;
  /** Decides every item, id and order of the work; the same again makes the same work. */
  seed: string;
  profile: "quick" | "full";
  machine: Machine;
  subjects: Subject[];
  workloads: Workload[];
  measurements: Measurement[];
  targets: Target[];
  /** What a reader has to know to read the figures right. */
  notes: string[];
}

export interface Machine {
  cpu: string;
  cores: number;
  memoryBytes: number;
  platform: string;
  /** Versions by name: node, workerd, chromium, … */
  versions: Record<string, string>;
  /** Load averages over a minute; on a quiet machine the first is well below the number of cores. */
  loadBefore: number;
  loadAfter: number;
}

/** Something that did the work. */
export interface Subject {
  id: string;
  name: string;
  version?: string;
  /** What it does, in a sentence. */
  about: string;
  /** What has been written down, and where, when it says that it is done. */
  durability?: string;
}

/** Something to be done, the same for all subjects. */
export interface Workload {
  id: string;
  title: string;
  /** Workloads of one group stand in one plot. */
  group: string;
  /** What exactly is done and what is counted. */
  about: string;
  unit: string;
  better: "higher" | "lower";
  /** The subject that the others are told as a ratio to. */
  baseline?: string;
}

/** How one subject did one workload. */
export interface Measurement {
  workload: string;
  subject: string;
  /** One for each repetition, in the workload's unit, in the order in which they were played. */
  values: number[];
  median: number;
  min: number;
  max: number;
  /** Of single operations, over all repetitions, where the workload times them, in its unit. */
  operations?: Spread;
  /** The value divided by the baseline's of the same repetition. */
  ratio?: Ratio;
}

export interface Spread {
  count: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/** Repetition by repetition, so that a machine that slows down during the run slows down both. */
export interface Ratio {
  /** The workload and subject of the divisor. */
  to: { workload: string; subject: string };
  median: number;
  min: number;
  max: number;
}

/** What the figures have to reach. */
export interface Target {
  says: string;
  /** The ratio that was measured; null where the profile leaves it out. */
  actual: number | null;
  atLeast?: number;
  atMost?: number;
  verdict: "met" | "missed" | "not measured";
}

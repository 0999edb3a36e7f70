import { play } from "../../conformance/bench/play.ts";
import type { Measurement, Target } from "../../conformance/bench/result.ts";
import { judge } from "../../conformance/bench/statistics.ts";
import { readFlags } from "../flags.ts";
import { report } from "../report.ts";
import { TEXT_LIBRARIES, textCases } from "./texts.ts";
import { VALIDATORS, validatorCases } from "./validators.ts";

/* npm run bench:libraries -- [--quick] [--keep]: validators, canonical JSON and checksum beside well-known libraries, on the same messages. */

const { profile, keep } = readFlags("bench:libraries");
const PLAN = { quick: { repetitions: 5, warmUps: 3 }, full: { repetitions: 41, warmUps: 10 } };

/** The time of ours to that of the fastest, repetition by repetition. */
function targets(measurements: readonly Measurement[]): Target[] {
  return ["validate-entry", "validate-entry-wrong", "validate-meta"].map((workload) => {
    const others = measurements.filter((one) => one.workload === workload && one.ratio !== undefined);
    const fastest = Math.min(...others.map(({ ratio }) => ratio!.median));
    return judge(
      { says: `${workload}: time of the precompiled validator to the fastest library's`, atMost: 1.2 },
      1 / fastest,
    );
  });
}

const result = await play({
  title: "Validators, canonical JSON and checksum beside well-known libraries",
  seed: "none: the messages are the same in every run",
  profile,
  plan: PLAN[profile],
  subjects: [...VALIDATORS, ...TEXT_LIBRARIES],
  groups: [...validatorCases(), ...(await textCases())],
  notes: [
    "One process, one thread; before the run every library has judged or written each message as all others do.",
    "A ratio is the library's time divided by ours in the same repetition; less than 1: the library is faster.",
  ],
  targets,
});
report("libraries", result, keep);

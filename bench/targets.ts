import type { Measurement, Target } from "../conformance/bench/result.ts";
import { judge, ratio } from "../conformance/bench/statistics.ts";
import { RAW } from "../conformance/bench/workloads.ts";
import { RAW_STORED } from "./raw/cases.ts";

/** What the reference server has to reach, each as a ratio within one run. */
export function judgeTargets(subject: string, measurements: readonly Measurement[]): Target[] {
  const of = (workload: string, by: string) =>
    measurements.find((each) => each.workload === workload && each.subject === by);
  const between = (one?: Measurement, other?: Measurement): number | undefined =>
    one && other && ratio(one, other).median;
  const among = (kind: string, by: string): number | undefined =>
    between(of(`${kind}-100000`, by), of(`${kind}-100`, by));
  const toRaw = (workload: string): number | undefined => of(workload, subject)?.ratio?.median;
  const p50 = (by: string): number | undefined => of("ack", by)?.operations?.p50;
  const [ack, write] = [p50(subject), p50(RAW)];
  return [
    judge({ says: "push of 500 items, to a bare D1 batch of 500 inserts", atLeast: 0.75 }, toRaw("push-500")),
    judge(
      { says: "delta pull of 10 changes among 100,000 entities, to that among 100", atMost: 1.5 },
      among("delta-pull", subject),
    ),
    judge(
      { says: "SYNC_REQUEST for 10 changes among 100,000 entities, to that among 100", atMost: 1.5 },
      among("socket-catch-up", subject),
    ),
    ...[2, 10, 50].map((devices) =>
      judge(
        { says: `fan-out to ${devices} devices, to a bare Durable Object that stores nothing`, atLeast: 0.7 },
        toRaw(`fan-out-${devices}`),
      ),
    ),
    ...[2, 10, 50].map((devices) =>
      judge(
        {
          says: `fan-out to ${devices} devices, to a bare Durable Object that stores each message before it sends it on`,
          atLeast: 0.7,
        },
        between(of(`fan-out-${devices}`, subject), of(`fan-out-${devices}`, RAW_STORED)),
      ),
    ),
    judge(
      { says: "p50 of a live ack, to a bare D1 write from a Durable Object", atMost: 1.5 },
      ack !== undefined && write !== undefined ? ack / write : undefined,
    ),
  ];
}

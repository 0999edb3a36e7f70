import type { Measurement, Target } from "../conformance/bench/result.ts";
import { judge, ratio } from "../conformance/bench/statistics.ts";
import { RAW } from "../conformance/bench/workloads.ts";

/** What the reference server has to reach, each as a ratio within one run. */
export function judgeTargets(subject: string, measurements: readonly Measurement[]): Target[] {
  const of = (workload: string, by: string) =>
    measurements.find((each) => each.workload === workload && each.subject === by);
  const among = (kind: string, by: string): number | undefined => {
    const [many, few] = [of(`${kind}-100000`, by), of(`${kind}-100`, by)];
    return many && few && ratio(many, few).median;
  };
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
    judge(
      { says: "p50 of a live ack, to a bare D1 write from a Durable Object", atMost: 1.5 },
      ack !== undefined && write !== undefined ? ack / write : undefined,
    ),
  ];
}

import { expect, it } from "vitest";
import type { Plan } from "../conformance/bench/plan.ts";
import { tell } from "../conformance/bench/text.ts";
import { benchServer } from "./server.ts";

const TINY: Plan = {
  repetitions: 2,
  warmUps: 0,
  push: [{ items: 3, requests: 1 }],
  fullPull: 20,
  catchUp: { among: [20], changes: 3, calls: 2 },
  acks: 2,
  fanOut: { devices: [2], messages: 3 },
  manyUsers: { users: 2, atOnce: 2 },
  idle: { users: 1, socketsEach: 2 },
};

it("plays every work on the reference server and on the raw limits, and tells one as a ratio to the other", async () => {
  const { signal } = new AbortController();
  const result = await benchServer({ seed: "s", profile: "quick", plan: TINY, signal });
  const of = (subject: string) => result.measurements.filter((each) => each.subject === subject);
  const works = result.workloads.map(({ id }) => id).filter((id) => id !== "hello");
  expect(of("reference-server").map(({ workload }) => workload)).toEqual(works);
  expect(of("raw").map(({ workload }) => workload)).toEqual(["hello", ...works]);
  for (const { workload, ratio } of of("reference-server")) {
    expect(ratio?.to).toEqual({ workload, subject: "raw" });
    // A process may well not grow by two sockets.
    if (workload !== "idle-memory") expect(ratio!.median).toBeGreaterThan(0);
  }
  expect(result.machine.versions).toHaveProperty("workerd");
  expect(result.targets.map(({ verdict }) => verdict)).toContain("not measured");
  expect(tell(result)).toMatch(/Reference server .*\d ×/);
}, 120_000);

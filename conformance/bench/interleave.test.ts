import { expect, it } from "vitest";
import { interleave, type Case } from "./interleave.ts";
import type { Workload } from "./result.ts";

const workload: Workload = {
  id: "push",
  title: "Push",
  group: "push",
  about: "",
  unit: "items/s",
  better: "higher",
  baseline: "raw",
};

function told(): { log: string[]; of: (subject: string, values: number[]) => Case } {
  const log: string[] = [];
  const of = (subject: string, values: number[]): Case => ({
    workload,
    subject,
    open: async () => {
      log.push(`open ${subject}`);
      return {
        once: async (repetition) => {
          log.push(`${subject}${repetition}`);
          return { value: values[repetition]!, operations: [values[repetition]!, 1] };
        },
        close: async () => void log.push(`close ${subject}`),
      };
    },
  });
  return { log, of };
}

it("plays the cases in turn, forth and back, and leaves the warm-up out", async () => {
  const { log, of } = told();
  const [raw, server] = await interleave([of("raw", [1, 100, 50, 80]), of("server", [900, 90, 40, 72])], {
    repetitions: 3,
    warmUps: 1,
  });
  expect(log.join(" ")).toBe(
    "open raw open server server0 raw0 raw1 server1 server2 raw2 raw3 server3 close raw close server",
  );
  expect(raw).toMatchObject({ values: [100, 50, 80], median: 80, min: 50, max: 100 });
  expect(raw).not.toHaveProperty("ratio");
  expect(server).toMatchObject({
    subject: "server",
    median: 72,
    operations: { count: 6, max: 90 },
    ratio: { to: { workload: "push", subject: "raw" }, median: 0.9, min: 0.8, max: 0.9 },
  });
});

it("closes what was opened where something fails, and where it is stopped", async () => {
  const { log, of } = told();
  const broken: Case = { workload, subject: "broken", open: () => Promise.reject(new Error("no server")) };
  await expect(interleave([of("raw", []), broken], { repetitions: 1, warmUps: 0 })).rejects.toThrow(
    "no server",
  );
  expect(log).toEqual(["open raw", "close raw"]);

  const signal = AbortSignal.abort(new Error("stopped"));
  await expect(interleave([of("raw", [])], { repetitions: 1, warmUps: 0, signal })).rejects.toThrow(
    "stopped",
  );
});

it("ends, with its name, where one hangs", async () => {
  const { of } = told();
  const hanging: Case = { ...of("deaf", []), open: () => new Promise(() => {}) };
  await expect(interleave([hanging], { repetitions: 1, warmUps: 0, mostMs: 20 })).rejects.toThrow(
    "Push: deaf did not come to an end within 0.2 s",
  );
});

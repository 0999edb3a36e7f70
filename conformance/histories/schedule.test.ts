import { describe, expect, it } from "vitest";
import { UsageError } from "../run/select.ts";
import { readSchedule } from "./schedule.ts";
import type { Schedule } from "./schedule.ts";
import { plan } from "./workload.ts";

const small: Schedule = {
  format: "mirubato-sync schedule 1",
  profile: "http",
  users: 1,
  devices: 2,
  groups: [
    [{ do: "push", by: [0, 0], request: 1, items: [{ write: 1, entity: 0, at: 0 }] }],
    [{ do: "pull", by: [0, 1], how: "full" }],
  ],
};
const read = (value: unknown): Schedule =>
  readSchedule(typeof value === "string" ? value : JSON.stringify(value), "one.json");

describe("a schedule", () => {
  it.each([["http"], ["realtime"]] as const)("of %s is the same after it was written and read", (profile) => {
    for (const seed of ["a", "b", "c"]) {
      const schedule = plan(seed, { profile });
      expect(read(schedule)).toEqual(schedule);
    }
  });

  it("is the same for the same seed, and another for another", () => {
    expect(plan("a", { profile: "realtime" })).toEqual(plan("a", { profile: "realtime" }));
    expect(plan("a", { profile: "http" })).not.toEqual(plan("b", { profile: "http" }));
  });

  it("has each write and each request of its own", () => {
    const steps = plan("a", { profile: "realtime" }).groups.flat();
    const requests = steps.flatMap((step) => ("items" in step ? step.request : []));
    expect(new Set(requests).size).toBe(requests.length);
  });

  const push = small.groups[0]![0]!;
  const withStep = (step: unknown): unknown => ({ ...small, groups: [[push, step]] });
  it.each([
    ["that is no JSON", "{", /JSON/],
    ["that is null", null, /"format" must be "mirubato-sync schedule 1"/],
    ["of an older form", { ...small, format: "mirubato-sync schedule 0" }, /"format" must be/],
    ["of an unknown profile", { ...small, profile: "rooms" }, /"profile" must be "http" or "realtime"/],
    ["of nobody", { ...small, users: 0 }, /"users" must be a whole number, 1 to 20/],
    ["of too many devices", { ...small, devices: 21 }, /"devices" must be a whole number, 1 to 20/],
    ["without groups", { ...small, groups: {} }, /"groups" must be a list of lists of steps/],
    [
      "with an unknown step",
      withStep({ do: "dance", by: [0, 0] }),
      /\/groups\/0\/1 has no "do" that is known/,
    ],
    ["of a stranger", withStep({ ...push, by: [1, 0] }), /\/groups\/0\/1 must name user and device in "by"/],
    ["by nobody", withStep({ do: "pull", how: "full" }), /must name user and device in "by"/],
    ["with a request of no number", withStep({ ...push, request: "1" }), /must have a number in "request"/],
    ["with no items", withStep({ ...push, items: [] }), /must have "items"/],
    [
      "with half an item",
      withStep({ ...push, items: [{ write: 1 }] }),
      /whole numbers for write, entity and at/,
    ],
  ])("%s is refused by name", (_what, value, words) => {
    expect(() => read(value)).toThrow(UsageError);
    expect(() => read(value)).toThrow(/^one\.json is no schedule of a history: /);
    expect(() => read(value)).toThrow(words);
  });
});

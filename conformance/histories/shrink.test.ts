import { expect, it } from "vitest";
import type { Planned, Schedule } from "./schedule.ts";
import { stepsOf } from "./schedule.ts";
import { shrink } from "./shrink.ts";
import { plan } from "./workload.ts";

const never = Number.POSITIVE_INFINITY;
const writesOf = (schedule: Schedule): number[] =>
  stepsOf(schedule).flatMap((step) => ("items" in step ? step.items : []).map(({ write }: Planned) => write));

it("what needs two writes and a pull shrinks to them, in the order that they had", async () => {
  const whole = plan("a", { profile: "http" });
  const writes = writesOf(whole);
  const [first, second] = [writes[3]!, writes.at(-4)!];
  let plays = 0;
  const smallest = await shrink(
    whole,
    async (candidate) => {
      plays += 1;
      const kept = writesOf(candidate);
      const pulls = stepsOf(candidate).some((step) => step.do === "pull");
      return kept.includes(first) && kept.includes(second) && pulls;
    },
    never,
  );
  expect(stepsOf(smallest)).toHaveLength(3);
  expect(writesOf(smallest).toSorted((a, b) => a - b)).toEqual([first, second].toSorted((a, b) => a - b));
  const order = stepsOf(whole).map((step) => JSON.stringify(step.by));
  expect(order.length).toBeGreaterThan(stepsOf(smallest).length);
  expect(plays).toBeLessThan(150);
  expect(smallest).toMatchObject({ format: whole.format, users: whole.users, devices: whole.devices });
});

it("what one user did alone loses the other's steps by the first play", async () => {
  const whole = plan("b", { profile: "realtime" });
  const tried: Schedule[] = [];
  await shrink(
    whole,
    async (candidate) => {
      tried.push(candidate);
      return stepsOf(candidate).some(({ by }) => by[0] === 1);
    },
    never,
  );
  expect(stepsOf(tried[0]!).every(({ by }) => by[0] === 1)).toBe(true);
});

it("what does not show again stays whole, and so does all where no time is left", async () => {
  const whole = plan("c", { profile: "http" });
  expect(await shrink(whole, async () => false, never)).toBe(whole);
  expect(await shrink(whole, async () => true, performance.now() - 1)).toBe(whole);
});

import { describe, expect, it } from "vitest";
import { unreachable } from "../errors.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { Heartbeat } from "./heartbeat.ts";
import { createLane } from "./lane.ts";

function lane(outcomes: (Error | undefined)[]) {
  const clock = new FakeClock();
  const at: number[] = [];
  const work = async (): Promise<void> => {
    at.push(clock.monotonic());
    const outcome = outcomes.shift();
    if (outcome !== undefined) throw outcome;
  };
  const random = { fraction: () => 0.5, unique: () => "u" };
  return { clock, at, lane: createLane(work, () => true, { clock, random }) };
}
const failure = (retryAfter?: number): Error => unreachable("no", retryAfter);

describe("a lane", () => {
  it("runs within the shortest time asked for, once", async () => {
    const { clock, at, lane: one } = lane([]);
    one.request(1000);
    one.request(50);
    one.request(500);
    await clock.pass(2000);
    expect(at).toEqual([50]);
  });

  it("tries again without end, its waits doubling to 30 s, a part of each at random (CLI-032)", async () => {
    const { clock, at, lane: one } = lane(Array.from({ length: 8 }, () => failure()));
    one.request(0);
    await clock.pass(200_000);
    expect(at.map((time, index) => time - (at[index - 1] ?? 0))).toEqual([
      0, 500, 1000, 2000, 4000, 8000, 15000, 15000, 15000,
    ]);
  });

  it("waits as long as the server asked, also when nudged or asked to run (CLI-034)", async () => {
    const { clock, at, lane: one } = lane([failure(60_000)]);
    one.request(0);
    await clock.pass(1);
    one.nudge();
    await clock.pass(1);
    await expect(one.run()).rejects.toThrow("asked to wait");
    await clock.pass(70_000);
    expect(at).toEqual([0, 60_000]);
  });

  it("does not mind that the wall clock is set", async () => {
    const { clock, at, lane: one } = lane([]);
    one.request(1000);
    clock.wall -= 3_600_000;
    one.request(100);
    clock.wall += 7_200_000;
    await clock.pass(100);
    expect(at).toEqual([100]);
  });

  it("leaves no timer when it is closed (CLI-047)", async () => {
    const { clock, at, lane: one } = lane([]);
    one.request(1000);
    await one.close();
    one.request(10);
    await one.run();
    await clock.pass(5000);
    expect([at, clock.timers]).toEqual([[], 0]);
  });
});

describe("a heartbeat", () => {
  it("asks after 30 s of silence, and gives up 10 s later (CLI-040)", async () => {
    const clock = new FakeClock();
    const heard: string[] = [];
    const say = (what: string) => () => void heard.push(`${what} at ${clock.monotonic()}`);
    const heartbeat = new Heartbeat(clock, say("ping"), say("dead"));
    await clock.pass(20_000);
    heartbeat.heard();
    await clock.pass(29_999);
    expect(heard).toEqual([]);
    await clock.pass(11_000);
    expect(heard).toEqual(["ping at 50000", "dead at 60000"]);
  });

  it("says something now and then to a server that never falls silent, and nothing once stopped", async () => {
    const clock = new FakeClock();
    const heard: number[] = [];
    const heartbeat = new Heartbeat(
      clock,
      () => void heard.push(clock.monotonic()),
      () => {},
    );
    for (let second = 0; second < 500; second += 10) {
      await clock.pass(10_000);
      heartbeat.heard();
    }
    heartbeat.stop();
    await clock.pass(100_000);
    expect(heard).toEqual([250_000, 500_000]);
  });
});

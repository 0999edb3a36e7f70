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
  return {
    clock,
    at,
    lane: createLane(
      work,
      () => true,
      () => {},
      { clock, random },
    ),
  };
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

  it("tries again after what the server asked to wait, also where timers fire a little early", async () => {
    const { clock, at, lane: one } = lane([failure(60_000)]);
    clock.early = 0.5;
    one.request(0);
    await clock.pass(70_000);
    expect(at).toEqual([0, 60_000]);
  });

  it("nudged by the server goes at once, but once a wait, its attempts counted on", async () => {
    const { clock, at, lane: one } = lane(Array.from({ length: 20 }, () => failure()));
    one.request(0);
    await clock.pass(30_000);
    expect(at.at(-1)).toBe(15_500);
    expect(one.nextAttemptAt).toBe(clock.wall + 30_500);
    for (let frame = 0; frame < 5; frame++) {
      one.nudge(true);
      await clock.pass(10);
    }
    expect(at.slice(-2)).toEqual([15_500, 30_000]);
    // After its own next attempt it may be nudged again.
    await clock.pass(16_000);
    one.nudge(true);
    await clock.pass(0);
    expect(at.slice(-2)).toEqual([45_000, 46_050]);
  });

  it("nudged while a run is under way that then fails begins again at once", async () => {
    const clock = new FakeClock();
    const at: number[] = [];
    const work = async (): Promise<void> => {
      at.push(clock.monotonic());
      if (at.length > 4) return;
      await new Promise<void>((resolve) => void clock.setTimer(5000, resolve));
      throw failure();
    };
    const random = { fraction: () => 0.5, unique: () => "u" };
    const moved: (number | null)[] = [];
    const one = createLane(
      work,
      () => true,
      () => moved.push(one.nextAttemptAt),
      { clock, random },
    );
    one.request(0);
    await clock.pass(5500);
    one.nudge(true);
    await clock.pass(6000);
    expect(at).toEqual([0, 5500, 10_500]);
    expect(moved).toEqual([null, clock.wall + 5500, null, clock.wall + 11_500, null]);
  });

  it("that was told to wait does what it is asked for when that is over", async () => {
    const { clock, at, lane: one } = lane([failure(60_000)]);
    one.request(0);
    await clock.pass(1);
    one.rest();
    one.request(0);
    await clock.pass(59_998);
    expect(at).toEqual([0]);
    await clock.pass(1);
    expect(at).toEqual([0, 60_000]);
  });

  it("does not go on with a failed attempt because something came up during it", async () => {
    const clock = new FakeClock();
    const at: number[] = [];
    const work = async (): Promise<void> => {
      at.push(clock.monotonic());
      await new Promise<void>((resolve) => void clock.setTimer(1000, resolve));
      throw failure();
    };
    const random = { fraction: () => 0.5, unique: () => "u" };
    const one = createLane(
      work,
      () => true,
      () => {},
      { clock, random },
    );
    one.request(0);
    await clock.pass(500);
    one.request(100);
    await clock.pass(1400);
    expect(at).toEqual([0, 1500]);
  });

  it("runs once at a time, however many wait for it", async () => {
    const clock = new FakeClock();
    let [running, most] = [0, 0];
    const work = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => void clock.setTimer(10, resolve));
      running--;
    };
    const random = { fraction: () => 0.5, unique: () => "u" };
    const one = createLane(
      work,
      () => true,
      () => {},
      { clock, random },
    );
    const all = Promise.all([one.run(), one.run(), one.run()]);
    await clock.pass(100);
    await all;
    expect(most).toBe(1);
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
    await expect(one.run()).rejects.toMatchObject({ code: "CLOSED" });
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

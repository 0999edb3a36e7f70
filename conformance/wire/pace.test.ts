import { describe, expect, it } from "vitest";
import { effectiveLimits } from "../../schemas/limits.ts";
import { Pace } from "./pace.ts";

const LIMITS = effectiveLimits({ requestBurst: 10, requestsPerSecond: 100 });

/** Whether a turn comes without any waiting. */
async function atOnce(turn: Promise<void>): Promise<boolean> {
  let came = false;
  void turn.then(
    () => (came = true),
    () => undefined,
  );
  await new Promise(setImmediate);
  return came;
}

describe("the pace of requests", () => {
  it("lets a little less than the burst go at once, and the next when the rate allows it", async () => {
    const pace = new Pace(LIMITS, new AbortController().signal);
    const began = performance.now();
    const first = await Promise.all(Array.from({ length: 9 }, () => atOnce(pace.turn("a"))));
    expect(first).toEqual(Array.from({ length: 9 }, () => true));
    await Promise.all(Array.from({ length: 9 }, () => pace.turn("a")));
    // Nine more at 90 a second; a timer may be a millisecond early.
    expect(performance.now() - began).toBeGreaterThan(98);
  });

  it("is each user's own", async () => {
    const pace = new Pace(LIMITS, new AbortController().signal);
    await Promise.all(Array.from({ length: 9 }, () => pace.turn("a")));
    expect(await atOnce(pace.turn("b"))).toBe(true);
    expect(await atOnce(pace.turn("a"))).toBe(false);
  });

  it("ends its waits with the check", async () => {
    const end = new AbortController();
    const pace = new Pace(effectiveLimits({ requestBurst: 1, requestsPerSecond: 0.001 }), end.signal);
    await pace.turn("a");
    const waits = pace.turn("a");
    end.abort();
    await expect(waits).rejects.toThrow(/abort/i);
  });

  it("keeps nobody waiting where no rate is advertised", async () => {
    const pace = new Pace(effectiveLimits(), new AbortController().signal);
    const turns = Array.from({ length: 10_000 }, () => pace.turn("a"));
    expect(await atOnce(Promise.all(turns).then(() => undefined))).toBe(true);
  });
});

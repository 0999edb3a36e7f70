import { expect, it } from "vitest";
import { watchSlowness } from "./slowness.ts";

function standStill(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

it("shows that the machine stood still, or that an answer took long", () => {
  const [still, slow] = [watchSlowness(10), watchSlowness(5_000)];
  standStill(30);
  slow.note(5_001);
  expect([still.shown, slow.shown]).toEqual([true, true]);
  for (const one of [still, slow]) one.end();
});

it("takes the time in which clients are closed for no slowness", () => {
  const slowness = watchSlowness(50);
  slowness.end();
  standStill(80);
  slowness.note(80);
  expect(slowness.shown).toBe(false);
});

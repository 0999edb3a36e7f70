import { expect, it } from "vitest";
import { describeFailure } from "./failure.ts";
import { hostileRun } from "./testing/runs.ts";

it("whatever a server said, no line begins with it, and no control character gets through", () => {
  const [check] = hostileRun().result.checks;
  const told = describeFailure({ ...check!, id: "IDEM-001/x", name: "a check", rerun: null }, undefined);
  expect(told).toContain("¦ ::error title=owned");
  expect(told).not.toMatch(/^\s*(?:::|# owned)/m);
  expect([...told].filter((character) => character < " " && character !== "\n")).toEqual([]);
});

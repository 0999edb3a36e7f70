import { expect, it } from "vitest";
import { describeFailure } from "./failure.ts";
import { hostileRun } from "./testing/runs.ts";

it("whatever a server said, no line begins with it, and no control character gets through", () => {
  const [check] = hostileRun().result.checks;
  const told = describeFailure({ ...check!, id: "IDEM-001/x", name: "a check", rerun: null }, undefined);
  expect(told).toContain("¦ ::error title=owned");
  expect(told).not.toMatch(/^\s*(?:::|# owned)/m);
  expect(told).not.toMatch(/[\u0000-\u0008\u000b-\u001f\ud800-\udfff]/);
});

import { describe, expect, it } from "vitest";
import {
  CheckFailure,
  CouldNotRun,
  exitStatus,
  HarnessError,
  Inconclusive,
  NotApplicable,
  verdictOf,
  worstOf,
} from "./verdict.ts";

describe("verdictOf", () => {
  it("fails a MUST, and warns of a SHOULD or MAY, only for what was seen on the wire", () => {
    expect(verdictOf(new CheckFailure("x"), "MUST")).toBe("failed");
    expect(verdictOf(new CheckFailure("x"), "SHOULD")).toBe("warned");
    expect(verdictOf(new CheckFailure("x"), "MAY")).toBe("warned");
  });

  it("takes anything unforeseen as could-not-run", () => {
    for (const error of [
      new CouldNotRun("x"),
      new HarnessError("x"),
      new TypeError("x"),
      "text",
      undefined,
    ]) {
      expect(verdictOf(error, "MUST")).toBe("could-not-run");
    }
    expect(verdictOf(new Inconclusive("x"), "MUST")).toBe("inconclusive");
    expect(verdictOf(new NotApplicable("x"), "MUST")).toBe("not-applicable");
  });
});

describe("worstOf", () => {
  it("is the worst of a requirement's checks", () => {
    expect(worstOf(["passed", "failed", "could-not-run"])).toBe("failed");
    expect(worstOf(["passed", "could-not-run", "inconclusive"])).toBe("could-not-run");
    expect(worstOf(["passed", "inconclusive"])).toBe("inconclusive");
    expect(worstOf(["passed", "warned"])).toBe("warned");
  });

  it("is not-applicable only where no check applied", () => {
    expect(worstOf(["passed", "not-applicable"])).toBe("passed");
    expect(worstOf(["not-applicable", "failed"])).toBe("failed");
    expect(worstOf(["not-applicable", "not-applicable"])).toBe("not-applicable");
  });

  it("never passes a requirement without checks", () => {
    expect(worstOf([])).toBe("could-not-run");
  });
});

describe("exitStatus", () => {
  it("is 0 without failure and with at least one check passed", () => {
    expect(exitStatus([{ level: "MUST", verdict: "passed" }], 1)).toBe(0);
    expect(
      exitStatus(
        [
          { level: "SHOULD", verdict: "warned" },
          { level: "MUST", verdict: "passed" },
        ],
        1,
      ),
    ).toBe(0);
    expect(exitStatus([{ level: "SHOULD", verdict: "inconclusive" }], 1)).toBe(0);
  });

  it("is 3 where nothing passed, something could not run, or a MUST is inconclusive", () => {
    expect(exitStatus([], 0)).toBe(3);
    expect(exitStatus([{ level: "MUST", verdict: "not-applicable" }], 0)).toBe(3);
    expect(exitStatus([{ level: "MAY", verdict: "could-not-run" }], 5)).toBe(3);
    expect(exitStatus([{ level: "MUST", verdict: "inconclusive" }], 5)).toBe(3);
  });

  it("is 1 where a MUST failed, whatever else happened", () => {
    expect(
      exitStatus(
        [
          { level: "MUST", verdict: "failed" },
          { level: "MUST", verdict: "could-not-run" },
        ],
        5,
      ),
    ).toBe(1);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { validate } from "../../schemas/validators.ts";
import type { Verdict } from "../verdict.ts";
import { demandKnownIds, knownReason, readBaseline, renewed, unmatched } from "./baseline.ts";
import { requirementResults, statusOf } from "./result.ts";
import type { CheckResult, RunResult } from "./result.ts";
import { UsageError } from "./select.ts";

const ALL = ["RUN-001/a", "RUN-001/b", "RUN-002/a", "RUN-003/a"].map((id) => ({
  id,
  requirement: id.split("/")[0]!,
}));
const list = (reasons: Record<string, string>) => ({
  file: "known.json",
  reasons: new Map(Object.entries(reasons)),
});
const judged = (verdicts: Record<string, Verdict>): CheckResult[] =>
  Object.entries(verdicts).map(([id, verdict]) => {
    const details = {
      durationMs: 1,
      message: "no",
      expected: null,
      actual: null,
      transcript: [],
      rerun: null,
    };
    return { id, requirement: id.split("/")[0]!, name: "a check", verdict, ...details };
  });

/** What a run with that list comes to. */
function outcome(
  reasons: Record<string, string>,
  verdicts: Record<string, Verdict>,
  level: "MUST" | "SHOULD" = "MUST",
) {
  const checks = judged(verdicts).map((result) => {
    const known = knownReason(list(reasons), result);
    return known === undefined ? result : { ...result, known };
  });
  const place = {
    role: "server",
    profile: "http",
    text: "A server MUST.",
    file: "spec/run.md",
    line: 1,
  } as const;
  const requirements = requirementResults(
    [...new Set(ALL.map(({ requirement }) => requirement))].map((id) => ({ id, level, ...place })),
    checks,
  );
  const baseline = unmatched(list(reasons), ALL, checks);
  const passed = checks.filter(({ verdict }) => verdict === "passed").length;
  const result = { requirements, checks, baseline, summary: { checks: { passed } } } as unknown as RunResult;
  return { requirements, baseline, status: statusOf(result) };
}

describe("a known failure", () => {
  it("keeps its verdict, has its reason, and does not count for the exit status", () => {
    const { requirements, baseline, status } = outcome(
      { "RUN-001/a": "until the cache is gone" },
      { "RUN-001/a": "failed", "RUN-001/b": "passed", "RUN-002/a": "passed" },
    );
    expect(requirements).toMatchObject([
      { id: "RUN-001", verdict: "failed", known: "until the cache is gone" },
      { id: "RUN-002", verdict: "passed" },
    ]);
    expect(requirements[1]).not.toHaveProperty("known");
    expect(baseline).toEqual({ stale: [], notJudged: [] });
    expect(status).toBe(0);
  });

  it("hides no other one: another check of its requirement, one that could not run, a run where nothing passed", () => {
    const known = { "RUN-001/a": "x" };
    const other = outcome(known, { "RUN-001/a": "failed", "RUN-001/b": "failed", "RUN-002/a": "passed" });
    expect(other.requirements[0]).not.toHaveProperty("known");
    expect(other.status).toBe(1);
    expect(
      outcome(known, { "RUN-001/a": "failed", "RUN-001/b": "could-not-run", "RUN-002/a": "passed" }).status,
    ).toBe(3);
    expect(outcome(known, { "RUN-001/a": "failed" }).status).toBe(3);
  });

  it("may be a whole requirement, and a warning", () => {
    const { requirements, status } = outcome(
      { "RUN-001": "never" },
      { "RUN-001/a": "warned", "RUN-001/b": "warned", "RUN-002/a": "passed" },
      "SHOULD",
    );
    expect(requirements[0]).toMatchObject({ verdict: "warned", known: "never" });
    expect(status).toBe(0);
  });

  it("cannot be what did not run or was inconclusive", () => {
    const { requirements, baseline, status } = outcome(
      { "RUN-001/a": "x", "RUN-003": "y" },
      { "RUN-001/a": "could-not-run", "RUN-003/a": "inconclusive", "RUN-002/a": "passed" },
    );
    expect(requirements[0]).not.toHaveProperty("known");
    expect(baseline.notJudged).toEqual([
      { id: "RUN-001/a", reason: "x", detail: "it came to could-not-run" },
      { id: "RUN-003", reason: "y", detail: "RUN-003/a came to inconclusive" },
    ]);
    expect(status).toBe(3);
  });
});

describe("an entry that matches no failure", () => {
  it("is stale when all that it covers ran and passed: the run fails", () => {
    const { baseline, status } = outcome(
      { "RUN-001": "x", "RUN-002/a": "y" },
      { "RUN-001/a": "passed", "RUN-001/b": "passed", "RUN-002/a": "passed" },
    );
    expect(baseline.stale).toEqual([
      { id: "RUN-001", reason: "x", detail: "all of its 2 checks pass" },
      { id: "RUN-002/a", reason: "y", detail: "it passes" },
    ]);
    expect(status).toBe(1);
  });

  it("is not judged when what it covers was not selected or not applicable", () => {
    const { baseline, status } = outcome(
      { "RUN-001": "x", "RUN-002/a": "y", "RUN-003": "z" },
      { "RUN-001/a": "passed", "RUN-003/a": "not-applicable" },
    );
    expect(baseline).toEqual({
      stale: [],
      notJudged: [
        { id: "RUN-001", reason: "x", detail: "RUN-001/b was not selected" },
        { id: "RUN-002/a", reason: "y", detail: "it was not selected" },
        { id: "RUN-003", reason: "z", detail: "RUN-003/a came to not-applicable" },
      ],
    });
    expect(status).toBe(0);
  });

  it("is a mistake when its id does not exist", () => {
    expect(() => demandKnownIds(list({ "RUN-01/a": "x" }), ALL)).toThrow(
      new UsageError(
        'known.json: no check, and no requirement that has checks, is called "RUN-01/a". Did you mean RUN-001/a?',
      ),
    );
    demandKnownIds(list({ "RUN-001": "x", "RUN-002/a": "y" }), ALL);
  });
});

it("a list written anew keeps reasons and what was not judged, adds failures by check, and drops what passes", () => {
  const earlier = {
    ...list({ "RUN-002": "kept", "RUN-003/a": "not seen", "RUN-001/b": "mended" }),
    schema: "s.json",
  };
  const results = judged({ "RUN-001/a": "failed", "RUN-001/b": "passed", "RUN-002/a": "warned" });
  const { text, ...counts } = renewed(earlier, ALL, results);
  expect(JSON.parse(text)).toEqual({
    $schema: "s.json",
    failures: { "RUN-001/a": "not yet explained: no", "RUN-002": "kept", "RUN-003/a": "not seen" },
  });
  expect(validate("conformance_baseline", JSON.parse(text))).toEqual([]);
  expect(counts).toEqual({ added: 1, kept: 2, removed: ["RUN-001/b"] });
});

describe("a file of known failures", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "baseline-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const read = (text: string) => {
    writeFileSync(join(folder, "k.json"), text);
    return readBaseline(join(folder, "k.json"), "k.json", "--baseline");
  };

  it("gives reasons by id", () => {
    const { reasons } = read('{"$schema": "s", "failures": {"RUN-001": "x", "RUN-002/a": "y"}}');
    expect([...reasons]).toEqual([
      ["RUN-001", "x"],
      ["RUN-002/a", "y"],
    ]);
  });

  it.each<[string, string, RegExp]>([
    ["is not JSON", "{", /^--baseline: k\.json is not JSON/],
    ["lacks its member", "{}", /must have the member failures; it must be \{"failures"/],
    ["has another member", '{"failures": {}, "x": 1}', /k\.json: x is not a known member/],
    [
      "has a blank reason",
      '{"failures": {"RUN-002/a": " "}}',
      /the reason of RUN-002\/a must be a text that says why/,
    ],
    ["has no reason", '{"failures": {"RUN-002": null}}', /the reason of RUN-002 must be a text/],
  ])("is told of when it %s", (_, text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).toThrow(UsageError);
  });
});

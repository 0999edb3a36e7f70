import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConformanceResult } from "../../schemas/conformance-result.ts";
import { countVerdicts, requirementResults } from "../run/result.ts";
import type { CheckResult } from "../run/result.ts";
import { UsageError } from "../run/select.ts";
import type { Verdict } from "../verdict.ts";
import { compare } from "./compare.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "compare-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const [example] = ConformanceResult.examples as [ConformanceResult];

/** Writes a result in which the checks came to these verdicts. */
function result(
  file: string,
  verdicts: Record<string, Verdict>,
  more: Partial<ConformanceResult> = {},
): string {
  const checks: CheckResult[] = Object.entries(verdicts).map(([id, verdict]) => {
    const requirement = id.split("/")[0]!;
    return { ...example.checks[0]!, id, requirement, verdict };
  });
  const ids = [...new Set(checks.map(({ requirement }) => requirement))];
  const place = {
    role: "server",
    profile: "http",
    text: "A server MUST.",
    file: "spec/run.md",
    line: 1,
  } as const;
  const requirements = requirementResults(
    ids.map((id) => ({ id, level: "MUST" as const, ...place })),
    checks,
  );
  const summary = { requirements: countVerdicts(requirements), checks: countVerdicts(checks) };
  writeFileSync(join(folder, file), JSON.stringify({ ...example, requirements, checks, summary, ...more }));
  return file;
}

function comparing(files: string[], flags: { all?: boolean; json?: string } = {}) {
  let text = "";
  const status = compare(files, flags, { write: (more) => void (text += more), folder });
  return { text, status };
}

describe("compare", () => {
  it("shows what differs, what regressed and what was mended from the first to each next", () => {
    const first = result("first.json", {
      "RUN-001/a": "passed",
      "RUN-002/a": "failed",
      "RUN-003/a": "passed",
    });
    const worse = result("worse.json", {
      "RUN-001/a": "failed",
      "RUN-002/a": "failed",
      "RUN-003/a": "passed",
    });
    const better = result("better.json", {
      "RUN-001/a": "passed",
      "RUN-002/a": "passed",
      "RUN-003/a": "passed",
    });
    const { text, status } = comparing([first, worse, better]);
    expect(text).toMatch(
      /^ +1 first +2 worse +3 better\nRUN-001 +passed +failed +passed\nRUN-002 +failed +failed +passed\n\n/m,
    );
    expect(text).toMatch(/2 of 3 requirements differ; --all shows the 1 others, too/);
    expect(text).toMatch(
      /from first\.json to worse\.json, 3 checks judged in both\n {2}regressed: 1\n {4}RUN-001\/a {2}passed → failed\n\n/,
    );
    expect(text).toMatch(
      /from first\.json to better\.json.*\n {2}mended: 1\n {4}RUN-002\/a {2}failed → passed\n$/,
    );
    // What was worse on the way is no matter once the last is not.
    expect(status).toBe(0);
    expect(comparing([better, worse]).status).toBe(1);
    expect(comparing([first, better], { all: true }).text).toMatch(/\nRUN-003 +passed +passed\n/);
  });

  it("compares what both looked at, and says what is not comparable", () => {
    const first = result("a.json", {
      "RUN-001/a": "passed",
      "RUN-001/b": "not-applicable",
      "RUN-002/a": "passed",
    });
    const more = { specVersion: "9.9.9", profiles: ["http", "realtime"] };
    const next = result(
      "b.json",
      { "RUN-001/a": "passed", "RUN-001/b": "failed", "RUN-003/a": "failed" },
      more,
    );
    const { text, status } = comparing([first, next]);
    expect(text).toMatch(/1 check judged in both\n {2}nothing changed\n/);
    expect(text).toMatch(/specification: 1\.0\.0 and 9\.9\.9; a requirement's text may have changed/);
    expect(text).toMatch(/profiles: http and http, realtime/);
    expect(text).toMatch(/only a\.json has 1 of the checks: not compared\n {2}only b\.json has 1/);
    expect(status).toBe(0);
    const apart = result("c.json", { "RUN-009/a": "passed" });
    expect(comparing([first, apart]).status).toBe(3);
  });

  it("takes for no regression, but for an open question, what is judged no more", () => {
    const first = result("a.json", { "RUN-001/a": "passed", "RUN-002/a": "warned" });
    const dead = result("b.json", { "RUN-001/a": "could-not-run", "RUN-002/a": "warned" });
    expect(comparing([first, dead]).text).toMatch(
      /judged no more: 1\n {4}RUN-001\/a {2}passed → could-not-run/,
    );
    expect(comparing([first, dead]).status).toBe(3);
    expect(comparing([first, result("c.json", { "RUN-001/a": "warned" })]).status).toBe(1);
  });

  it("writes the same as JSON", () => {
    const files = [result("a.json", { "RUN-001/a": "passed" }), result("b.json", { "RUN-001/a": "failed" })];
    comparing(files, { json: "out/c.json" });
    expect(JSON.parse(readFileSync(join(folder, "out/c.json"), "utf8"))).toMatchObject({
      results: [{ file: "a.json", subject: example.subject }, { file: "b.json" }],
      rows: [{ id: "RUN-001", verdicts: ["passed", "failed"], differs: true }],
      steps: [
        {
          from: "a.json",
          to: "b.json",
          regressed: [{ check: "RUN-001/a", before: "passed", after: "failed" }],
        },
      ],
    });
  });

  it.each<[string, () => string[], RegExp]>([
    ["one file", () => [result("a.json", {})], /compare needs two results or more/],
    [
      "a file that is not there",
      () => [result("a.json", {}), "no.json"],
      /^no\.json can't be read \(ENOENT\)/,
    ],
    [
      "a file that is something else",
      () => {
        writeFileSync(join(folder, "b.json"), "{}");
        return [result("a.json", {}), "b.json"];
      },
      /^b\.json is no result of this suite, .* the whole must have the member/,
    ],
    [
      "results about different roles",
      () => [result("a.json", {}), result("b.json", {}, { role: "client" })],
      /^a\.json is about a server and b\.json about a client/,
    ],
  ])("refuses %s", (_, files, message) => {
    const named = files();
    expect(() => comparing(named)).toThrow(message);
    expect(() => comparing(named)).toThrow(UsageError);
  });
});

import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import picocolors from "picocolors";
import { afterAll, describe, expect, it } from "vitest";
import type { FrozenRequirement, Revision } from "../../spec/revisions.ts";
import { specDiff } from "./spec-diff.ts";

const folder = mkdtempSync(join(tmpdir(), "spec-diff-"));
afterAll(() => rmSync(folder, { recursive: true }));

const plain = { colours: picocolors.createColors(false), folder };
const rule = (id: string, text: string, more: Partial<FrozenRequirement> = {}): FrozenRequirement => ({
  id,
  role: "server",
  level: "MUST",
  profile: "http",
  text,
  ...more,
});
const FIRST: Revision = {
  revision: "1.0",
  state: "final",
  requirements: [
    rule("PUSH-001", "A server MUST answer within 30 seconds."),
    rule("PUSH-002", "A server MUST be kind."),
    rule("PUSH-003", "A server SHOULD be quick.", { level: "SHOULD" }),
    rule("PUSH-004", "A server MUST be there."),
  ],
  withdrawn: [],
};
const SECOND: Revision = {
  revision: "1.1",
  state: "draft",
  requirements: [
    rule("PUSH-001", "A server MUST answer within 10 seconds."),
    rule("PUSH-003", "A server SHOULD be quick.", { level: "SHOULD", profile: "realtime" }),
    rule("PUSH-004", "A server MUST be there."),
    rule("PUSH-005", "A server MUST listen."),
  ],
  withdrawn: ["PUSH-002"],
};
const BOTH = [FIRST, SECOND];

describe("spec-diff", () => {
  it("tells what is new, worded otherwise, changed and withdrawn", () => {
    expect(specDiff([], plain, BOTH)).toBe(`Requirements from 1.0 to 1.1-draft
1 new, 1 worded otherwise, 1 otherwise changed, 1 withdrawn, 1 as they were

New
  PUSH-005  server MUST, http
    A server MUST listen.

Worded otherwise
  PUSH-001  server MUST, http
    A server MUST answer within [-30-] {+10+} seconds.

Otherwise changed
  PUSH-003  server SHOULD, realtime
    A server SHOULD be quick.
    profile: http → realtime

Withdrawn
  PUSH-002  server MUST, http
    [-A server MUST be kind.-]
`);
  });

  it("writes Markdown", () => {
    const text = specDiff(["1.0", "1.1-draft"], { ...plain, markdown: true }, BOTH);
    expect(text).toContain("### Worded otherwise\n");
    expect(text).toContain(
      "- **PUSH-001** (server MUST, http)  \n  A server MUST answer within ~~30~~ **10** seconds.",
    );
  });

  it("takes the file of a revision that another version of the package has", () => {
    writeFileSync(join(folder, "other.json"), JSON.stringify(FIRST));
    expect(specDiff(["other.json", "1.1"], plain, BOTH)).toBe(specDiff(["1.0"], plain, BOTH));
  });

  it("says of a mistake what is wrong and what would be right", () => {
    writeFileSync(join(folder, "none.json"), "{}");
    const told = (...given: string[]) => specDiff(given, plain, BOTH);
    expect(() => told("1.2")).toThrow(/no revision "1\.2"; there are 1\.0, 1\.1, .* Did you mean 1\.[01]\?/);
    expect(() => told("nowhere.json")).toThrow(/nowhere\.json can't be read \(ENOENT\)/);
    expect(() => told("none.json")).toThrow(/none\.json is no revision/);
    expect(() => specDiff([], plain, [FIRST])).toThrow(/1\.0 is the first revision.*spec-diff <file> 1\.0/);
  });
});

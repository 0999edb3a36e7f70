import { expect, it } from "vitest";
import { renderGitHub } from "./github.ts";
import { checkOf, hostileRun, mixedRun, runOf } from "./testing/runs.ts";

const LINE =
  /^::(error|warning|notice) title=((?:[^:,\r\n%]|%25|%0D|%0A|%3A|%2C)+)::((?:[^%\r\n]|%25|%0D|%0A)*)$/;

function read(text: string): [kind: string, title: string, text: string][] {
  const lines = text.trimEnd().split("\n");
  return lines.map((line) => {
    const [, kind, title, data] = LINE.exec(line) ?? expect.fail(`no workflow command: ${line}`);
    return [kind!, title!, data!];
  });
}

it("errors come first; a known failure is a notice; what shares a reason is one annotation", () => {
  const annotations = read(renderGitHub(mixedRun()));
  expect(annotations.map(([kind, title]) => `${kind} ${title}`)).toEqual([
    "error IDEM-001 failed",
    "error 2 checks could-not-run",
    "error IDEM-001/open inconclusive",
    "warning IDEM-002 warned",
    "warning IDEM-002/open inconclusive",
    "notice Mirubato Sync conformance",
  ]);
  const [, , text] = annotations[0]!;
  expect(text).toMatch(/^A server MUST keep .*%0AIDEM-001, MUST, spec\/idempotency\.md:8%0A/);
  expect(text).toContain("but: two entries%0Anpx mirubato-sync test server --only IDEM-001/failed");
});

it("a requirement that fails only as known is a notice with the reason", () => {
  const run = runOf([
    checkOf("MUST", "one", { verdict: "failed", message: "x", known: "until the store is there" }),
  ]);
  const [[kind, title, text]] = read(renderGitHub(run)) as [[string, string, string]];
  expect([kind, title]).toEqual(["notice", "IDEM-001 known failure"]);
  expect(text).toContain("known failure: until the store is there");
});

it("no words of a server's begin a command of their own", () => {
  const annotations = read(renderGitHub(hostileRun()));
  expect(annotations.length).toBeGreaterThan(4);
  expect(annotations.map(([, title]) => title)).not.toContain("owned");
});

import { describe, expect, it } from "vitest";
import { renderHtml } from "./html.ts";
import { checkOf, conversation, hostileRun, mixedRun, runOf } from "./testing/runs.ts";

const headline = (html: string): string => /<h1>([^<]*)<\/h1>/.exec(html)![1]!;

describe("the heading agrees with the exit status", () => {
  it.each([
    ["1 requirement failed", mixedRun()],
    ["1 requirement could not be judged", runOf([checkOf("MUST", "a", { verdict: "could-not-run" })])],
    ["No MUST failed", runOf([checkOf("MUST", "a"), checkOf("SHOULD", "b", { verdict: "warned" })])],
    [
      "No MUST failed, 1 requirement known to fail",
      runOf([checkOf("MUST", "a", { verdict: "failed", known: "x" }), checkOf("SHOULD", "b")]),
    ],
    [
      "1 known to fail no longer does",
      runOf([checkOf("MUST", "a")], {
        baseline: { stale: [{ id: "IDEM-001", reason: "x", detail: "It passed." }], notJudged: [] },
      }),
    ],
    ["Nothing was judged", runOf([checkOf("MUST", "a", { verdict: "not-applicable" })])],
  ])("%s", (words, run) => {
    expect(headline(renderHtml(run))).toBe(words);
  });
});

it("draws what a history showed over the whole width", () => {
  const history = { steps: 2, of: 9, reproduced: true };
  const actual = ["A1   server", "│───▶│  push #1 <1>"];
  const check = checkOf("MUST", "a", { verdict: "failed", history, actual });
  expect(renderHtml(runOf([check]))).toContain(
    '<pre class="diagram">A1   server\n│───▶│  push #1 &lt;1&gt;</pre>',
  );
});

it("holds nothing that a browser would fetch", () => {
  expect(renderHtml(mixedRun())).not.toMatch(/<(?:link|img|iframe|object|embed|base)\b|\ssrc=|url\(|@import/);
});

it("has no element that this package did not write, whatever a server said", () => {
  const html = renderHtml(hostileRun());
  expect(html.match(/<\/?script>/g)).toEqual(["<script>", "</script>"]);
  expect(html.match(/<\/?style>/g)).toEqual(["<style>", "</style>"]);
  expect(html).not.toContain("<img");
  expect(html).toContain("&lt;img src=x onerror=&quot;");
});

it("a frame keeps its type beside what was left out before it; the end of a socket has its reason", () => {
  const [, , , , frame, end] = conversation();
  const note = "3 messages before this one were left out";
  const transcript = [{ ...frame!, note }, end!];
  const html = renderHtml(runOf([checkOf("MUST", "a", { verdict: "failed", transcript })]));
  expect(html).toMatch(/<strong>PONG<\/strong>[^]*<em>3 messages before this one were left out<\/em>/);
  expect(html).toContain("<strong>closed, code 1000</strong>");
});

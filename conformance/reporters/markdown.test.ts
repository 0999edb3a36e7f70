import { describe, expect, it } from "vitest";
import { renderMarkdown } from "./markdown.ts";
import { checkOf, conversation, hostileRun, mixedRun, runOf } from "./testing/runs.ts";

/** What stands outside fenced blocks. */
function outside(markdown: string): string {
  return markdown.replace(/^(`{3,})text\n[^]*?\n\1$/gm, "");
}

it("tells failures first, what is to be mended before what is known", () => {
  const markdown = renderMarkdown(mixedRun());
  const marks = [...markdown.matchAll(/<b>([^<]+)<\/b> <code>([^<]+)<\/code>/g)].map(([, state, id]) => [
    state,
    id,
  ]);
  expect(marks).toEqual([
    ["failed", "IDEM-001/failed"],
    ["warned", "IDEM-002/warned"],
    ["failed, known", "IDEM-001/expected"],
  ]);
  expect(markdown).toContain("A server MUST keep &lt;keys&gt; &amp; \\| values.");
  expect(markdown.indexOf("### Failures")).toBeLessThan(markdown.indexOf("### Requirements by area"));
  expect(markdown).toMatch(/^\| spec\/idempotency\.md \| 0 \| 1 \| 1 \| 0 \| 0 \|$/m);
});

describe("whatever a server said", () => {
  const prose = outside(renderMarkdown(hostileRun()));

  it("none of it is markup, a heading, a link or a mention", () => {
    expect(prose).not.toMatch(/<(?!\/?(?:details|summary|b|code)>)/);
    expect(prose).not.toMatch(/^# owned/m);
    expect(prose).not.toMatch(/(?<!\\)\[a/);
    expect(prose).not.toMatch(/(?<!\\)@someone/);
    expect(prose).not.toMatch(/https?:\/\/|www\./);
  });

  it("all blocks end where they should", () => {
    expect(prose.match(/<details>/g)).toHaveLength(prose.match(/<\/details>/g)!.length);
    expect(prose).not.toMatch(/^`{3}|→ POST/m);
  });
});

it("stays below a step's limit of 1 MiB, and says what was left out", () => {
  const long = "ö".repeat(4_000);
  const checks = Array.from({ length: 2_000 }, (_, index) =>
    checkOf("MUST", `n-${index}`, { verdict: "failed", message: long, transcript: conversation(long) }),
  );
  const markdown = renderMarkdown(runOf(checks));
  expect(Buffer.byteLength(markdown)).toBeLessThan(1024 * 1024);
  expect(markdown).toMatch(/_\d+ further parts are left out here/);
  expect(markdown).toContain("### Requirements by area");
});

import { expect, it } from "vitest";
import { validate } from "../../schemas/validators.ts";
import type { ConformanceResult } from "../../schemas/conformance-result.ts";
import { consoleReporter } from "./console.ts";
import { renderHtml } from "./html.ts";
import { renderMarkdown } from "./markdown.ts";
import { checkOf, runOf } from "./testing/runs.ts";

const histories = {
  played: 2,
  situations: { operations: 1310, "lost answers": 9, "superseded writes": 41, "server: kill": 1, events: 70 },
};
const told = (more: Partial<ConformanceResult>): Record<"console" | "html" | "markdown", string> => {
  const run = runOf([checkOf("MUST", "a")], more);
  let text = "";
  void consoleReporter({ write: (words) => void (text += words), live: false, columns: 110 }).finish(run);
  return { console: text, html: renderHtml(run), markdown: renderMarkdown(run) };
};

it("situations that arose in histories are told, the terminal's line being a short one", () => {
  const { console, html, markdown } = told({ histories });
  expect(console).toContain(
    "histories:    2 histories, 1,310 operations: superseded writes 41, lost answers 9, kill 1\n",
  );
  expect(html).toMatch(
    /2 histories, 1,310 operations at random[^]*events <b>70<\/b>[^]*lost answers <b>9<\/b>/,
  );
  expect(markdown).toContain(
    "2 histories, 1,310 operations: events 70, superseded writes 41, lost answers 9, server: kill 1\n",
  );
});

it("where none was played nothing is told, and the result is a good one with and without", () => {
  for (const text of Object.values(told({}))) expect(text).not.toContain("operations");
  expect(validate("result_file", runOf([checkOf("MUST", "a")]).result)).toEqual([]);
  expect(validate("result_file", runOf([checkOf("MUST", "a")], { histories }).result)).toEqual([]);
  const none = runOf([checkOf("MUST", "a")], { histories: { ...histories, played: 0 } });
  expect(validate("result_file", none.result)).not.toEqual([]);
});

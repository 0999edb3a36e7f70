import { expect, test } from "vitest";
import { respondToError } from "./answer.ts";

test("an internal error is logged by its place alone, and told by neither", async () => {
  const lines: string[] = [];
  const response = respondToError(new TypeError("quotes a\n    at diary entry\nof a user"), (line) =>
    lines.push(line),
  );
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^internal error: TypeError +at .*answer\.test\.ts/);
  expect(lines[0]).not.toMatch(/quotes|diary/);
  expect([response.status, await response.text()]).toEqual([
    500,
    expect.not.stringMatching(/quotes|diary|answer/),
  ]);
});

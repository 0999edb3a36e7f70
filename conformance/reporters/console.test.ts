import { expect, it } from "vitest";
import type { CheckResult } from "../run/result.ts";
import { consoleOf, consoleReporter } from "./console.ts";
import { checkOf, runOf } from "./testing/runs.ts";

function terminal(columns: number, isTTY = true) {
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  return { stream: stream as unknown as NodeJS.WriteStream & { columns: number }, written };
}

const check = { id: "IDEM-002/replay-changes-nothing", verdict: "passed" } as CheckResult;

it("progress stays on one line of a terminal, whatever its width has become", () => {
  const { stream, written } = terminal(80);
  const reporter = consoleReporter(consoleOf(stream, {}));
  reporter.start!({ checks: 2, seed: "s", subject: "x" });
  stream.columns = 20;
  reporter.check!(check, 1);
  stream.columns = 0;
  reporter.check!(check, 2);
  expect(written.slice(1)).toEqual([
    "\r\u001b[2K  1/2  IDEM-002/rep",
    "\r\u001b[2K  2/2  IDEM-002/replay-changes-nothing",
  ]);
});

it.each([{ NO_COLOR: "1" }, { CI: "true" }, { TERM: "dumb" }])("no redrawing under %j", (env) => {
  expect(consoleOf(terminal(80).stream, env).live).toBe(false);
});

it("no redrawing in a pipe", () => {
  expect(consoleOf(terminal(80, false).stream, {}).live).toBe(false);
});

it("tells why a check passed at a second try only", () => {
  const { stream, written } = terminal(80, false);
  const remark = "at a second try, where a second took 200 ms";
  void consoleReporter(consoleOf(stream, {})).finish(
    runOf([checkOf("MUST", "quiet"), checkOf("MUST", "late", { message: remark })]),
  );
  expect(written.join("")).toMatch(
    /\nPassed, with a remark: 1\n.*at a second try, where a second took 200 ms.*IDEM-001\/late/s,
  );
});

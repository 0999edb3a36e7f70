import { SaxesParser } from "saxes";
import { expect, it } from "vitest";
import { renderJUnit } from "./junit.ts";
import { checkOf, hostileRun, mixedRun, runOf } from "./testing/runs.ts";

interface Case {
  name: string;
  suite: string;
  outcome: string;
  message?: string;
  text: string;
}

/** The cases of a document. @throws where it is not well formed */
function read(xml: string): { cases: Case[]; totals: Record<string, string> } {
  const cases: Case[] = [];
  const totals: Record<string, string> = {};
  let suite = "";
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    if (name === "testsuites") Object.assign(totals, attributes);
    if (name === "testsuite") suite = attributes["name"]!;
    if (name === "testcase") cases.push({ name: attributes["name"]!, suite, outcome: "passed", text: "" });
    if (["failure", "error", "skipped"].includes(name))
      Object.assign(cases.at(-1)!, { outcome: name, message: attributes["message"] });
  });
  parser.on("text", (text) => {
    const last = cases.at(-1);
    if (last) last.text += text;
  });
  parser.write(xml).close();
  return { cases, totals };
}

it("is red where the exit status is, and says why the rest is skipped", () => {
  const { cases, totals } = read(renderJUnit(mixedRun()));
  expect(cases.map(({ name, outcome, message }) => [name, outcome, message])).toEqual([
    ["IDEM-001/failed", "failure", "two entries"],
    ["IDEM-001/expected", "skipped", "known failure: until the store is there"],
    ["IDEM-001/away", "error", "could-not-run: no answer"],
    ["IDEM-001/away-too", "error", "could-not-run: no answer"],
    ["IDEM-001/open", "error", "inconclusive: never arose"],
    ["IDEM-001/passed", "passed", undefined],
    ["IDEM-002/warned", "skipped", "warned: slow"],
    ["IDEM-002/open", "skipped", "inconclusive: never arose"],
    ["IDEM-002/skipped", "skipped", "not-applicable: needs --origin"],
  ]);
  expect(totals).toMatchObject({ tests: "9", failures: "1", errors: "3", skipped: "4" });
  expect(new Set(cases.map(({ suite }) => suite))).toEqual(new Set(["spec/idempotency.md"]));
});

it("a failure has its place, its messages and its command", () => {
  const { text } = read(renderJUnit(mixedRun())).cases[0]!;
  expect(text).toMatch(
    /IDEM-001, MUST, spec\/idempotency\.md:8[^]*→ POST \/api\/sync\/push[^]*--only IDEM-001\/failed/,
  );
});

it("stays well formed whatever a server said, and shows what XML has no way to write", () => {
  const { cases } = read(renderJUnit(hostileRun()));
  expect(cases).toHaveLength(6);
  expect(cases[0]!.text).toContain("</script></style><img src=x");
  expect(cases[0]!.text).toContain("\\u0000\\u001b[31m\\ud800\\uffff");
});

it("an attribute keeps the words true and false", () => {
  const run = runOf([checkOf("MUST", "one", { verdict: "failed", message: "true" })]);
  expect(read(renderJUnit(run)).cases[0]!.message).toBe("true");
});

it("a known failure that no longer fails is a failure", () => {
  const stale = [{ id: "IDEM-009", reason: "until the store is there", detail: "It passed." }];
  const run = runOf([checkOf("MUST", "one")], { baseline: { stale, notJudged: [] } });
  expect(read(renderJUnit(run)).cases.at(-1)).toMatchObject({ outcome: "failure", message: "It passed." });
});

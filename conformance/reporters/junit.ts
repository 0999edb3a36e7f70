import XMLBuilder from "fast-xml-builder";
import type { CheckResult, ConformanceResult } from "../../schemas/conformance-result.ts";
import { describeFailure } from "./failure.ts";
import { fileReporter } from "./file.ts";
import { legible } from "./legible.ts";
import { outline, placeOf, staleEntries, weightOf } from "./outline.ts";
import type { Judged, Weight } from "./outline.ts";
import type { FinishedRun, Reporter } from "./reporter.ts";

/**
 * JUnit XML for CI: a suite for each area of the specification, a case for each check. The file is red exactly when
 * the run's exit status is: a MUST that failed is a `failure`; what could not run, and a MUST that is inconclusive, an
 * `error`; SHOULDs, known failures and what does not apply are `skipped`, each with its reason.
 */
export function createReporter(file: string): Reporter {
  return fileReporter(file, renderJUnit);
}

type Node = Record<string, unknown>;

interface Suite {
  name: string;
  cases: { weight: Weight; seconds: number; node: Node }[];
}

export function renderJUnit(run: FinishedRun): string {
  const { result } = run;
  const suites: Suite[] = outline(run).map(({ name, judged }) => ({
    name,
    cases: judged.flatMap((one) => one.checks.map((check) => testCase(one, check))),
  }));
  const stale = staleEntries(result).map(({ id, reason, detail }) => ({
    weight: "failure" as const,
    seconds: 0,
    node: {
      "@_classname": "known failures",
      "@_name": id,
      failure: { "@_message": detail, "#text": `The reason given was: ${reason}` },
    },
  }));
  if (stale.length > 0) suites.push({ name: "known failures", cases: stale });

  const builder = new XMLBuilder({
    ignoreAttributes: false,
    format: true,
    suppressEmptyNode: true,
    // Else an attribute whose text is "true" loses its value.
    suppressBooleanAttributes: false,
    tagValueProcessor: (_name, value) => legible(String(value)),
    attributeValueProcessor: (_name, value) => legible(String(value)).replace(/\s+/g, " "),
  });
  const document = {
    "?xml": { "@_version": "1.0", "@_encoding": "UTF-8" },
    testsuites: {
      "@_name": `Mirubato Sync ${result.specVersion}`,
      ...totals(suites.flatMap(({ cases }) => cases)),
      "@_timestamp": result.startedAt,
      testsuite: suites.map(({ name, cases }) => ({
        "@_name": name,
        ...totals(cases),
        "@_timestamp": result.startedAt,
        properties: properties(result),
        testcase: cases.map(({ node }) => node),
      })),
    },
  };
  return builder.build(document);
}

function testCase(judged: Judged, check: CheckResult): Suite["cases"][number] {
  const weight = weightOf(check, judged.requirement.level);
  const seconds = check.durationMs / 1000;
  const reason = check.message ?? check.verdict;
  const told = `${check.verdict}: ${reason}`;
  const story = ["failed", "warned"].includes(check.verdict)
    ? describeFailure(check, judged.clause)
    : [placeOf(judged), check.name, reason, ...(check.rerun === null ? [] : [check.rerun])].join("\n");
  const outcome: Record<Weight, Node> = {
    failure: { failure: { "@_message": reason, "@_type": check.verdict, "#text": story } },
    error: { error: { "@_message": told, "@_type": check.verdict, "#text": story } },
    noted: { skipped: { "@_message": told } },
    known: { skipped: { "@_message": `known failure: ${check.known}` } },
    skipped: { skipped: { "@_message": told } },
    passed: {},
  };
  const aside = ["noted", "known"].includes(weight) ? { "system-out": story } : {};
  const node = {
    "@_classname": check.requirement,
    "@_name": check.id,
    "@_time": seconds.toFixed(3),
    ...outcome[weight],
    ...aside,
  };
  return { weight, seconds, node };
}

function totals(cases: Suite["cases"]): Node {
  const count = (...weights: Weight[]): number =>
    cases.filter(({ weight }) => weights.includes(weight)).length;
  return {
    "@_tests": cases.length,
    "@_failures": count("failure"),
    "@_errors": count("error"),
    "@_skipped": count("noted", "known", "skipped"),
    "@_time": cases.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3),
  };
}

function properties({ subject, seed, profiles, specVersion, suiteVersion }: ConformanceResult): Node {
  const told = { subject, profiles: profiles.join(", "), seed, specVersion, suiteVersion };
  return {
    property: Object.entries(told).map(([name, value]) => ({ "@_name": name, "@_value": String(value) })),
  };
}

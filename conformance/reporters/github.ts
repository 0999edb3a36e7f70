import type { CheckResult } from "../../schemas/conformance-result.ts";
import { fileReporter } from "./file.ts";
import { countsOf, outline, placeOf, staleEntries, weightOf } from "./outline.ts";
import type { Judged, Weight } from "./outline.ts";
import type { FinishedRun, Reporter } from "./reporter.ts";

/**
 * Annotations of a GitHub workflow, for `--report github=-`: one for each requirement that is to be mended or known to
 * fail, the errors first, since GitHub shows ten of a kind for a step. They name no file: what is wrong is in the
 * server, and the place in the specification stands in the text.
 */
export function createReporter(file: string): Reporter {
  return fileReporter(file, renderGitHub);
}

type Kind = "error" | "warning" | "notice";

interface Annotation {
  kind: Kind;
  title: string;
  text: string;
}

const KIND: Record<Weight, Kind | undefined> = {
  failure: "error",
  error: "error",
  noted: "warning",
  known: "notice",
  skipped: undefined,
  passed: undefined,
};
const ORDER: readonly Kind[] = ["error", "warning", "notice"];

export function renderGitHub(run: FinishedRun): string {
  const { result } = run;
  const judged = outline(run).flatMap((area) => area.judged);
  const annotations = [
    ...judged.flatMap(annotationsOf),
    ...unsettled(judged),
    ...staleEntries(result).map(({ id, detail }): Annotation => ({
      kind: "error",
      title: `${id} is no known failure any more`,
      text: detail,
    })),
  ].toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  const closing: Annotation = {
    kind: "notice",
    title: "Mirubato Sync conformance",
    text: `requirements: ${countsOf(result.summary.requirements)}\nchecks: ${countsOf(result.summary.checks)}\n${result.subject}, seed ${result.seed}`,
  };
  return [...annotations, closing].map(command).join("");
}

/** What failed or warned. A known failure beside another does not soften the other. */
function annotationsOf(one: Judged): Annotation[] {
  const { requirement, clause } = one;
  const bad = one.checks.filter(({ verdict }) => verdict === "failed" || verdict === "warned");
  const fresh = bad.filter(({ known }) => known === undefined);
  const told = fresh.length > 0 ? fresh : bad;
  const [first] = told;
  if (!first) return [];
  const weight = weightOf(first, requirement.level);
  const text = [
    ...(clause ? [clause.text] : []),
    placeOf(one),
    ...told.flatMap((check) => ["", ...describe(check)]),
  ].join("\n");
  const title = `${requirement.id} ${weight === "known" ? "known failure" : first.verdict}`;
  return [{ kind: KIND[weight]!, title, text }];
}

function describe({ id, name, message, rerun, known }: CheckResult): string[] {
  return [
    id,
    `${name}, but: ${message ?? "it does not"}`,
    ...(known === undefined ? [] : [`known failure: ${known}`]),
    ...(rerun === null ? [] : [rerun]),
  ];
}

/** What could not be judged, by its reason: a server that is away is one trouble, not hundreds. */
function unsettled(judged: readonly Judged[]): Annotation[] {
  const open = judged.flatMap(({ requirement, checks }) =>
    checks
      .filter(({ verdict }) => verdict === "could-not-run" || verdict === "inconclusive")
      .map((check) => ({ check, kind: KIND[weightOf(check, requirement.level)]! })),
  );
  const alike = Map.groupBy(open, ({ check, kind }) => `${kind} ${check.verdict} ${check.message}`);
  return [...alike.values()].map((group) => {
    const { check, kind } = group[0]!;
    const number = group.length === 1 ? check.id : `${group.length} checks`;
    const ids = group.map((one) => one.check.id).join(", ");
    return { kind, title: `${number} ${check.verdict}`, text: `${check.message ?? check.verdict}\n${ids}` };
  });
}

/** A workflow command is one line; a line break in a server's words must not begin another. */
function command({ kind, title, text }: Annotation): string {
  return `::${kind} title=${property(title)}::${data(text)}\n`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

import type { CheckResult, ConformanceResult } from "../../schemas/conformance-result.ts";
import { drawn, wire } from "./failure.ts";
import { fileReporter } from "./file.ts";
import { legible } from "./legible.ts";
import { countsOf, outline, placeOf, staleEntries, weightOf } from "./outline.ts";
import type { Area, Judged } from "./outline.ts";
import type { FinishedRun, Reporter } from "./reporter.ts";
import { playedOf, situationsOf } from "./situations.ts";

/** GitHub refuses a step's summary above 1 MiB; the rest is room for what the step writes besides. */
const LONGEST = 900 * 1024;
const LONGEST_FAILURE = 24 * 1024;
const LONGEST_TEXT = 1_000;

/** The summary of a job in CI: failures first, each to be opened, then what else is not passed; never above 1 MiB. */
export function createReporter(file: string): Reporter {
  return fileReporter(file, renderMarkdown);
}

export function renderMarkdown(run: FinishedRun): string {
  const { result } = run;
  const areas = outline(run);
  const judged = areas.flatMap((area) => area.judged);
  const inFull = judged.flatMap((one) =>
    one.checks
      .filter(({ verdict }) => verdict === "failed" || verdict === "warned")
      .map((check) => ({ one, check })),
  );
  // What is to be mended comes before what is known, and a MUST before a SHOULD.
  const rank = ({ check, one }: (typeof inFull)[number]): number =>
    ["failure", "noted", "known"].indexOf(weightOf(check, one.requirement.level));
  const failures = inFull.toSorted((a, b) => rank(a) - rank(b)).map(({ one, check }) => failure(one, check));
  const stale = staleEntries(result).map(
    ({ id, reason, detail }) => `- ${plain(id)}: ${plain(detail)} The reason given was: ${plain(reason)}\n`,
  );
  const about = [
    `tested ${code(result.subject)}`,
    `profiles ${plain(result.profiles.join(", "))}`,
    `specification ${plain(result.specVersion)}`,
    `suite ${plain(result.suiteVersion)}`,
    `seed ${code(String(result.seed))}`,
    `${(result.durationMs / 1000).toFixed(1)} s`,
  ];
  const head = [
    "## Mirubato Sync conformance\n\n",
    `**Requirements:** ${countsOf(result.summary.requirements)}  \n**Checks:** ${countsOf(result.summary.checks)}\n\n`,
    `${about.join(" · ")}\n`,
    ...histories(result),
  ].join("");
  const tail = byArea(areas);
  const known = stale.length > 0 ? ["\n### Known failures that no longer fail\n\n", ...stale] : [];
  const told = known.concat(failures.length > 0 ? ["\n### Failures\n", ...failures] : []);
  const rest = judged.flatMap((one) => one.checks.flatMap((check) => unsettled(one, check)));
  const others = rest.length > 0 ? ["\n### Not passed, for other reasons\n\n", ...rest] : [];
  const room = LONGEST - size(head) - size(tail);
  return `${head}${fitting([...told, ...others], room)}${tail}`;
}

function histories({ histories: found }: ConformanceResult): string[] {
  if (!found) return [];
  const arose = situationsOf(found).map(([name, count]) => `${plain(name)} ${count}`);
  return [`\n**Random histories:** ${plain(playedOf(found))}: ${arose.join(", ")}\n`];
}

/** As many of the parts as there is room for, and how many were left out. */
function fitting(parts: readonly string[], room: number): string {
  const kept: string[] = [];
  let left = room - 200;
  for (const part of parts) {
    left -= size(part);
    if (left < 0) break;
    kept.push(part);
  }
  const omitted = parts.length - kept.length;
  const note =
    omitted === 0 ? "" : `\n_${omitted} further parts are left out here: see the html or json report._\n`;
  return kept.join("") + note;
}

function failure(judged: Judged, check: CheckResult): string {
  const { id, name, message, expected, actual, transcript, rerun, verdict, known } = check;
  const state = known === undefined ? verdict : `${verdict}, known`;
  const body = [
    ...(judged.clause ? [`> ${plain(judged.clause.text)}\n`] : []),
    `${plain(placeOf(judged))}\n`,
    ...(known === undefined ? [] : [`Known failure: ${plain(known)}\n`]),
    `**Check:** ${plain(name)}  \n**But:** ${plain(message ?? "it does not")}\n`,
    fence(
      `expected  ${value(expected)}\n${check.history ? drawn(actual).join("\n") : `actual    ${value(actual)}`}`,
    ),
  ];
  const messages = transcript.length === 0 ? [] : [fence(wire(transcript).join("\n").trimEnd())];
  const again = rerun === null ? [] : [fence(rerun)];
  const whole = [...body, ...messages, ...again].join("\n");
  const short = [...body, "The messages are in the html and the json report.\n", ...again].join("\n");
  const content = size(whole) <= LONGEST_FAILURE ? whole : short;
  return `\n<details><summary><b>${plain(state)}</b> ${code(id)}</summary>\n\n${content}\n</details>\n`;
}

function unsettled({ requirement }: Judged, { id, verdict, message }: CheckResult): string[] {
  if (verdict !== "could-not-run" && verdict !== "inconclusive") return [];
  return [`- ${verdict} ${code(id)} (${requirement.level}): ${plain(message ?? "")}\n`];
}

function byArea(areas: readonly Area[]): string {
  const rows = areas.map(({ name, judged }) => {
    const verdicts = judged.map(({ requirement }) => requirement.verdict);
    const count = (...wanted: string[]): number => verdicts.filter((one) => wanted.includes(one)).length;
    const cells = [
      count("passed"),
      count("failed"),
      count("warned"),
      count("inconclusive", "could-not-run"),
      count("not-applicable"),
    ];
    return `| ${plain(name)} | ${cells.join(" | ")} |\n`;
  });
  return [
    "\n### Requirements by area\n\n",
    "| Area | passed | failed | warned | not judged | not applicable |\n| --- | --: | --: | --: | --: | --: |\n",
    ...rows,
  ].join("");
}

function value(json: unknown): string {
  return cut(typeof json === "string" ? json : (JSON.stringify(json) ?? "nothing"));
}

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}… (${text.length} characters)` : text;
}

/** A text that is neither markup nor Markdown nor a link, on one line: in a paragraph, a list or a table's cell. */
export function plain(text: string): string {
  const escaped = entities(oneLine(text)).replace(/[\\`*_{}[\]()#+!|~@]/g, "\\$&");
  return unlinked(escaped);
}

/** Code on one line. As an element, because it also stands where Markdown does not reach, and a backtick is only that. */
export function code(text: string): string {
  const escaped = entities(oneLine(text)).replace(/[\\`*_[\]|~@]/g, (one) => `&#${one.charCodeAt(0)};`);
  return `<code>${unlinked(escaped)}</code>`;
}

function oneLine(text: string): string {
  return cut(text).replace(/\s+/g, " ");
}

/** GitHub makes links of bare addresses. */
function unlinked(text: string): string {
  return text.replaceAll("://", "&#58;//").replaceAll(/www\./gi, "www&#46;");
}

function entities(text: string): string {
  return legible(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A block that nothing within can end: its fence is longer than any run of its kind in there. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = "`".repeat(longest + 1);
  return `${marks}text\n${legible(text)}\n${marks}\n`;
}

function size(text: string): number {
  return Buffer.byteLength(text);
}

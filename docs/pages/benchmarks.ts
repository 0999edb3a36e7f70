import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ratioFigure, withUnit } from "../../conformance/bench/figures.ts";
import type { BenchResult, Ratio, Spread, Target, Workload } from "../../conformance/bench/result.ts";
import { describe } from "../../conformance/bench/text.ts";
import { html } from "../../conformance/reporters/html/markup.ts";
import type { Markup } from "../../conformance/reporters/html/markup.ts";
import { siteAddress, sourceAddress } from "../addresses.ts";
import { count } from "../evidence.ts";
import { ROOT } from "../root.ts";
import type { Page } from "./pages.ts";
import { table } from "./table.ts";

const FOLDER = "bench/results";
/** What is told of cost has a page of its own, `cost.md`. */
const COST = `${FOLDER}/cost.json`;

interface Kept {
  file: string;
  address: string;
  result: BenchResult;
}

/** The benchmarks whose results are kept: what they were to reach, and a page for each with all its figures. */
export function benchmarks(): Page[] {
  const kept = globSync(`${FOLDER}/*.json`, { cwd: ROOT })
    .filter((file) => file !== COST)
    .toSorted()
    .map((file): Kept => ({
      file,
      address: `/evidence/benchmarks/${basename(file, ".json")}.html`,
      result: JSON.parse(readFileSync(join(ROOT, file), "utf8")) as BenchResult,
    }));
  return [overview(kept), ...kept.map(page)];
}

function overview(kept: readonly Kept[]): Page {
  return {
    path: "evidence/benchmarks.html",
    content: String(
      html`<h1>Benchmarks and cost</h1>
        <p class="lead">
          What is compared takes turns on one machine, so that it meets the same conditions. A ratio says more
          than a figure: it holds on other machines, too.
        </p>
        ${
          kept.length > 0
            ? kept.map(summary)
            : html`<p class="missing">
                No result is kept here yet. <code>npm run bench -- --keep</code>, and the
                <a href="${siteAddress("bench/README.md")}">other benchmarks</a> likewise, write theirs to
                <code>${FOLDER}</code>, and the next <code>npm run docs</code> shows it.
              </p>`
        }
        <h2 id="cost">Cost at scale</h2>
        <p>
          <a href="${siteAddress(`${FOLDER}/cost.md`)}">What the reference server costs on Cloudflare</a> for
          1,000, 100,000 and 10 million users, with the formulas, and the limit that each size meets first.
        </p>
        <h2 id="yourself">Measure it yourself</h2>
        <p>
          <code>npx mirubato-sync bench --url …</code> puts the same load on any server; the
          <a href="${siteAddress("bench/README.md")}">other commands</a> play what is compared here.
        </p>`,
    ),
    data: { title: "Benchmarks and cost" },
  };
}

function summary({ address, result }: Kept): Markup {
  const { title, targets } = result;
  return html`<h2 id="${basename(address, ".html")}">${title}</h2>
    ${targets.length > 0 ? targetTable(targets) : ""}
    <p><a href="${address}">All figures</a>, from ${result.startedAt.slice(0, 10)}.</p>`;
}

function page({ file, address, result }: Kept): Page {
  const { title, startedAt, durationMs, profile, seed, machine, subjects, notes, targets } = result;
  const names = new Map(subjects.map(({ id, name }) => [id, name]));
  const nameOf = (subject: string): string => names.get(subject) ?? subject;
  return {
    path: address.slice(1),
    content: String(
      html`<h1>${title}</h1>
        <p>
          ${startedAt.slice(0, 10)}, ${count(Math.round(durationMs / 1000), "second")}, ${profile} profile,
          seed ${seed}. ${describe(machine)}.
        </p>
        <p>
          Bars are medians of the repetitions, with the least and the greatest beside them; a ratio is taken
          repetition by repetition.
        </p>
        <ul>
          ${notes.map((note) => html`<li>${note}</li>`)}
        </ul>
        ${targets.length > 0 ? html`<h2 id="targets">Targets</h2>` : ""}
        ${targets.length > 0 ? targetTable(targets) : ""}
        ${groups(result).map(
          ([group, workloads]) =>
            html`<h2 id="${anchor(group)}">${group}</h2>
              ${workloads.map((workload) => section(workload, result, nameOf))}`,
        )}
        <h2 id="subjects">Who was measured</h2>
        ${table(
          "Who was measured",
          ["name", "does", "what is safe when it says that it is done"],
          subjects.map(({ name, version, about, durability }) => [
            html`${name}${version === undefined ? "" : html`<br /><span class="who">${version}</span>`}`,
            html`${about}`,
            html`${durability ?? ""}`,
          ]),
        )}
        <p class="source">
          Made from <a href="${sourceAddress(file)}">${file}</a>, in which each repetition stands.
        </p>`,
    ),
    data: { title, search: false },
  };
}

/** Workloads of one group stand together, in the order in which the groups first came. */
function groups({ workloads }: BenchResult): [string, Workload[]][] {
  return [...Map.groupBy(workloads, ({ group }) => group)];
}

function anchor(group: string): string {
  return group.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}

function section(
  { id, title, group, about, unit, better, baseline }: Workload,
  { measurements }: BenchResult,
  nameOf: (subject: string) => string,
): Markup {
  const own = measurements.filter(({ workload }) => workload === id);
  const greatest = Math.max(...own.map(({ median }) => median), Number.MIN_VALUE);
  const timed = own.some(({ operations }) => operations);
  const compared = own.some(({ ratio }) => ratio);
  const heads = [
    "who",
    better === "higher" ? "more is better" : "less is better",
    "least – most",
    ...(timed ? ["single ones, p50 / p95 / p99"] : []),
    ...(compared ? [`to ${baseline === undefined ? "the baseline" : nameOf(baseline)}`] : []),
  ];
  return html`${title === group ? "" : html`<h3 id="${id}">${title}</h3>`}
    <p>${about}</p>
    ${table(
      title,
      heads,
      own.map(({ subject, median, min, max, operations, ratio }) => [
        html`${nameOf(subject)}`,
        html`${solid(withUnit(median, unit))}<span
            class="${subject === baseline ? "bar baseline" : "bar"}"
            style="width: ${Math.max(1, (median / greatest) * 100).toFixed(1)}%"
          ></span>`,
        html`${solid(`${withUnit(min, unit)} – ${withUnit(max, unit)}`)}`,
        ...(timed ? [html`${operations ? solid(spread(operations)) : ""}`] : []),
        ...(compared ? [html`${ratio ? solid(extent(ratio)) : ""}`] : []),
      ]),
    )}`;
}

/** Figures stay on one line. */
function solid(text: string): string {
  return text.replaceAll(" ", "\u00a0");
}

function spread({ p50, p95, p99 }: Spread): string {
  return [p50, p95, p99].map((each) => each.toFixed(2)).join(" / ");
}

function extent({ median, min, max }: Ratio): string {
  return `${ratioFigure(median)} (${ratioFigure(min)} – ${ratioFigure(max)})`;
}

function targetTable(targets: readonly Target[]): Markup {
  return table(
    "Targets",
    ["target", "to reach", "measured", "verdict"],
    targets.map(({ says, actual, atLeast, atMost, verdict }) => [
      html`${says}`,
      html`${atLeast === undefined ? `≤\u00a0${atMost}` : `≥\u00a0${atLeast}`}`,
      html`${actual === null ? "–" : solid(ratioFigure(actual))}`,
      html`<span class="badge ${verdict === "met" ? "passed" : verdict === "missed" ? "warned" : ""}"
        >${verdict}</span
      >`,
    ]),
  );
}

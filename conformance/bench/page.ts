import { html } from "../reporters/html/markup.ts";
import type { Markup } from "../reporters/html/markup.ts";
import { factList, page } from "../reporters/html/page.ts";
import { bars } from "./bars.ts";
import { ratioFigure, withUnit } from "./figures.ts";
import type { BenchResult, Measurement, Target, Workload } from "./result.ts";
import { describe } from "./text.ts";

const OWN_STYLE = String.raw`
svg { display: block; width: 100%; max-width: 45rem; height: auto; margin: 0.5rem 0; }
svg text { font: 13px system-ui, sans-serif; fill: var(--text); }
svg .name { text-anchor: end; }
svg .figure { font-variant-numeric: tabular-nums; }
.bar { fill: var(--link); }
.bar.raw { fill: var(--soft); }
.extent { stroke: var(--text); stroke-width: 1.5; fill: none; }
.scroll { overflow-x: auto; }
.figures { border-collapse: collapse; font-size: 0.9rem; overflow-wrap: normal; }
.figures th, .figures td { padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid var(--line); text-align: start; font-weight: normal; vertical-align: top; }
.figures td.number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
.met { color: var(--passed); font-weight: 650; }
.missed { color: var(--failed); font-weight: 650; }
`;

/** A result as one file: plots and tables, without a network and without script. */
export function renderPage(result: BenchResult): string {
  const { title, machine, subjects, workloads, measurements, targets, notes } = result;
  const names = new Map(subjects.map(({ id, name }) => [id, name] as const));
  const nameOf = (subject: string): string => names.get(subject) ?? subject;
  const body = html` <header>
      <p class="title">Mirubato Sync benchmarks</p>
      <h1>${title}</h1>
      ${factList([
        ["Begun", `${result.startedAt.slice(0, 19).replace("T", " ")} UTC`],
        ["Took", `${(result.durationMs / 1000).toFixed(0)} s`],
        ["Profile", `${result.profile}, seed ${result.seed}`],
      ])}
      <p class="aside">${describe(machine)}</p>
    </header>
    <main>
      ${targets.length > 0 ? targetTable(targets) : ""}
      ${notes.map((note) => html`<p class="aside">${note}</p>`)}
      ${workloads.map((workload) =>
        section(
          workload,
          measurements.filter((one) => one.workload === workload.id),
          nameOf,
        ),
      )}
      <section>
        <h2>Who was measured</h2>
        ${factsOf(result)}
      </section>
    </main>
    <footer>
      <p>
        Bars are medians of the repetitions, the line across each goes from the least to the greatest. Ratios
        are taken repetition by repetition.
      </p>
    </footer>`;
  return page({ title, body, style: OWN_STYLE, script: "" });
}

function section(
  workload: Workload,
  measurements: readonly Measurement[],
  nameOf: (subject: string) => string,
): Markup {
  const { title, about, unit, better } = workload;
  return html`<section>
    <h2 id="${workload.id}">${title}</h2>
    <p>${about} ${better === "higher" ? "More is better." : "Less is better."}</p>
    ${bars(workload, measurements, nameOf)}
    <div class="scroll">
      <table class="figures">
        <thead>
          <tr>
            <th scope="col"></th>
            <th scope="col">median</th>
            <th scope="col">least to greatest</th>
            <th scope="col">single ones, p50 / p95 / p99</th>
            <th scope="col">
              to ${workload.baseline === undefined ? "the baseline" : nameOf(workload.baseline)}
            </th>
          </tr>
        </thead>
        <tbody>
          ${measurements.map(
            ({ subject, median, min, max, operations, ratio }) =>
              html`<tr>
                <th scope="row">${nameOf(subject)}</th>
                <td class="number">${withUnit(median, unit)}</td>
                <td class="number">${withUnit(min, unit)} to ${withUnit(max, unit)}</td>
                <td class="number">
                  ${
                    operations
                      ? [operations.p50, operations.p95, operations.p99]
                          .map((each) => each.toFixed(2))
                          .join(" / ")
                      : ""
                  }
                </td>
                <td class="number">
                  ${
                    ratio
                      ? `${ratioFigure(ratio.median)} (${ratioFigure(ratio.min)} to ${ratioFigure(ratio.max)})`
                      : ""
                  }
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function targetTable(targets: readonly Target[]): Markup {
  return html`<section>
    <h2>Targets</h2>
    <div class="scroll">
      <table class="figures">
        <tbody>
          ${targets.map(
            ({ says, actual, atLeast, atMost, verdict }) =>
              html`<tr>
                <td><span class="${verdict}">${verdict}</span></td>
                <td>${says}</td>
                <td class="number">${actual === null ? "" : ratioFigure(actual)}</td>
                <td>${atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function factsOf({ subjects }: BenchResult): Markup {
  return html`<div class="scroll">
    <table class="figures">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">What it does</th>
          <th scope="col">Durability</th>
        </tr>
      </thead>
      <tbody>
        ${subjects.map(
          ({ name, version, about, durability }) =>
            html`<tr>
              <th scope="row">${name}${version === undefined ? "" : ` ${version}`}</th>
              <td>${about}</td>
              <td>${durability ?? ""}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

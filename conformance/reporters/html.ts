import type { ConformanceResult } from "../../schemas/conformance-result.ts";
import { fileReporter } from "./file.ts";
import { html } from "./html/markup.ts";
import type { Markup } from "./html/markup.ts";
import { factList, filterForm, NOTHING_FOUND, page } from "./html/page.ts";
import { badge, requirementSection } from "./html/requirement.ts";
import { outline, present, staleEntries, weightOfRequirement } from "./outline.ts";
import type { Area } from "./outline.ts";
import type { FinishedRun, Reporter } from "./reporter.ts";
import { playedOf, situationsOf } from "./situations.ts";

/** One file without a network, to send to a colleague: readable without script, which only adds filters and copying. */
export function createReporter(file: string): Reporter {
  return fileReporter(file, renderHtml);
}

export function renderHtml(run: FinishedRun): string {
  const { result } = run;
  const areas = outline(run);
  const body = html`${heading(result, areas)}
    <main>
      ${toMend(areas, result)} ${filterForm(present(result.summary.checks), "id, text, message")}
      ${areas.map(
        ({ name, judged }) =>
          html`<section class="area">
            <h2>${name}</h2>
            ${judged.map(requirementSection)}
          </section>`,
      )}
      ${NOTHING_FOUND}
    </main>
    <footer>
      <p>
        Made by Mirubato Sync's conformance suite ${result.suiteVersion} from its result file. Secrets were
        removed when the messages were recorded. Checks that passed keep no messages.
      </p>
    </footer>`;
  return page({ title: `Conformance of ${result.subject} to Mirubato Sync ${result.specVersion}`, body });
}

function heading(result: ConformanceResult, areas: readonly Area[]): Markup {
  const facts: [string, string][] = [
    ["Tested", result.subject],
    ["Profiles", result.profiles.join(", ") || "none"],
    ["Specification", `Mirubato Sync ${result.specVersion}, requirements on a ${result.role}`],
    ["Suite", result.suiteVersion],
    ["Seed", String(result.seed)],
    ["Begun", `${result.startedAt.slice(0, 19).replace("T", " ")} UTC`],
    ["Took", `${(result.durationMs / 1000).toFixed(1)} s`],
  ];
  return html`<header>
    <p class="title">Mirubato Sync conformance report</p>
    <h1>${headline(areas, result)}</h1>
    ${factList(facts)}
    <table class="counts">
      <caption>
        Verdicts
      </caption>
      <thead>
        <tr>
          <th scope="col">Verdict</th>
          <th scope="col">Requirements</th>
          <th scope="col">Checks</th>
        </tr>
      </thead>
      <tbody>
        ${present(result.summary.checks).map(
          (verdict) =>
            html`<tr>
              <th scope="row">${badge(verdict)}</th>
              <td>${result.summary.requirements[verdict]}</td>
              <td>${result.summary.checks[verdict]}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${histories(result)}
  </header>`;
}

/** What the random histories had in them: without it their verdict says little. */
function histories({ histories: found }: ConformanceResult): Markup {
  if (!found) return html``;
  return html`<details class="situations">
    <summary>${playedOf(found)} at random: what arose in them</summary>
    <ul>
      ${situationsOf(found).map(([name, count]) => html`<li>${name} <b>${count}</b></li>`)}
    </ul>
  </details>`;
}

/** What a reader wants to know first, in a sentence; it agrees with the run's exit status. */
function headline(areas: readonly Area[], result: ConformanceResult): string {
  const weights = areas.flatMap(({ judged }) => judged.map(weightOfRequirement));
  const count = (weight: string): number => weights.filter((one) => one === weight).length;
  const known = count("known") > 0 ? `, ${requirements(count("known"))} known to fail` : "";
  const stale = staleEntries(result).length;
  if (count("failure") > 0) return `${requirements(count("failure"))} failed${known}`;
  if (stale > 0) return `${stale} known to fail no longer ${stale === 1 ? "does" : "do"}`;
  if (count("error") > 0) return `${requirements(count("error"))} could not be judged${known}`;
  if (count("passed") === 0) return "Nothing was judged";
  return `No MUST failed${known}`;
}

function requirements(count: number): string {
  return count === 1 ? "1 requirement" : `${count} requirements`;
}

/** Links to what makes the run fail. */
function toMend(areas: readonly Area[], result: ConformanceResult): Markup {
  const bad = areas
    .flatMap(({ judged }) => judged)
    .filter((one) => ["failure", "error"].includes(weightOfRequirement(one)));
  const stale = staleEntries(result);
  if (bad.length === 0 && stale.length === 0) return html``;
  return html`<nav class="mend" aria-labelledby="mend">
    <h2 id="mend">What to mend</h2>
    <ul>
      ${bad.map(
        ({ requirement, clause }) =>
          html`<li>
            ${badge(requirement.verdict)}
            <a href="#${encodeURIComponent(requirement.id)}">${requirement.id}</a> ${clause?.text}
          </li>`,
      )}
      ${stale.map(({ id, reason, detail }) => html`<li>Known failure ${id} (${reason}): ${detail}</li>`)}
    </ul>
  </nav>`;
}

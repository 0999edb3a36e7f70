import { html } from "../../conformance/reporters/html/markup.ts";
import type { Requirement } from "../../spec/requirements.ts";
import { count, evidence } from "../evidence.ts";
import type { Evidence } from "../evidence.ts";
import { badge, caught, matrixAddress } from "../markdown/proof.ts";
import type { Page } from "./pages.ts";
import { byArea, clause } from "./requirements.ts";
import { table } from "./table.ts";

/** Which faulty implementations the checks catch: how many there are, and a page for each area with their stories. */
export async function mutants(): Promise<Page[]> {
  const all = await evidence();
  const proven = byArea(all.requirements.filter(({ id }) => all.of(id).length > 0));
  return [overview(proven, all), ...[...proven].map(([area, ofArea]) => page(area, ofArea, all))];
}

function overview(areas: ReadonlyMap<string, Requirement[]>, all: Evidence): Page {
  const idsOf = (role: string): string[] =>
    all.requirements.filter((one) => one.role === role).map(({ id }) => id);
  return {
    path: "evidence/mutants.html",
    content: String(
      html`<h1>Faulty implementations</h1>
        <p class="lead">
          A check is worth what it catches. Each of the suite's ${all.checks.length.toLocaleString("en")}
          checks must pass on an implementation that conforms, and fail, by an assertion of its own, on every
          mutant that it names: ${count(all.faultsOf(idsOf("server")).size, "faulty server")} and
          ${count(all.faultsOf(idsOf("client")).size, "faulty client")}, each with one fault that a real one
          might have.
        </p>
        ${table(
          "Areas",
          ["area", "requirements", "checks", "mutants"],
          [...areas].map(([area, ofArea]) => {
            const ids = ofArea.map(({ id }) => id);
            return [
              html`<a href="${matrixAddress(area)}">${area}</a>`,
              html`${ids.length}`,
              html`${ids.flatMap((id) => all.of(id)).length}`,
              html`${all.faultsOf(ids).size}`,
            ];
          }),
        )}
        <p>
          <code>npm test</code> holds every pair on every commit.
          <code>npx mirubato-sync mutants --report html=mutants.html</code> runs them now, with
          <code>--role client</code> for the faulty clients, and
          <code>npx mirubato-sync serve --model --mutant &lt;name&gt;</code> serves a faulty server to try
          your own tests on.
        </p>`,
    ),
    data: { title: "Faulty implementations", search: false },
  };
}

/** What the specification has folded at each requirement, one below the other. */
function page(area: string, ofArea: readonly Requirement[], all: Evidence): Page {
  return {
    path: matrixAddress(area).slice(1),
    content: String(
      html`<h1>Faulty implementations: ${area}</h1>
        <p class="lead">
          ${count(all.faultsOf(ofArea.map(({ id }) => id)).size, "mutant")}, each below the checks that catch
          it, with the story of how a real implementation comes by such a fault.
          <a href="/evidence/mutants.html">All areas</a>.
        </p>
        ${ofArea.map(
          (one) =>
            html`<h2 id="${one.id.toLowerCase()}">${clause(one)} ${badge(one)}</h2>
              <p>${one.text}</p>
              <div class="proof">${caught(one, all)}</div>`,
        )}`,
    ),
    data: { title: `Faulty implementations: ${area}`, search: false },
  };
}

import { html } from "../../conformance/reporters/html/markup.ts";
import type { Markup } from "../../conformance/reporters/html/markup.ts";
import type { Requirement } from "../../spec/requirements.ts";
import { sourceAddress } from "../addresses.ts";
import { areaOf, count } from "../evidence.ts";
import type { Evidence } from "../evidence.ts";
import { inline } from "./inline.ts";

/** A requirement's level, to be seen at a glance. */
export function badge({ level }: Pick<Requirement, "level">): Markup {
  return html`<span class="badge ${level.toLowerCase()}">${level}</span>`;
}

/** The page of an area's faulty implementations, each with its story. */
export function matrixAddress(area: string): string {
  return `/evidence/mutants/${area}.html`;
}

/** A requirement's checks, and the faulty implementations that each catches, folded. */
export function proof(requirement: Requirement, evidence: Evidence): Markup {
  const { id, role, profile, unobservable } = requirement;
  const checks = evidence.of(id);
  if (checks.length === 0) {
    return unobservable === undefined
      ? html`<p class="proof">Profile ${profile} is not checked yet.</p>`
      : html``;
  }
  return html`<details class="proof" data-pagefind-weight="0.2">
    <summary>
      ${count(checks.length, "check")}, ${count(evidence.faultsOf([id]).size, `faulty ${role}`)} caught
    </summary>
    ${caught(requirement, evidence)}
    <p>
      <a href="${matrixAddress(areaOf(requirement))}#${id.toLowerCase()}">Among all that is caught</a>
    </p>
  </details>`;
}

/** A requirement's checks, and the faulty implementations that each catches. */
export function caught({ id }: Requirement, evidence: Evidence): Markup {
  return html`<ul>
    ${evidence.of(id).map(
      (check) =>
        html`<li id="${check.id}">
          <p>${placed(check.id, evidence)} ${inline(check.name)}</p>
          <ul class="faults">
            ${check.brokenBy.map(({ name, story }) => html`<li>${placed(name, evidence)} ${inline(story)}</li>`)}
          </ul>
        </li>`,
    )}
  </ul>`;
}

/** A name, linked to where it stands in the sources. */
function placed(name: string, { placeOf }: Evidence): Markup {
  const place = placeOf(name);
  if (place === undefined) return html`<code>${name}</code>`;
  return html`<a href="${sourceAddress(place.file, place.line)}"><code>${name}</code></a>`;
}

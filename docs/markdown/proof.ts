import { html } from "../../conformance/reporters/html/markup.ts";
import type { Markup } from "../../conformance/reporters/html/markup.ts";
import type { Requirement } from "../../spec/requirements.ts";
import { sourceAddress } from "../addresses.ts";
import { count } from "../evidence.ts";
import type { Evidence } from "../evidence.ts";

/** A requirement's level, to be seen at a glance. */
export function badge({ level }: Pick<Requirement, "level">): Markup {
  return html`<span class="badge ${level.toLowerCase()}">${level}</span>`;
}

/** A requirement's checks, and the faulty implementations that each catches. */
export function proof({ id, role, profile, unobservable }: Requirement, evidence: Evidence): Markup {
  const checks = evidence.of(id);
  if (checks.length === 0) {
    return unobservable === undefined
      ? html`<p class="proof">Profile ${profile} is not checked yet.</p>`
      : html``;
  }
  const faults = new Set(checks.flatMap(({ brokenBy }) => brokenBy.map(({ name }) => name)));
  return html`<details class="proof" data-pagefind-weight="0.2">
    <summary>${count(checks.length, "check")}, ${count(faults.size, `faulty ${role}`)} caught</summary>
    <ul>
      ${checks.map(
        (check) =>
          html`<li>
            <p>${placed(check.id, evidence)} ${check.name}</p>
            <ul class="faults">
              ${check.brokenBy.map(({ name, story }) => html`<li>${placed(name, evidence)} ${story}</li>`)}
            </ul>
          </li>`,
      )}
    </ul>
  </details>`;
}

/** A name, linked to where it stands in the sources. */
export function placed(name: string, { placeOf }: Evidence): Markup {
  const place = placeOf(name);
  if (place === undefined) return html`<code>${name}</code>`;
  return html`<a href="${sourceAddress(place.file, place.line)}"><code>${name}</code></a>`;
}

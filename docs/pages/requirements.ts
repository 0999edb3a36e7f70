import { html } from "../../conformance/reporters/html/markup.ts";
import type { Markup } from "../../conformance/reporters/html/markup.ts";
import type { Requirement } from "../../spec/requirements.ts";
import { siteAddress } from "../addresses.ts";
import { areaOf, count, evidence } from "../evidence.ts";
import { badge } from "../markdown/proof.ts";
import type { Page } from "./pages.ts";
import { table } from "./table.ts";

/** Every requirement on one page, to search in. */
export async function requirements(): Promise<Page> {
  const { requirements: all, of } = await evidence();
  const sections = [...byArea(all)].map(
    ([area, ofArea]) =>
      html`<h2 id="${area}">${area}</h2>
        ${table(
          `Requirements of ${area}`,
          ["requirement", "level", "says", "checks"],
          ofArea.map((one) => [
            clause(one),
            badge(one),
            html`${one.text}`,
            html`${of(one.id).length || (one.unobservable === undefined ? "later" : "not observable")}`,
          ]),
        )}`,
  );
  return {
    path: "reference/requirements.html",
    content: String(
      html`<h1>All requirements</h1>
        <p class="lead">
          ${count(all.length, "requirement")} on servers and clients. Each links to its place in the
          specification, with its reason, its checks, and the faults that they catch.
        </p>
        ${sections}`,
    ),
    data: { title: "All requirements", search: false },
  };
}

/** Requirements by the specification's files. */
export function byArea(all: readonly Requirement[]): Map<string, Requirement[]> {
  return Map.groupBy(all, areaOf);
}

/** A requirement's id, as a link to it in the specification. */
export function clause({ id, file }: Requirement): Markup {
  return html`<a href="${siteAddress(file)}#${id.toLowerCase()}"><code>${id}</code></a>`;
}

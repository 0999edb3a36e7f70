import { createHash } from "node:crypto";
import { html, trusted } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Nothing but a file's own style and script, to the character, runs or loads, whatever a server's words might smuggle in. */
function policy(style: string, script: string): string {
  return [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    ...(script === "" ? [] : [`script-src ${hash(script)}`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

interface Page {
  title: string;
  body: Markup;
  /** Rules beside those of all pages. */
  style?: string;
  /** Default: the one that filters rows and copies commands; "" for none. */
  script?: string;
}

/** A page in one file, without a network: readable without script, which only adds to it. */
export function page({ title, body, style = "", script = SCRIPT }: Page): string {
  const allStyle = STYLE + style;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy(allStyle, script)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${trusted(`<style>${allStyle}</style>`)}
      </head>
      <body>
        ${body} ${script === "" ? "" : trusted(`<script>${script}</script>`)}
      </body>
    </html> `.toString();
}

/** Facts in two columns. */
export function factList(facts: readonly (readonly [string, string])[]): Markup {
  return html`<dl class="facts">
    ${facts.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** The search and the boxes that the script gives a meaning to: rows of class `requirement`, by their `data-verdicts`. */
export function filterForm(verdicts: readonly string[], placeholder: string): Markup {
  return html`<form id="filters" role="search" hidden>
    <label class="words">Find <input type="search" id="words" placeholder="${placeholder}" /></label>
    <fieldset>
      <legend>Verdict</legend>
      ${verdicts.map(
        (verdict) =>
          html`<label><input type="checkbox" name="verdict" value="${verdict}" checked /> ${verdict}</label>`,
      )}
    </fieldset>
    <p role="status" id="shown"></p>
  </form>`;
}

/** What the script shows where no row is left. */
export const NOTHING_FOUND = html`<p id="nothing" hidden>No requirement matches the filter.</p>`;

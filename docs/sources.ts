import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { html } from "../conformance/reporters/html/markup.ts";
import type { Markup } from "../conformance/reporters/html/markup.ts";
import { isFolder, linkedSources, sourceAddress } from "./addresses.ts";
import { relativeLinks } from "./relative-links.ts";
import { ROOT } from "./root.ts";

/** Shows every source that a page links to, so that no link leaves the site. */
export function writeSources(folder: string): void {
  for (const file of linkedSources().toSorted()) {
    const url = sourceAddress(file);
    const path = join(folder, url);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, relativeLinks(String(isFolder(file) ? listing(file) : lines(file)), url));
  }
}

function lines(file: string): Markup {
  const text = readFileSync(join(ROOT, file), "utf8").replace(/\n$/, "").split("\n");
  const numbered = text.map((line, index) => html`<span id="L${index + 1}">${line}${"\n"}</span>`);
  return page(file, html`<pre class="lines" tabindex="0"><code>${numbered}</code></pre>`);
}

function listing(folder: string): Markup {
  const shown = new Set(linkedSources());
  const names = readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(({ name }) => !/^(\.|node_modules$|dist$|__pycache__$)/.test(name))
    .map((entry) => ({
      name: entry.name + (entry.isDirectory() ? "/" : ""),
      file: join(folder, entry.name),
    }));
  const items = names.map(({ name, file }) =>
    shown.has(file) ? html`<li><a href="${sourceAddress(file)}">${name}</a></li>` : html`<li>${name}</li>`,
  );
  return page(
    `${folder}/`,
    html`<ul class="listing">
      ${items}
    </ul>`,
  );
}

function page(name: string, body: Markup): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${name} · Mirubato Sync</title>
        <link rel="icon" href="/assets/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/site.css" />
        <script src="/assets/site.js" defer></script>
      </head>
      <body class="code">
        <header class="top">
          <a class="brand" href="/index.html"><span>Mirubato Sync</span></a>
        </header>
        <main>
          <h1>${name}</h1>
          ${body}
        </main>
      </body>
    </html>`;
}

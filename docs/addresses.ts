import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.ts";

/** Sources that pages link to: each of them gets a page itself. */
const linked = new Set<string>();
/** Pages that are not written in `content/`. */
const made = new Set<string>();

/** Tells of a page that is made, by its path. */
export function addPage(path: string): void {
  made.add(path);
}

/** The address of a file of the package, or of `content/`, within the site. Files that have no page of their own are shown as sources. */
export function siteAddress(file: string, from = "a page that is generated"): string {
  const path = file.replace(/\/$/, "").replace(/^docs\/content\//, "");
  // A page that is made; the example's `index.html` is a source.
  if (path.endsWith(".html") && !existsSync(join(ROOT, path))) return `/${path}`;
  if (isPage(path)) return `/${path.replace(/(^|\/)README\.md$/, "$1index.md").replace(/\.md$/, ".html")}`;
  if (isPage(`${path}/README.md`)) return `/${path}/index.html`;
  return sourceAddress(path, undefined, from);
}

/** The address at which a source is shown, from a line on if one is given. */
export function sourceAddress(file: string, line?: number, from = "a page that is generated"): string {
  if (!existsSync(join(ROOT, file))) throw new Error(`${from} links to ${file}, which is not there`);
  linked.add(file);
  const end = isFolder(file) ? "/index.html" : ".html";
  return `/source/${file}${end}${line === undefined ? "" : `#L${line}`}`;
}

/** What has been linked to so far. */
export function linkedSources(): readonly string[] {
  return [...linked];
}

export function isFolder(file: string): boolean {
  const path = join(ROOT, file);
  return existsSync(path) && statSync(path).isDirectory();
}

function isPage(path: string): boolean {
  return path.endsWith(".md") && (made.has(path) || existsSync(join(ROOT, "docs/content", path)));
}

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./root.ts";

/** Sources that pages link to: each of them gets a page itself. */
const linked = new Set<string>();

/** The address of a file of the package, or of `content/`, within the site. Files that have no page of their own are shown as sources. */
export function siteAddress(file: string): string {
  const path = file.replace(/\/$/, "");
  if (path.endsWith(".html")) return `/${path}`;
  if (isPage(path)) return `/${path.replace(/(^|\/)README\.md$/, "$1index.md").replace(/\.md$/, ".html")}`;
  if (isPage(`${path}/README.md`)) return `/${path}/index.html`;
  return sourceAddress(path);
}

/** The address at which a source is shown, from a line on if one is given. */
export function sourceAddress(file: string, line?: number): string {
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
  return (
    path.endsWith(".md") && (existsSync(join(ROOT, path)) || existsSync(join(ROOT, "docs/content", path)))
  );
}

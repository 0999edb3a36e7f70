import { posix } from "node:path";
import type MarkdownIt from "markdown-it";
import { siteAddress } from "../addresses.ts";

/** What Eleventy tells of the page that is rendered. */
export interface Environment {
  page: { inputPath: string };
  source?: { file: string };
}

/** Where a page's text stands, from the package's root: a page of `content/` counts as standing there itself. */
export function sourceOf({ page, source }: Environment): string {
  if (source?.file.endsWith(".md")) return source.file;
  return page.inputPath.replace(/^(\.\/)?docs\/content\//, "");
}

/** A link to a file of the package becomes one to its page of the site. */
export function links(md: MarkdownIt): void {
  md.core.ruler.push("site-links", ({ tokens, env }) => {
    const source = sourceOf(env as Environment);
    const folder = posix.dirname(source);
    const ids = new Set(tokens.map((token) => token.attrGet("id")));
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const name = token.type === "image" ? "src" : "href";
      const target = token.attrGet(name);
      if (target !== null) token.attrSet(name, within(target, ids) ?? fromFile(target, folder, source));
    }
  });
}

/** A link within the page. TypeDoc counts headings of one name, also those that it then leaves out. */
function within(target: string, ids: ReadonlySet<string | null>): string | undefined {
  if (!target.startsWith("#")) return undefined;
  const uncounted = target.replace(/-\d+$/, "");
  return !ids.has(target.slice(1)) && ids.has(uncounted.slice(1)) ? uncounted : target;
}

/** @param folder from the package's root; a target that begins with a slash begins there, too */
function fromFile(target: string, folder: string, source: string): string {
  if (/^[a-z]+:/i.test(target)) return target;
  const [path, fragment] = target.split("#") as [string, string | undefined];
  const file = posix.normalize(path.startsWith("/") ? path.slice(1) : posix.join(folder, path));
  return siteAddress(decodeURI(file), source) + (fragment === undefined ? "" : `#${fragment}`);
}

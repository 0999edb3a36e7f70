import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import type MarkdownIt from "markdown-it";
import { ROOT } from "../root.ts";

const INCLUDE = /^<!-- include: (\S+\.md)(?:#(.+?))? -->$/gm;

/**
 * `<!-- include: README.md#Reports -->` stands for that section of that file, its heading left out: no text is kept twice. Without
 * a heading, for the whole file without its title.
 */
export function includes(md: MarkdownIt): void {
  md.core.ruler.before("normalize", "includes", (state) => {
    state.src = withIncludes(state.src);
  });
}

export function withIncludes(markdown: string): string {
  return markdown.replace(INCLUDE, (_, file: string, heading?: string) => {
    const text = section(readFileSync(join(ROOT, file), "utf8"), file, heading);
    return fromRoot(text, posix.dirname(file));
  });
}

function section(markdown: string, file: string, heading?: string): string {
  const lines = markdown.split("\n");
  let fenced = false;
  const headings = lines.map((line) => {
    if (line.startsWith("```")) fenced = !fenced;
    return fenced ? undefined : /^(#+) (.*)$/.exec(line);
  });
  const start = headings.findIndex((found) => found && (heading === undefined ? true : found[2] === heading));
  if (start === -1) throw new Error(`${file} has no heading "${heading}" to include`);
  const level = headings[start]![1]!.length;
  const end = headings.findIndex((found, index) => index > start && found && found[1]!.length <= level);
  return lines
    .slice(start + 1, end === -1 ? undefined : end)
    .join("\n")
    .trim();
}

/** Links of an included text are read from where it stands. */
function fromRoot(markdown: string, folder: string): string {
  return markdown.replace(
    /\]\((?![a-z]+:|#|\/)([^)\s]+)\)/g,
    (_, target: string) => `](/${posix.join(folder, target)})`,
  );
}

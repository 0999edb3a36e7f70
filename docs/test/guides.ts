import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import MarkdownIt from "markdown-it";
import { withIncludes } from "../markdown/includes.ts";
import { ROOT } from "../root.ts";

/** A block of commands that a guide marks with `sh run`, and what it says that they print. */
export interface Run {
  commands: string;
  /** A server, which goes on while the rest of the guide runs. */
  background: boolean;
  /** The exit status that the guide tells. */
  status: number;
  /** Lines that come in this order; `…` stands for anything. */
  output: string[];
}

const FOLDER = join(ROOT, "docs/content/guides");

/** The guides that have something to run. */
export function guides(): { name: string; runs: Run[] }[] {
  return readdirSync(FOLDER)
    .map((file) => ({ name: file, runs: runsOf(readFileSync(join(FOLDER, file), "utf8")) }))
    .filter(({ runs }) => runs.length > 0);
}

function runsOf(markdown: string): Run[] {
  const fences = new MarkdownIt().parse(withIncludes(markdown), {}).filter(({ type }) => type === "fence");
  return fences.flatMap(({ info, content }, index) => {
    const [language, run, ...words] = info.split(/\s+/);
    if (language !== "sh" || run !== "run") return [];
    const next = fences[index + 1];
    return [
      {
        commands: content,
        background: words.includes("background"),
        status: Number(words.find((word) => word.startsWith("status="))?.slice("status=".length) ?? 0),
        output:
          next?.info === "text output" ? next.content.split("\n").filter((line) => !/^…?$/.test(line)) : [],
      },
    ];
  });
}

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { addPage } from "../addresses.ts";
import { ROOT } from "../root.ts";
import { adapter } from "./adapter.ts";
import { api } from "./api.ts";
import { benchmarks } from "./benchmarks.ts";
import { mutants } from "./mutants.ts";
import { playground } from "./playground.ts";
import { reference } from "./reference.ts";
import { reports } from "./reports.ts";
import { requirements } from "./requirements.ts";

/** A page that is not written in `content/`. */
export interface Page {
  /** As if it stood in `content/`; its address follows. */
  path: string;
  content: string;
  data: Record<string, unknown> & { title: string };
}

/** The package's own Markdown files, each a page at its path. */
const TEXTS = [
  "spec/**/*.md",
  "schemas/README.md",
  "reference-*/README.md",
  "examples/*/README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "bench/README.md",
  "bench/results/*.md",
];

/** All pages that are made of sources. */
export async function allPages(): Promise<Page[]> {
  const pages = [...texts(), ...(await api())];
  // What comes after links to them.
  for (const { path } of pages) addPage(path);
  return [...pages, ...(await reference()), adapter(), ...(await evidence()), ...playground()];
}

/** What shows that the rest is true. */
async function evidence(): Promise<Page[]> {
  return [await requirements(), await reports(), ...(await mutants()), ...benchmarks()];
}

function texts(): Page[] {
  return globSync(TEXTS, { cwd: ROOT }).map((path) => {
    const content = readFileSync(join(ROOT, path), "utf8");
    return { path, content, data: { title: titleOf(content, path), source: { file: path } } };
  });
}

function titleOf(markdown: string, path: string): string {
  const title = /^# (.+)$/m.exec(markdown)?.[1];
  if (title === undefined) throw new Error(`${path} has no title`);
  return title;
}

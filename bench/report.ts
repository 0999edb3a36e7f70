import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { renderPage } from "../conformance/bench/page.ts";
import type { BenchResult } from "../conformance/bench/result.ts";
import { tell } from "../conformance/bench/text.ts";
import { writeWhole } from "../conformance/run/output-file.ts";

/** Tells a result and writes reports/bench/<name>.json and .html; with `keep` also bench/results/<name>.json, which is committed. */
export function report(name: string, result: BenchResult, keep: boolean): void {
  process.stdout.write(tell(result));
  const folder = fileURLToPath(new URL("../reports/bench/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const json = `${JSON.stringify(result, null, 2)}\n`;
  writeWhole(`${folder}${name}.json`, json, "the result");
  writeWhole(`${folder}${name}.html`, renderPage(result), "the page");
  process.stdout.write(`reports/bench/${name}.html, ${name}.json\n`);
  if (keep) writeWhole(fileURLToPath(new URL(`results/${name}.json`, import.meta.url)), json, "the result");
}

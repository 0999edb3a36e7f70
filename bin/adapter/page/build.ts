import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HTML = `<!doctype html>
<meta charset="utf-8">
<title>The reference client, to be checked in a browser</title>
<script src="adapter.js"></script>
`;

/** Writes the page of the reference client, its script beside it. @returns the page's file */
export async function buildPage(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL("adapter.page.ts", import.meta.url))],
    bundle: true,
    format: "iife",
    target: "es2023",
    outfile: join(folder, "adapter.js"),
    logLevel: "warning",
  });
  const page = join(folder, "index.html");
  await writeFile(page, HTML);
  return page;
}

if (import.meta.main)
  await buildPage(fileURLToPath(new URL("../../../dist/bin/adapter/page", import.meta.url)));

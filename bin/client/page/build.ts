import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Bundles the script of the page that `client --inspect` serves. */
export async function buildInspector(outfile: string): Promise<void> {
  await mkdir(dirname(outfile), { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL("inspector.page.ts", import.meta.url))],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2023",
    outfile,
    logLevel: "warning",
  });
}

if (import.meta.main)
  await buildInspector(fileURLToPath(new URL("../../../dist/bin/client/inspector.js", import.meta.url)));

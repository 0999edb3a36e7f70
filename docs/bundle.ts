import { existsSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { ROOT } from "./root.ts";

/** Bundles the scripts and styles of the site. */
export async function bundle(): Promise<void> {
  const shared = { bundle: true, minify: true, absWorkingDir: ROOT, logLevel: "warning" } as const;
  const entry = (name: string): string[] => [`docs/${name}`].filter((file) => existsSync(join(ROOT, file)));
  const entries = {
    assets: [...entry("assets/site.ts"), ...entry("assets/site.css")],
    playground: [...entry("playground/main.ts"), ...entry("playground/main.css")],
  };
  await Promise.all(
    Object.entries(entries).map(([folder, entryPoints]) =>
      // No module: a page that was opened as a file may not load one.
      build({ ...shared, entryPoints, outdir: `docs/dist/${folder}`, format: "iife" }),
    ),
  );
}

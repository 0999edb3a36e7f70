import { rmSync } from "node:fs";
import { join } from "node:path";
import { Eleventy } from "@11ty/eleventy";
import { bundle } from "./bundle.ts";
import { ROOT } from "./root.ts";
import { writeSearchIndex } from "./search-index.ts";
import { writeSources } from "./sources.ts";

/** Builds the site into `docs/dist`. */
const started = performance.now();
process.chdir(ROOT);
rmSync(join(ROOT, "docs/dist"), { recursive: true, force: true });
const eleventy = new Eleventy("docs/content", "docs/dist", { configPath: "docs/eleventy.config.ts" });
await Promise.all([eleventy.write(), bundle()]);
writeSources(join(ROOT, "docs/dist"));
await writeSearchIndex(join(ROOT, "docs/dist"));
process.stdout.write(`docs/dist/index.html  ${((performance.now() - started) / 1000).toFixed(1)} s\n`);

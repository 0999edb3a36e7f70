import { readdirSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Variant } from "./variant.ts";

/** Variants run as they stand: `.ts` from the sources, `.js` from the build. */
const HERE = fileURLToPath(import.meta.url);
const FOLDER = join(dirname(HERE), "variants");

/** Every variant: whatever a file in `variants/` exports, by name. */
export async function discoverVariants(): Promise<Variant[]> {
  const files = readdirSync(FOLDER).filter(
    (name) => extname(name) === extname(HERE) && !name.endsWith(".d.ts"),
  );
  const modules = await Promise.all(
    files.map((file) => import(pathToFileURL(join(FOLDER, file)).href) as Promise<Record<string, unknown>>),
  );
  return modules
    .flatMap((module) => Object.values(module))
    .filter(isVariant)
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

function isVariant(value: unknown): value is Variant {
  return typeof value === "object" && value !== null && "uses" in value && "deform" in value;
}

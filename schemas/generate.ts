import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { asyncApi } from "./generator/asyncapi.ts";
import { jsonSchemaOf } from "./generator/json-schema.ts";
import { openApi } from "./generator/openapi.ts";
import { validatorsModule, validatorsTypes } from "./generator/validators.ts";
import { SCHEMA_NAMES } from "./registry.ts";

const FOLDER = join(import.meta.dirname, "generated");

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** Every generated file: path below `generated/` → text. */
export async function generate(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of SCHEMA_NAMES) files.set(`json-schema/${name}.json`, json(jsonSchemaOf(name)));
  files.set("openapi.json", json(openApi()));
  files.set("asyncapi.json", json(asyncApi()));
  files.set("validators.js", await validatorsModule());
  files.set("validators.d.ts", validatorsTypes());
  return files;
}

async function present(): Promise<string[]> {
  const entries = await readdir(FOLDER, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(FOLDER, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
}

/** The files below `generated/` that differ from what the schemas say: changed, missing, or left over. */
export async function stale(files: ReadonlyMap<string, string>): Promise<string[]> {
  const wrong = (await present()).filter((path) => !files.has(path));
  for (const [path, text] of files) {
    const found = await readFile(join(FOLDER, path), "utf8").catch(() => undefined);
    if (found !== text) wrong.push(path);
  }
  return wrong.toSorted();
}

async function main(): Promise<void> {
  const files = await generate();
  const wrong = await stale(files);
  if (process.argv.includes("--check")) {
    for (const path of wrong) console.error(`schemas/generated/${path} is stale`);
    if (wrong.length > 0) {
      console.error("Run `npm run generate` and commit what it writes.");
      process.exitCode = 1;
    }
    return;
  }
  for (const path of wrong) {
    const text = files.get(path);
    const target = join(FOLDER, path);
    if (text === undefined) {
      await rm(target);
      continue;
    }
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
  console.log(`${files.size} files, ${wrong.length} of them written anew, in schemas/generated/`);
}

if (import.meta.main) await main();

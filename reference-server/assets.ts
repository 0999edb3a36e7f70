import { readFile } from "node:fs/promises";

/** A D1 migration, split into the statements that are applied together. */
export interface Migration {
  name: string;
  statements: string[];
}

/** What of wrangler.toml the server needs at run time. */
export interface Bindings {
  name: string;
  compatibilityDate: string;
  compatibilityFlags: string[];
  vars: Record<string, string>;
  d1Databases: Record<string, string>;
  durableObjects: Record<string, { className: string; useSQLite: boolean }>;
  migrations: Migration[];
}

export interface ServerAssets {
  /** The bundled Worker, one ES module. */
  worker: string;
  /** The Worker of operator.ts, likewise. */
  operator: string;
  bindings: Bindings;
  /** Path of the script that starts workerd. */
  guard: string;
}

/** What the build has put beside this module; from the source tree, what it has put under dist/. */
export async function readAssets(): Promise<ServerAssets> {
  const here = import.meta.url.endsWith(".ts") ? "../dist/reference-server/" : "./";
  const file = (name: string) => new URL(here + name, import.meta.url);
  try {
    const [worker, operator, bindings] = await Promise.all([
      readFile(file("worker.js"), "utf8"),
      readFile(file("operator-worker.js"), "utf8"),
      readFile(file("bindings.json"), "utf8"),
    ]);
    return {
      worker,
      operator,
      bindings: JSON.parse(bindings) as Bindings,
      guard: decodeURIComponent(file("workerd-guard.sh").pathname),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error("The reference server has not been built: run `npm run build` first.", { cause: error });
  }
}

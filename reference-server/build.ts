import { build } from "esbuild";
import { chmod, copyFile, cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse } from "smol-toml";
import type { Bindings, Migration, ServerAssets } from "./assets.ts";

const ROOT = new URL("../", import.meta.url);
const GUARD = fileURLToPath(new URL("workerd-guard.sh", import.meta.url));

/** The parts of wrangler.toml that are read here; wrangler itself validates the file. */
interface WranglerToml {
  name: string;
  main: string;
  compatibility_date: string;
  compatibility_flags?: string[];
  vars?: Record<string, string>;
  durable_objects: { bindings: { name: string; class_name: string }[] };
  migrations: { new_sqlite_classes?: string[] }[];
  d1_databases: { binding: string; database_name: string; migrations_dir: string }[];
}

/** The Worker as one module, the operator's, and the bindings of wrangler.toml's development environment. */
export async function bundleServer(): Promise<ServerAssets & { workerMap: string }> {
  const config = parse(await readFile(new URL("wrangler.toml", ROOT), "utf8")) as unknown as WranglerToml;
  const [worker, operator, bindings] = await Promise.all([
    bundleWorker(new URL(config.main, ROOT)),
    bundleWorker(new URL("operator.ts", import.meta.url)),
    bindingsOf(config),
  ]);
  return { worker: worker.code, workerMap: worker.map, operator: operator.code, bindings, guard: GUARD };
}

/** A Worker of TypeScript as one module. */
export async function bundleWorker(entry: URL): Promise<{ code: string; map: string }> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    format: "esm",
    target: "es2023",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    // Miniflare copies the text again and again at each start. Names stay, for stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    // With the sources in it, and sources named as from dist/reference-server.
    sourcemap: "external",
    outfile: fileURLToPath(new URL("dist/reference-server/worker.js", ROOT)),
    write: false,
  });
  const named = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))!.text;
  return { code: named(".js"), map: named(".map") };
}

async function bindingsOf(config: WranglerToml): Promise<Bindings> {
  const sqlite = new Set(config.migrations.flatMap((migration) => migration.new_sqlite_classes ?? []));
  const migrations = await Promise.all(
    config.d1_databases.map((database) => readMigrations(new URL(`${database.migrations_dir}/`, ROOT))),
  );
  return {
    name: config.name,
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags ?? [],
    vars: config.vars ?? {},
    d1Databases: Object.fromEntries(
      config.d1_databases.map((database) => [database.binding, database.database_name]),
    ),
    durableObjects: Object.fromEntries(
      config.durable_objects.bindings.map(({ name, class_name: className }) => [
        name,
        { className, useSQLite: sqlite.has(className) },
      ]),
    ),
    migrations: migrations.flat(),
  };
}

async function readMigrations(folder: URL): Promise<Migration[]> {
  // Here alone wrangler is needed as a library, and it takes a while to load.
  const { unstable_splitSqlQuery: splitSql } = await import("wrangler");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return Promise.all(
    names.map(async (name) => ({
      name,
      statements: splitSql(await readFile(new URL(name, folder), "utf8")),
    })),
  );
}

/** The settings for who deploys the package from a project of their own, with the paths as they are from there. */
function deployersToml(toml: string): string {
  const folder = "node_modules/mirubato-sync/dist/reference-server";
  return toml
    .replace(/^main = .*$/m, `main = "${folder}/worker.js"`)
    .replace(/^migrations_dir = .*$/gm, `migrations_dir = "${folder}/migrations"`);
}

/** Writes what {@link bundleServer} makes to where the built package looks for it, and what a deployer needs besides. */
async function main(): Promise<void> {
  const { worker, workerMap, operator, bindings, guard } = await bundleServer();
  const out = new URL("dist/reference-server/", ROOT);
  await mkdir(out, { recursive: true });
  // In place of what the compiler wrote, of the module alone.
  await writeFile(new URL("worker.js", out), `${worker}//# sourceMappingURL=worker.js.map\n`);
  await writeFile(new URL("worker.js.map", out), workerMap);
  await cp(new URL("reference-server/migrations", ROOT), new URL("migrations", out), { recursive: true });
  const toml = await readFile(new URL("wrangler.toml", ROOT), "utf8");
  await writeFile(new URL("wrangler.toml", out), deployersToml(toml));
  await writeFile(new URL("operator-worker.js", out), operator);
  await writeFile(new URL("bindings.json", out), `${JSON.stringify(bindings, null, 2)}\n`);
  await copyFile(guard, new URL("workerd-guard.sh", out));
  await chmod(new URL("workerd-guard.sh", out), 0o755);
}

if (import.meta.main) await main();

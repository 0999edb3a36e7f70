import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Installs what the benchmarks compare with, where it is missing or another version is wanted by now. */
const FOLDER = dirname(fileURLToPath(import.meta.url));
const time = (file: string): number => statSync(join(FOLDER, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (time("node_modules/.package-lock.json") < time("package-lock.json")) {
  process.stdout.write("installing what is compared with (bench/package-lock.json)\n");
  const args = ["ci", "--no-audit", "--no-fund"];
  const { status } = spawnSync("npm", args, { cwd: FOLDER, stdio: ["ignore", "ignore", "inherit"] });
  process.exitCode = status ?? 1;
}

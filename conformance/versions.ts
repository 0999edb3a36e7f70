import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadRevisions, nameOf } from "../spec/revisions.ts";

/** Root of the package, whether this file runs from the sources or from the build. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}

const manifest = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { version: string };

export const SUITE_VERSION = manifest.version;
/** The revision of the specification that the checks are of: the newest, `1.0-draft` or `1.0`. */
export const SPEC_VERSION = nameOf(loadRevisions().at(-1)!);

/** The three versions that an implementer meets, a line each. */
export function allVersions(): string {
  return [
    `protocol ${SPEC_VERSION.split(".")[0]}, as X-Sync-Protocol names it`,
    `specification ${SPEC_VERSION}`,
    `package ${SUITE_VERSION}`,
    "",
  ].join("\n");
}

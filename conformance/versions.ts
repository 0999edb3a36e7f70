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
/** The revision of the specification that the checks are of: the newest, `1.0-draft` or `1.0`. Read when it is asked for: each start of an adapter would wait for it. */
export function specVersion(): string {
  return nameOf(loadRevisions().at(-1)!);
}

/** The three versions that an implementer meets, a line each. */
export function allVersions(): string {
  const specification = specVersion();
  return [
    `protocol ${specification.split(".")[0]}, as X-Sync-Protocol names it`,
    `specification ${specification}`,
    `package ${SUITE_VERSION}`,
    "",
  ].join("\n");
}

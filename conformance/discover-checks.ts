import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { AnyCheck, ServerCheck } from "./check.ts";
import type { ClientCheck } from "./client-check.ts";
import { HarnessError } from "./verdict.ts";

/** Checks run as they stand: `.ts` from the sources, `.js` from the build. */
const EXTENSION = extname(fileURLToPath(import.meta.url));
const CHECKS = join(dirname(fileURLToPath(import.meta.url)), "checks");

interface Checks {
  server: ServerCheck;
  client: ClientCheck;
}

/** A check, and the file under `checks/<role>/` that it stands in, without extension: its area's name. */
export type Found<Check extends AnyCheck> = Check & { area: string };
export type FoundCheck = Found<ServerCheck>;
export type FoundClient = Found<ClientCheck>;
/** Of either role. */
export type FoundAny = FoundCheck | FoundClient;

/**
 * Every check of a role: whatever a file in `checks/<role>/` exports.
 *
 * @param naming only the files that name one of these requirements, or are called so: who asks for one needs not wait for all
 * @throws HarnessError on two of one id
 */
export async function discoverChecks<Role extends keyof Checks>(
  role: Role,
  naming?: readonly string[],
): Promise<Found<Checks[Role]>[]> {
  const folder = join(CHECKS, role);
  const files = readdirSync(folder).filter(
    (name) =>
      extname(name) === EXTENSION &&
      !name.includes(".test.") &&
      !name.endsWith(".d.ts") &&
      (naming === undefined || names(join(folder, name), naming)),
  );
  const found = new Map<string, Found<Checks[Role]>>();
  for (const file of files.toSorted()) {
    const module = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, unknown>;
    for (const value of Object.values(module).flatMap((exported) =>
      Array.isArray(exported) ? exported : [exported],
    )) {
      if (!isCheckOf(role, value)) continue;
      const earlier = found.get(value.id);
      if (earlier) throw new HarnessError(`${value.id} stands twice: in ${earlier.area} and in ${file}`);
      found.set(value.id, { ...value, area: file.slice(0, -EXTENSION.length) });
    }
  }
  return [...found.values()].toSorted((a, b) => compare(a.id, b.id));
}

function names(file: string, words: readonly string[]): boolean {
  if (words.includes(basename(file, EXTENSION))) return true;
  const text = readFileSync(file, "utf8");
  return words.some((word) => text.includes(word));
}

function isCheckOf<Role extends keyof Checks>(role: Role, value: unknown): value is Checks[Role] {
  return (
    typeof value === "object" &&
    value !== null &&
    "brokenBy" in value &&
    "run" in value &&
    "requirement" in value &&
    "role" in value &&
    value.role === role
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { discoverChecks } from "../conformance/discover-checks.ts";
import type { FoundAny } from "../conformance/discover-checks.ts";
import { loadRequirements } from "../spec/requirements.ts";
import type { Requirement } from "../spec/requirements.ts";
import { ROOT } from "./root.ts";

/** A place in the sources. */
export interface Place {
  file: string;
  line: number;
}

/** What the suite has on each requirement. */
export interface Evidence {
  requirements: readonly Requirement[];
  checks: readonly FoundAny[];
  /** A requirement's checks. */
  of(requirement: string): readonly FoundAny[];
  /** The names of the faulty implementations that these requirements' checks catch. */
  faultsOf(requirements: readonly string[]): ReadonlySet<string>;
  /** Where a check or a mutant stands, by its id or name. */
  placeOf(name: string): Place | undefined;
}

let gathered: Promise<Evidence> | undefined;

/** Reads the requirements and every check, once. */
export function evidence(): Promise<Evidence> {
  return (gathered ??= gather());
}

async function gather(): Promise<Evidence> {
  const checks = [...(await discoverChecks("server")), ...(await discoverChecks("client"))];
  const byRequirement = Map.groupBy(checks, ({ requirement }) => requirement);
  const places = placesIn("conformance/checks");
  const of = (requirement: string): readonly FoundAny[] => byRequirement.get(requirement) ?? [];
  return {
    requirements: loadRequirements(),
    checks,
    of,
    faultsOf: (ids) => new Set(ids.flatMap(of).flatMap(({ brokenBy }) => brokenBy.map(({ name }) => name))),
    placeOf: (name) => places.get(name),
  };
}

/** The lines that say `id: "…"` or `name: "…"`. */
function placesIn(folder: string): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).toSorted()) {
    if (!name.endsWith(".ts")) continue;
    const file = `${folder}/${name}`;
    for (const [index, text] of readFileSync(join(ROOT, file), "utf8").split("\n").entries()) {
      const found = /^\s*(?:id|name): "([^"]+)"/.exec(text)?.[1];
      if (found !== undefined && !places.has(found)) places.set(found, { file, line: index + 1 });
    }
  }
  return places;
}

/** The specification's file that a requirement stands in: `push`, `client`, … */
export function areaOf({ file }: Requirement): string {
  return file.replace(/^spec\/|\.md$/g, "");
}

/** So many of something. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

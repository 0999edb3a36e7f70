import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Requirement } from "./requirements.ts";
import { specFolder } from "./requirements.ts";

/** What is kept of a requirement: where it stands may change at any time. */
export type FrozenRequirement = Pick<
  Requirement,
  "id" | "role" | "level" | "profile" | "text" | "unobservable"
>;

/**
 * The requirements of the specification as they were at one time, in the order of their ids: a file in `revisions/`, which
 * `npm run spec:freeze` writes.
 */
export interface Revision {
  /** Version of the protocol on the wire, a dot, and a number that grows by one: `1.0`. Its file's name. */
  revision: string;
  /** Only the newest is ever a draft: it follows the prose. A final one never changes. */
  state: "draft" | "final";
  requirements: FrozenRequirement[];
  /** Ids of earlier revisions that stand for nothing any more, and never will again. */
  withdrawn: string[];
}

/** The folder of the frozen lists. */
export const revisionsFolder = (): string => join(specFolder(), "revisions");

/** Every revision, the oldest first. */
export function loadRevisions(folder = revisionsFolder()): Revision[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Revision)
    .toSorted((a, b) => numberOf(a) - numberOf(b));
}

/** As people and reports name it: `1.0-draft`, `1.0`. */
export function nameOf({ revision, state }: Pick<Revision, "revision" | "state">): string {
  return state === "draft" ? `${revision}-draft` : revision;
}

/** A requirement as a revision keeps it. */
export function frozen(requirement: Requirement): FrozenRequirement {
  const { id, role, level, profile, text, unobservable } = requirement;
  return { id, role, level, profile, text, ...(unobservable === undefined ? {} : { unobservable }) };
}

/** The place of a revision in their row, from 0. */
export function numberOf({ revision }: Pick<Revision, "revision">): number {
  return Number(revision.split(".")[1]);
}

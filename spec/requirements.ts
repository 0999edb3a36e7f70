import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export type Role = "server" | "client";
export type Level = "MUST" | "SHOULD" | "MAY";

/** One numbered requirement, as it stands in the prose of this folder. */
export interface Requirement {
  /** Area and number, for example `PUSH-004`. Never reused. */
  id: string;
  role: Role;
  /** RFC 2119 level; MUST NOT counts as MUST, SHOULD NOT as SHOULD. */
  level: Level;
  profile: string;
  /** The sentence without Markdown. */
  text: string;
  /** Path relative to the package, for example `spec/push.md`. */
  file: string;
  /** Line in that file, from 1. */
  line: number;
  /** Why no check can observe it from outside, where the prose says so. */
  unobservable?: string;
}

const LINE = /^\*\*([A-Z]+-\d{3})\*\* \((server|client) (MUST|SHOULD|MAY), ([a-z]+)\) (\S.*)$/;
const LOOKS_LIKE_ONE = /^\s*\**[A-Z]+-\d{3}\**\s*\(/;
const UNOBSERVABLE = /^[*_]Not observable:[*_] (\S.*)$/;

/**
 * Parses the requirement lines of one file of prose.
 * @throws Error naming file and line where a line looks like a requirement but is not well formed.
 */
export function parseRequirements(markdown: string, file: string): Requirement[] {
  const lines = markdown.split("\n");
  return lines.flatMap((line, index) => {
    const match = LINE.exec(line);
    if (!match) {
      if (LOOKS_LIKE_ONE.test(line)) throw new Error(`${file}:${index + 1}: malformed requirement: ${line}`);
      return [];
    }
    const [, id, role, level, profile, text] = match as unknown as [
      string,
      string,
      Role,
      Level,
      string,
      string,
    ];
    const reason = UNOBSERVABLE.exec(lines[index + 1] ?? "")?.[1];
    return [
      {
        id,
        role,
        level,
        profile,
        text: plain(text),
        file,
        line: index + 1,
        ...(reason === undefined ? {} : { unobservable: plain(reason) }),
      },
    ];
  });
}

/**
 * Every requirement of the specification, in the order of files and lines.
 * @throws Error when two lines carry the same id, naming both places.
 */
export function loadRequirements(folder = specFolder()): Requirement[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".md"));
  const all = files
    .sort()
    .flatMap((name) => parseRequirements(readFileSync(join(folder, name), "utf8"), `spec/${name}`));
  const seen = new Map<string, Requirement>();
  for (const requirement of all) {
    const earlier = seen.get(requirement.id);
    if (earlier) {
      throw new Error(
        `${requirement.id} stands twice: ${earlier.file}:${earlier.line} and ${requirement.file}:${requirement.line}`,
      );
    }
    seen.set(requirement.id, requirement);
  }
  return all;
}

/** The folder of the prose, whether this file runs from the sources or from the build. */
export function specFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return join(folder, "spec");
}

function plain(markdown: string): string {
  return markdown
    .replace(/\[([^\]]+)\]\([^)]*\)/g, "$1")
    .replace(/(?<!`)`([^`]+)`(?!`)/g, "$1")
    .replace(/\*\*([^*]+)\*\*/g, "$1");
}

import { readFileSync } from "node:fs";

/**
 * The cases of a vector file, by its name without `.json`.
 *
 * Reads and parses the file rather than importing it: a bundler would turn a member `__proto__` into a prototype.
 */
export function readVectors<Case extends { name: string }>(file: string): Case[] {
  const text = readFileSync(new URL(`./${file}.json`, import.meta.url), "utf8");
  return (JSON.parse(text) as { cases: Case[] }).cases;
}

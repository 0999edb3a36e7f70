import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type SchemaName, validate } from "../schemas/validators.ts";
import { loadRequirements, parseRequirements, specFolder } from "./requirements.ts";

describe("the parser of requirement lines", () => {
  it("reads id, role, level, profile, text and place", () => {
    const prose =
      "# Push\n\n**PUSH-001** (server MUST, http) Every item MUST be judged `one` by [one](x.md).\n";
    expect(parseRequirements(prose, "spec/push.md")).toEqual([
      {
        id: "PUSH-001",
        role: "server",
        level: "MUST",
        profile: "http",
        text: "Every item MUST be judged one by one.",
        file: "spec/push.md",
        line: 3,
      },
    ]);
  });

  it("reads why a requirement cannot be observed", () => {
    const prose = "**X-001** (server MUST, http) A.\n*Not observable:* it is inside.\n";
    expect(parseRequirements(prose, "spec/x.md")[0]?.unobservable).toBe("it is inside.");
  });

  it("refuses a line that only looks like a requirement", () => {
    expect(() => parseRequirements("**X-001** (server OUGHT, http) A.", "spec/x.md")).toThrow(
      /spec\/x\.md:1/,
    );
  });
});

describe("the prose", () => {
  const files = readdirSync(specFolder()).filter((name) => name.endsWith(".md"));
  const fences = files.flatMap((name) => {
    const text = readFileSync(join(specFolder(), name), "utf8");
    return [...text.matchAll(/^```json ([a-z_]+)\n([\s\S]*?)^```/gm)].map((match) => ({
      name: `${name}: ${match[1]} at line ${text.slice(0, match.index).split("\n").length}`,
      schema: match[1] as SchemaName,
      source: match[2] as string,
    }));
  });

  it("has unique ids and each requirement's text uses its level's word", () => {
    for (const { id, level, text } of loadRequirements())
      expect(text, id).toMatch(new RegExp(`\\b${level}\\b`));
  });

  it("refers only to requirements that exist", () => {
    const known = new Set(loadRequirements().map(({ id }) => id));
    const areas = new Set([...known].map((id) => id.split("-")[0]));
    const dangling = files.flatMap((name) => {
      const ids = readFileSync(join(specFolder(), name), "utf8").match(/\b[A-Z]+-\d{3}\b/g) ?? [];
      return ids.filter((id) => areas.has(id.split("-")[0]) && !known.has(id)).map((id) => `${name}: ${id}`);
    });
    expect(dangling).toEqual([]);
  });

  it.each(fences)("example is valid: $name", ({ schema, source }) => {
    expect(validate(schema, JSON.parse(source))).toEqual([]);
  });

  it("has examples of every request and response", () => {
    const shown = new Set(fences.map(({ schema }) => schema));
    for (const schema of [
      "pull_request",
      "pull_response",
      "push_request",
      "push_response",
      "batch_request",
      "batch_response",
      "status_response",
      "discovery_response",
      "problem",
    ] as SchemaName[]) {
      expect(shown).toContain(schema);
    }
  });
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadRequirements, specFolder } from "../requirements.ts";
import { VARIANTS } from "./all.ts";
import { rationale } from "./rationale.ts";

describe("a rule left out", () => {
  const found = VARIANTS.map((variant) => ({ variant, outcome: variant.search() }));

  it.each(found)("is caught: $variant.name", ({ outcome }) => {
    expect(outcome.broken).toBeDefined();
    expect(outcome.broken!.trace.length).toBeGreaterThan(0);
  });

  it("names requirements that exist", () => {
    const known = new Set(loadRequirements().map(({ id }) => id));
    expect(VARIANTS.flatMap(({ breaks }) => breaks).filter((id) => !known.has(id))).toEqual([]);
  });

  it("is told in spec/rationale.md as the search finds it; `npm run search -- --write` renews it", () => {
    expect(readFileSync(join(specFolder(), "rationale.md"), "utf8")).toBe(rationale(found));
  });

  it("is where the prose points", () => {
    const names = new Set(VARIANTS.map(({ name }) => name));
    const links = readdirSync(specFolder())
      .filter((name) => name.endsWith(".md"))
      .flatMap((name) => [
        ...readFileSync(join(specFolder(), name), "utf8").matchAll(/rationale\.md#([a-z-]+)/g),
      ])
      .map((match) => match[1]!);
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((name) => !names.has(name))).toEqual([]);
  });
});

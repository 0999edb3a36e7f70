import { describe, expect, it } from "vitest";
import { loadRequirements } from "../spec/requirements.ts";
import { discoverVariants } from "./model/discover-variants.ts";
import { falseAlarms } from "./testing/false-alarms.ts";

const variants = await discoverVariants();

describe("a server that conforms in its own way hears no false alarm from the checks of http:", () => {
  it.each(variants.map((variant, turn) => [variant.name, variant, turn] as const))(
    "%s",
    { timeout: 120_000 },
    async (_name, variant, turn) => {
      const { alarms, passed } = await falseAlarms(variant, "http", turn);
      expect(alarms).toEqual([]);
      // Else a suite that judges nothing would be sound.
      expect(passed).toBeGreaterThan(120);
    },
  );
});

describe("the variants", () => {
  it("have names of their own", () => {
    expect(new Set(variants.map(({ name }) => name)).size).toBe(variants.length);
  });

  it("cite requirements that exist, and decline none but SHOULDs", () => {
    const requirements = new Map(loadRequirements().map((requirement) => [requirement.id, requirement]));
    const cited = variants.flatMap(({ uses }) => uses.flatMap(({ of }) => of));
    expect(cited.filter((id) => !requirements.has(id))).toEqual([]);
    const declined = variants.flatMap(({ declines = [] }) => declines);
    expect(declined.filter((id) => requirements.get(id)?.level !== "SHOULD")).toEqual([]);
  });
});

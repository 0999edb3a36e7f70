import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ServerCheck } from "./check.ts";
import { discoverChecks } from "./discover-checks.ts";
import { misfits } from "./matrix/matrix.ts";
import { tryCheck } from "./matrix/trial.ts";
import type { Mutant } from "./model/mutant.ts";

const checks = await discoverChecks("server");

async function told(check: ServerCheck, mutant?: Mutant): Promise<string> {
  const { held, why, details } = await tryCheck(check, mutant);
  return held ? "held" : `${why}\n${details}`;
}

describe("every check", () => {
  it("exists", () => expect(checks.length).toBeGreaterThan(0));

  describe.concurrent(
    "passes on the model and fails on each of its mutants, by its own assertion:",
    { timeout: 20_000 },
    () => {
      for (const check of checks) {
        it(`${check.id} passes on the model`, async () => {
          expect(await told(check)).toBe("held");
        });
        for (const mutant of check.brokenBy) {
          it(`${check.id} catches ${mutant.name}`, async () => {
            expect(await told(check, mutant)).toBe("held");
          });
        }
      }
    },
  );

  // serverCheck() refuses a check without a mutant.
  it("has mutants that break its requirement, of unique names", () => {
    expect(misfits(checks)).toEqual([]);
  });
});

describe("every mutant", () => {
  it("is named by a check", async () => {
    const folder = join(import.meta.dirname, "checks", "server");
    const files = readdirSync(folder).filter((name) => name.endsWith(".ts") && !name.includes(".test."));
    const modules = await Promise.all(
      files.map((file) => import(join(folder, file)) as Promise<Record<string, unknown>>),
    );
    const named = new Set(checks.flatMap(({ brokenBy }) => brokenBy.map(({ name }) => name)));
    const orphans = modules
      .flatMap((module) => Object.values(module).flat())
      .filter(isMutant)
      .filter(({ name }) => !named.has(name))
      .map(({ name }) => name);
    expect(orphans).toEqual([]);
  });
});

function isMutant(value: unknown): value is Mutant {
  return typeof value === "object" && value !== null && "story" in value && "deform" in value;
}

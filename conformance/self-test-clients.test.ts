import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ClientCheck } from "./client-check.ts";
import { discoverChecks } from "./discover-checks.ts";
import { misfits } from "./matrix/matrix.ts";
import { tryCheck } from "./matrix/trial.ts";
import type { ClientMutant } from "./model-client/mutant.ts";

const checks = await discoverChecks("client");

async function told(check: ClientCheck, mutant?: ClientMutant): Promise<string> {
  const { held, why, details } = await tryCheck(check, mutant);
  return held ? "held" : `${why}\n${details}`;
}

describe("every check of clients", () => {
  it("exists", () => expect(checks.length).toBeGreaterThan(0));

  describe.concurrent(
    "passes on the model client and fails on each of its mutants, by its own assertion:",
    { timeout: 60_000 },
    () => {
      for (const check of checks) {
        it(`${check.id} passes on the model client`, async () => {
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

  it("has mutants that break its requirement, of unique names", () => {
    expect(misfits(checks)).toEqual([]);
  });
});

describe("every faulty client", () => {
  it("is named by a check", async () => {
    const folder = join(import.meta.dirname, "checks", "client");
    const files = readdirSync(folder).filter((name) => name.endsWith(".mutants.ts"));
    const modules = await Promise.all(
      files.map((file) => import(join(folder, file)) as Promise<Record<string, unknown>>),
    );
    const named = new Set(checks.flatMap(({ brokenBy }) => brokenBy.map(({ name }) => name)));
    const orphans = modules
      .flatMap((module) => Object.values(module).flat())
      .filter(
        (value): value is ClientMutant => typeof value === "object" && value !== null && "deform" in value,
      )
      .filter(({ name }) => !named.has(name))
      .map(({ name }) => name);
    expect(orphans).toEqual([]);
  });
});

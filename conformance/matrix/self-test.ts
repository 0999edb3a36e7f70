import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { ServerCheck } from "../check.ts";
import type { ClientCheck } from "../client-check.ts";
import { discoverChecks } from "../discover-checks.ts";
import { misfits } from "./matrix.ts";
import { tryCheck } from "./trial.ts";
import type { AnyMutant } from "./trial.ts";

interface SelfTestOptions {
  /** Of one trial. */
  timeoutMs: number;
  /** Trials at once. */
  concurrency: number;
}

/** Tests of every check of a role, against the model and all of its mutants, and that no mutant stands idle. */
export async function selfTest(
  role: "server" | "client",
  { timeoutMs, concurrency }: SelfTestOptions,
): Promise<void> {
  vi.setConfig({ maxConcurrency: concurrency });
  const checks: readonly (ServerCheck | ClientCheck)[] = await discoverChecks(role);
  const told = async (check: ServerCheck | ClientCheck, mutant?: AnyMutant): Promise<string> => {
    const { held, why, details } = await tryCheck(check, mutant);
    return held ? "held" : `${why}\n${details}`;
  };

  describe(`every check of ${role}s`, () => {
    it("exists", () => expect(checks.length).toBeGreaterThan(0));

    describe.concurrent(
      "passes on the model and fails on each of its mutants, by its own assertion:",
      { timeout: timeoutMs },
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

    // Whoever defines a check without a mutant is refused at once.
    it("has mutants that break its requirement, of unique names", () => {
      expect(misfits(checks)).toEqual([]);
    });
  });

  it(`every mutant of ${role}s is named by a check`, async () => {
    const folder = join(import.meta.dirname, "..", "checks", role);
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
}

function isMutant(value: unknown): value is AnyMutant {
  return typeof value === "object" && value !== null && "story" in value && "deform" in value;
}

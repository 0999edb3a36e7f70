import { describe, expect, it } from "vitest";
import { loadRequirements } from "../spec/requirements.ts";
import { discoverChecks } from "./discover-checks.ts";
import type { FoundAny } from "./discover-checks.ts";
import type { AnyMutant } from "./matrix/trial.ts";

const requirements = loadRequirements();
const checks: readonly FoundAny[] = [
  ...(await discoverChecks("server")),
  ...(await discoverChecks("client")),
];
const checked = new Set(checks.map(({ requirement }) => requirement));
const group = ({ role, profile }: { role: string; profile: string }): string => `${role}, profile ${profile}`;
const withChecks = new Set(requirements.filter(({ id }) => checked.has(id)).map(group));

describe("the trace from requirements to checks", () => {
  it("knows every requirement that a check names", () => {
    const known = new Set(requirements.map(({ id }) => id));
    expect(checks.filter(({ requirement }) => !known.has(requirement)).map(({ id }) => id)).toEqual([]);
  });

  it("knows every requirement that a mutant names", () => {
    const known = new Set(requirements.map(({ id }) => id));
    const unknown = checks.flatMap(({ brokenBy }) =>
      brokenBy.flatMap(({ name, breaks }: AnyMutant) =>
        breaks.filter((id) => !known.has(id)).map((id) => `${name} breaks ${id}`),
      ),
    );
    expect([...new Set(unknown)]).toEqual([]);
  });

  it("checks requirements on servers at servers, and those on clients at clients", () => {
    const roles = new Map(requirements.map(({ id, role }) => [id, role]));
    const strangers = checks.filter(({ requirement, role }) => roles.get(requirement) !== role);
    expect(strangers.map(({ id }) => id)).toEqual([]);
  });

  for (const name of [...new Set(requirements.map(group))].toSorted()) {
    const own = requirements.filter(
      (requirement) => group(requirement) === name && requirement.level !== "MAY",
    );
    const open = own.filter(({ id, unobservable }) => !checked.has(id) && unobservable === undefined);
    const demanded = withChecks.has(name) ? open : [];
    const state = withChecks.has(name)
      ? "each has a check, or a reason why there is none"
      : `${open.length} requirements, not yet checked`;
    it(`${name}: ${state}`, () => {
      expect(demanded.map(({ id, text, file, line }) => `${id} ${file}:${line} ${text}`)).toEqual([]);
    });
  }
});

import { describe, expect, it } from "vitest";
import { discoverChecks } from "../discover-checks.ts";
import { byKind, mutantsOfHistories, noticedBySingleChecks, readList, renewed } from "./single-checks.ts";
import { tryCheck } from "./trial.ts";

const checks = await discoverChecks("server");
const mutants = new Map(mutantsOfHistories(checks).map((mutant) => [mutant.name, mutant]));
const { onlyHistories, alsoChecks } = readList();

describe("the list of mutants that histories catch (npm run mutants:histories -- --write)", () => {
  it("has each of them once", () => {
    const listed = [...onlyHistories, ...Object.keys(alsoChecks)];
    expect(listed.toSorted()).toEqual([...mutants.keys()].toSorted());
  });

  it("has twenty or more that nothing else finds", () => {
    expect(onlyHistories.length).toBeGreaterThanOrEqual(20);
  });

  it("names checks of single situations that do find the others", { timeout: 60_000 }, async () => {
    const single = new Map(byKind(checks).single.map((check) => [check.id, check]));
    const listed = Object.entries(alsoChecks);
    expect(listed.flatMap(([, by]) => by).filter((id) => !single.has(id))).toEqual([]);
    const unfound = listed.map(async ([name, by]) => {
      // What depends on the moment one of them may miss.
      for (const id of by) if ((await tryCheck(single.get(id)!, mutants.get(name))).held) return [];
      return [name];
    });
    expect((await Promise.all(unfound)).flat()).toEqual([]);
  });
});

it("trying finds what notices a mutant, and what does not", { timeout: 60_000 }, async () => {
  const [found, unseen] = ["keeps-rewrites-in-memory", "merges-numbers-when-busy"] as const;
  const some = checks.filter(({ requirement }) => requirement === "PUSH-015");
  const both = [mutants.get(found)!, mutants.get(unseen)!];
  expect(await noticedBySingleChecks(some, both, { seeds: ["a test"] })).toEqual({
    onlyHistories: [unseen],
    alsoChecks: { [found]: ["PUSH-015/acknowledged-survives-a-kill"] },
  });
});

it("the list keeps what it said of others, and forgets mutants that are no more", () => {
  const list = { onlyHistories: ["a", "gone"], alsoChecks: { b: ["X-001/x"], c: ["X-001/x"] } };
  const found = { onlyHistories: ["c"], alsoChecks: { a: ["X-002/y"] } };
  expect(renewed(list, found, ["b"])).toEqual({
    onlyHistories: ["c"],
    alsoChecks: { a: ["X-002/y"], b: ["X-001/x"] },
  });
});

import { expect, it } from "vitest";
import { discoverChecks } from "../discover-checks.ts";
import { seededRandom } from "../run/seeded.ts";
import { isCaught, pairsOf } from "./pairs.ts";

const checks = await discoverChecks("server");

/** All of them: `npm run mutants:histories -- --pairs`. */
const SAMPLE = 16;

it(
  "a server with two faults at once is caught as well: no fault hides another",
  { timeout: 120_000 },
  async () => {
    const random = seededRandom("two faults", "pairs");
    const sample = pairsOf(checks)
      .map((pair) => ({ pair, at: random() }))
      .toSorted((a, b) => a.at - b.at)
      .slice(0, SAMPLE)
      .map(({ pair }) => pair);
    const hidden: string[] = [];
    for (const pair of sample)
      if (!(await isCaught(checks, pair, "self-test")))
        hidden.push(pair.map(({ name }) => name).join(" and "));
    expect(hidden).toEqual([]);
  },
);

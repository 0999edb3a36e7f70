import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { discoverChecks } from "../discover-checks.ts";
import type { FoundCheck } from "../discover-checks.ts";
import { isCaught, pairsOf } from "../matrix/pairs.ts";
import {
  LIST,
  mutantsOfHistories,
  noticedBySingleChecks,
  readList,
  renewed,
} from "../matrix/single-checks.ts";

const USAGE = `npm run mutants:histories -- [--write] [--only <mutant,…>] [--seeds <a,b,…>] [--pairs]
Tries every mutant of the checks that play histories on all the other checks, to tell which faults nothing but histories finds.
A few minutes. --write: renews the list, conformance/matrix/history-mutants.json; with --only what it says of those.
--pairs: tries instead whether every two of them in one server are caught. Exit status 0: done. 2: wrong usage.
`;

/** @returns the exit status */
async function main(words: readonly string[], write: (text: string) => void): Promise<number> {
  let options: { write: boolean; only: string; seeds: string; pairs: boolean };
  try {
    options = parseArgs({
      args: [...words],
      options: {
        write: { type: "boolean", default: false },
        only: { type: "string", default: "" },
        pairs: { type: "boolean", default: false },
        seeds: { type: "string", default: "self-test,another" },
      },
    }).values;
  } catch (error) {
    write(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  const checks = await discoverChecks("server");
  const all = mutantsOfHistories(checks);
  const only = options.only.split(",").filter((name) => name !== "");
  const stranger = only.find((name) => !all.some((mutant) => mutant.name === name));
  if (stranger !== undefined) {
    write(`--only: no check that plays histories names the mutant "${stranger}"\n${USAGE}`);
    return 2;
  }
  const mutants = only.length === 0 ? all : all.filter(({ name }) => only.includes(name));
  const seeds = options.seeds.split(",");
  if (options.pairs) return tryPairs(checks, only, seeds[0]!, write);
  const began = performance.now();
  const noticed = await noticedBySingleChecks(checks, mutants, {
    seeds,
    told: (done) => (done % 2_000 === 0 ? write(`  ${done} trials done\n`) : undefined),
  });
  for (const [name, by] of Object.entries(noticed.alsoChecks)) write(`${name}: ${by.join(", ")}\n`);
  write(`only histories: ${noticed.onlyHistories.join(", ") || "none"}\n`);
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  write(`${noticed.onlyHistories.length} of ${mutants.length} mutants, ${minutes} minutes\n`);
  if (options.write) {
    const known = all.filter((mutant) => !mutants.includes(mutant)).map(({ name }) => name);
    writeFileSync(LIST, `${JSON.stringify(renewed(readList(), noticed, known), null, 2)}\n`);
  }
  return 0;
}

async function tryPairs(
  checks: readonly FoundCheck[],
  only: readonly string[],
  seed: string,
  write: (text: string) => void,
): Promise<number> {
  const wanted = pairsOf(checks).filter(
    (pair) => only.length === 0 || pair.some(({ name }) => only.includes(name)),
  );
  let hidden = 0;
  for (const pair of wanted) {
    if (await isCaught(checks, pair, seed)) continue;
    hidden += 1;
    write(`not caught: ${pair.map(({ name }) => name).join(" and ")}\n`);
  }
  write(`${wanted.length - hidden} of ${wanted.length} pairs are caught\n`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2), (text) => void process.stdout.write(text));

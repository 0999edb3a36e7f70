import { parseArgs } from "node:util";
import { bundle, launchChromium } from "../testing/chromium.ts";
import { type Figures, play } from "./run.ts";
import { startSoakServer } from "./server.ts";

const USAGE = `npm run soak:client -- [--runs 100] [--seed 1]
Plays with everything real: the reference server in workerd, Chromium, a process; all killed at random. Looks for what was lost,
doubled, or never came to agree. Exit status 0: nothing. 1: something. 2: wrong usage.
`;

async function soak(runs: number, seed: number): Promise<boolean> {
  const script = await bundle(new URL("tab.page.ts", import.meta.url));
  const browser = await launchChromium();
  const server = await startSoakServer();
  const all: Figures[] = [];
  const began = performance.now();
  try {
    for (let run = 0; run < runs; run++) {
      const figures = await play({ browser, script, server }, seed + run);
      all.push(figures);
      for (const fault of figures.faults)
        process.stdout.write(`FAULT, --runs 1 --seed ${seed + run}: ${fault}\n`);
      if ((run + 1) % 10 === 0) process.stdout.write(`${told(all)}\n`);
    }
  } finally {
    await browser.close();
    await server.close();
  }
  const failed = all.filter(({ faults }) => faults.length > 0).length;
  process.stdout.write(
    `${failed === 0 ? "all agreed, nothing lost" : `FAILED: ${failed} runs`}: ${told(all)}, ${((performance.now() - began) / 1000).toFixed(0)} s\n`,
  );
  return failed === 0;
}

function told(all: readonly Figures[]): string {
  const sum = (of: (figures: Figures) => number): number =>
    all.reduce((total, figures) => total + of(figures), 0);
  const settled = all.map((figures) => figures.settled).toSorted((a, b) => a - b);
  const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(2);
  return [
    `${all.length} runs`,
    `${sum(({ resolved }) => resolved)} writes resolved`,
    `${sum(({ interrupted }) => interrupted)} interrupted`,
    `${sum(({ refused }) => refused)} refused`,
    `${sum(({ reloads }) => reloads)} reloads`,
    `${sum(({ crashes }) => crashes)} crashes of tabs`,
    `${sum(({ processKills }) => processKills)} kills of the process`,
    `${sum(({ serverKills }) => serverKills)} of the server`,
    `${sum(({ offline }) => offline)} times offline`,
    `agreed after ${seconds(settled[Math.floor(settled.length / 2)]!)} s (median), ${seconds(settled.at(-1)!)} s (longest)`,
  ].join(", ");
}

try {
  const { values } = parseArgs({
    options: { runs: { type: "string", default: "100" }, seed: { type: "string", default: "1" } },
  });
  const [runs, seed] = [Number(values.runs), Number(values.seed)];
  if (!Number.isInteger(runs) || runs < 1) throw new TypeError(`--runs: ${values.runs} is no number of runs`);
  if (!Number.isInteger(seed)) throw new TypeError(`--seed: ${values.seed} is no whole number`);
  process.exitCode = (await soak(runs, seed)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}

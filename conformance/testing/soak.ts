import { spawn } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { soakRun } from "./soak-run.ts";
import { ROLES, soakSubjects } from "./soak-subjects.ts";
import type { Role } from "./soak-subjects.ts";

const USAGE = `npm run soak -- [--role server|client] [--runs 200] [--load <processes>] [--only <subject,…>] [--also "<command>"]… [--seed <text>] [--keep <folder>]
Runs the suite (dist) again and again, under load, against servers, or clients, that conform: any other verdict than passed is a false
one. --load: busy processes beside it (twice the cores); --also: a further server, {port} standing for its port, or the adapter of a
further client; --keep: where results with false verdicts are kept (reports/soak). Exit status 0: no false verdict. 1: one or more. 2: wrong usage.
`;
const CLI = resolve(dirname(fileURLToPath(import.meta.url)), "../../dist/bin/mirubato-sync.js");
/** Ends with its parent, however that ends. */
const BUSY = `const parent = process.ppid;
while (process.ppid === parent) { const until = Date.now() + 100; while (Date.now() < until); }`;

interface Options {
  role: Role;
  runs: number;
  load: number;
  only: string[];
  also: string[];
  seed: string;
  keep: string;
}

/** @returns the exit status */
async function main(words: readonly string[], write: (text: string) => void): Promise<number> {
  const options = optionsOf(words);
  if (typeof options === "string") {
    write(`${options}\n${USAGE}`);
    return 2;
  }
  const all = await soakSubjects(options.role, CLI, options.also);
  const subjects = options.only.length === 0 ? all : all.filter(({ name }) => options.only.includes(name));
  const stranger = options.only.find((name) => !all.some((subject) => subject.name === name));
  if (stranger !== undefined) {
    write(`--only: there is no "${stranger}"; there are ${all.map(({ name }) => name).join(", ")}\n${USAGE}`);
    return 2;
  }
  const interrupted = new AbortController();
  const onSignal = (): void => interrupted.abort();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  const busy = Array.from({ length: options.load }, () =>
    spawn(process.execPath, ["-e", BUSY], { stdio: "ignore" }),
  );
  mkdirSync(options.keep, { recursive: true });
  write(`${options.runs} runs under ${options.load} busy processes, seed ${options.seed}\n`);

  const began = performance.now();
  const total = { runs: 0, checks: 0, again: 0, wrong: 0 };
  try {
    for (let n = 1; n <= options.runs; n += 1) {
      const subject = subjects[(n - 1) % subjects.length]!;
      const seed = `${options.seed}-${n}`;
      const file = join(options.keep, `${subject.name}-${seed}.json`);
      const run = await soakRun(CLI, subject, { seed, file, signal: interrupted.signal }).catch(
        (error: unknown) => {
          rmSync(file, { force: true });
          throw error;
        },
      );
      total.runs += 1;
      total.checks += run.checks;
      total.again += run.secondTries.length;
      total.wrong += run.falseVerdicts.length;
      const told = `${run.passed} of ${run.checks} passed, ${run.notApplicable} not applicable, ${run.seconds.toFixed(1)} s`;
      write(`${String(n).padStart(4)} ${subject.name.padEnd(18)} seed ${seed}: ${told}\n`);
      for (const one of run.secondTries) write(`     ${one}\n`);
      for (const verdict of run.falseVerdicts) write(`     FALSE ${verdict}\n`);
      if (run.falseVerdicts.length === 0) rmSync(file, { force: true });
      else write(`     kept: ${file}\n`);
    }
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    write("interrupted; what that run had done by then is not judged\n");
  } finally {
    for (const one of busy) one.kill("SIGKILL");
  }
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  write(
    `${total.runs} runs, ${total.checks} checks, ${total.again} passed at a second try, ${total.wrong} false verdicts, ${minutes} minutes\n`,
  );
  return total.wrong === 0 ? 0 : 1;
}

function optionsOf(words: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        role: { type: "string", default: "server" },
        runs: { type: "string", default: "200" },
        load: { type: "string", default: String(2 * availableParallelism()) },
        only: { type: "string", default: "" },
        also: { type: "string", multiple: true, default: [] },
        seed: { type: "string", default: Date.now().toString(36) },
        keep: { type: "string", default: "reports/soak" },
      },
    });
    const [runs, load] = [Number(values.runs), Number(values.load)];
    if (!Number.isInteger(runs) || runs < 1) return `--runs: ${values.runs} is no number of runs`;
    if (!Number.isInteger(load) || load < 0) return `--load: ${values.load} is no number of processes`;
    const role = ROLES.find((each) => each === values.role);
    if (role === undefined) return `--role: there is no role "${values.role}"; there are server and client`;
    const deaf = values.also.find((command) => role === "server" && !command.includes("{port}"));
    if (deaf !== undefined) return `--also: "${deaf}" has no {port}; say where the server is to listen`;
    return { ...values, role, runs, load, only: values.only.split(",").filter((name) => name !== "") };
  } catch (error) {
    return (error as Error).message;
  }
}

process.exitCode = await main(process.argv.slice(2), (text) => void process.stdout.write(text));

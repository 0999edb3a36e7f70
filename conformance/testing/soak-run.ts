import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { SoakSubject } from "./soak-subjects.ts";
import { unexpectedOf } from "./unexpected.ts";

/** Time for an interrupted run to end its servers. */
const GRACE_MS = 60_000;
const TAIL = 2_000;

/** What one run of the command line came to. */
export interface SoakRun {
  checks: number;
  passed: number;
  notApplicable: number;
  /** Of those that passed: what did so at a second try, and why not at the first. */
  secondTries: string[];
  /** Verdicts that are wrong, each in a line; also the words of a run that left no result. */
  falseVerdicts: string[];
  seconds: number;
}

interface ResultFile {
  checks: { id: string; verdict: string; message?: string | null }[];
}

/** Runs `test <role>` as its user does, in a process of its own. @throws the signal's reason once an interrupted run has ended */
export async function soakRun(
  cli: string,
  subject: SoakSubject,
  { seed, file, signal }: { seed: string; file: string; signal: AbortSignal },
): Promise<SoakRun> {
  signal.throwIfAborted();
  const began = performance.now();
  const words = [cli, "test", subject.role, ...subject.flags, "--seed", seed, "--report", `json=${file}`];
  // A group of its own: Ctrl-C is for this process to pass on.
  const child = spawn(process.execPath, words, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let tail = "";
  const keep = (chunk: Buffer): void => void (tail = (tail + chunk.toString("utf8")).slice(-TAIL));
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  let killer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    child.kill("SIGTERM");
    killer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  };
  signal.addEventListener("abort", stop, { once: true });
  const ended = await new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, by) => resolve(by ?? `exit status ${code}`));
  });
  clearTimeout(killer);
  signal.removeEventListener("abort", stop);
  signal.throwIfAborted();
  return { ...judged(file, subject, ended, tail), seconds: (performance.now() - began) / 1000 };
}

function judged(file: string, subject: SoakSubject, ended: string, tail: string): Omit<SoakRun, "seconds"> {
  let checks: ResultFile["checks"];
  try {
    ({ checks } = JSON.parse(readFileSync(file, "utf8")) as ResultFile);
  } catch {
    return {
      checks: 0,
      passed: 0,
      notApplicable: 0,
      secondTries: [],
      falseVerdicts: [`no result (${ended}): ${tail.trim()}`],
    };
  }
  const count = (verdict: string): number => checks.filter((check) => check.verdict === verdict).length;
  const falseVerdicts = checks.flatMap((check) => unexpectedOf(check, subject) ?? []);
  if (count("passed") === 0) falseVerdicts.push("no check passed");
  if (falseVerdicts.length === 0 && ended !== "exit status 0") falseVerdicts.push(`${ended}: ${tail.trim()}`);
  return {
    checks: checks.length,
    passed: count("passed"),
    notApplicable: count("not-applicable"),
    secondTries: checks.flatMap(({ id, verdict, message }) =>
      verdict === "passed" && message ? [`${id} ${message}`] : [],
    ),
    falseVerdicts,
  };
}

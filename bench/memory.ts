import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Ids of the workerd processes below this one. */
export async function workerds(): Promise<number[]> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,comm="]);
  const all = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, command = ""]) => ({ pid: Number(pid), parent: Number(parent), command }));
  const below = (parent: number): typeof all =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return (
    below(process.pid)
      // Not the script that watches over it.
      .filter(({ command }) => command.split("/").at(-1) === "workerd")
      .map(({ pid }) => pid)
  );
}

/** Bytes that a process holds in memory. */
export async function residentBytes(pid: number): Promise<number> {
  const { stdout } = await run("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout) * 1024;
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isAlive, pidFileOf, requireUnserved, requireWritable } from "./start-checks.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/start-checks-`);
});
afterEach(() => rmSync(folder, { recursive: true }));

test.runIf(existsSync("/proc/self/status"))("data is not held by a zombie", async () => {
  // The parent never asks after its child, as the first process of many containers: not from when it has become another program.
  const script = `console.log("become"); setTimeout(() => {}, 1e6)`;
  const parent = spawn("sh", ["-c", `sleep 1000 & echo $!; exec "$0" -e '${script}'`, process.execPath]);
  const said: string[] = [];
  for await (const each of createInterface(parent.stdout)) if (said.push(each) === 2) break;
  expect(said).toEqual([expect.stringMatching(/^[1-9]\d*$/), "become"]);
  const [line = ""] = said;
  process.kill(Number(line), "SIGKILL");
  await vi.waitFor(() => expect(readFileSync(`/proc/${line}/status`, "utf8")).toMatch(/^State:\s+Z/m), 5_000);
  writeFileSync(pidFileOf(folder), line);
  expect(isAlive(Number(line))).toBe(false);
  await expect(requireUnserved(folder)).resolves.toBeUndefined();
  parent.kill("SIGKILL");
  await once(parent, "exit");
});

test("data is held by a process that runs", async () => {
  writeFileSync(pidFileOf(folder), String(process.pid));
  await expect(requireUnserved(folder)).rejects.toThrow(`is served by process ${process.pid}`);
});

test("a data directory is made, with those above it", async () => {
  await requireWritable(`${folder}/a/b/c`);
  await requireWritable(`${folder}/a/b/c`);
  expect(existsSync(`${folder}/a/b/c`)).toBe(true);
});

test("a data directory that is in a file is refused", async () => {
  writeFileSync(`${folder}/file`, "");
  await expect(requireWritable(`${folder}/file/a`)).rejects.toThrow(
    /is, or is in, a file: choose a directory/,
  );
  await expect(requireWritable(`${folder}/file`)).rejects.toThrow(/is, or is in, a file: choose a directory/);
});

test.runIf(existsSync("/proc/self/status"))(
  "a system that takes no directory is not asked for ever",
  async () => {
    await expect(requireWritable("/proc/mirubato/data")).rejects.toThrow(
      /\/proc\/mirubato\/data can't be written \(ENOENT\): choose another one/,
    );
  },
);

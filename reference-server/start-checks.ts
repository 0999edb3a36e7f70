import { readFileSync } from "node:fs";
import { access, constants, mkdir, readFile, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join, resolve as absolute } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { UsageError } from "./usage-error.ts";

/** Longer than the guard takes to end the workerd of a server that was killed. */
const STALE_MS = 2_000;

/** Throws a {@link UsageError} unless the port is free. */
export async function requireFreePort(host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOTFOUND" || error.code === "EAI_AGAIN" || error.code === "EADDRNOTAVAIL") {
        reject(
          new UsageError(`The host ${host} is no address of this machine (${error.code}): try 127.0.0.1.`),
        );
        return;
      }
      const reason = error.code === "EADDRINUSE" ? "is in use" : `can't be used (${error.code})`;
      reject(new UsageError(`Port ${port} on ${host} ${reason}: choose another one, or 0 for any.`));
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

/** Makes the directory if need be. Throws a {@link UsageError} unless it can be written. */
export async function requireWritable(directory: string): Promise<void> {
  try {
    await makeDirectory(absolute(directory));
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" || code === "ENOTDIR") {
      throw new UsageError(`The data directory ${directory} is, or is in, a file: choose a directory.`);
    }
    throw new UsageError(
      `The data directory ${directory} can't be written (${code}): choose another one or mend its permissions.`,
    );
  }
}

/** Step by step: where a system refuses (/proc), Node's own recursion never ends. */
async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await stat(directory)).isDirectory()) return;
    const parent = dirname(directory);
    // A system may say that of a parent which is there; once it has been made sure of, it is not asked again.
    if (code !== "ENOENT" || parent === directory || (await exists(parent))) throw error;
    await makeDirectory(parent);
    await mkdir(directory);
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Where the workerd that serves this data says who it is. */
export function pidFileOf(directory: string): string {
  return join(directory, "workerd.pid");
}

/**
 * Waits for the workerd of a server that was killed to end: two over the same files would be one too many. Throws a
 * {@link UsageError} if it stays, for then the data is being served.
 */
export async function requireUnserved(directory: string): Promise<void> {
  const file = pidFileOf(directory);
  const pid = Number.parseInt(await readFile(file, "utf8").catch(() => ""), 10);
  if (!Number.isSafeInteger(pid)) return;
  for (const end = Date.now() + STALE_MS; isAlive(pid); await delay(50)) {
    if (Date.now() < end) continue;
    throw new UsageError(
      `The data directory ${directory} is served by process ${pid}: stop it, or delete ${file} if that is another program.`,
    );
  }
}

/** A zombie, waiting for a parent that may never come to ask, is not alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    // No /proc on this system, or it has just ended; in doubt the data is not touched.
    return true;
  }
}

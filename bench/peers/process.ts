import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Worker } from "./workerd.ts";

/** Runs a peer's server in a Node process of its own, which ends with this one at the latest. */
export async function startProcess(program: string, folder: string): Promise<Worker> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  // What it prints is not what is measured.
  const child = fork(path, [folder], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = once(child, "exit");
  const url = await Promise.race([once(child, "message"), ended.then(() => undefined)]);
  if (url === undefined) throw new Error(`${program} ended before it said where it is`);
  return {
    url: url[0] as string,
    async close() {
      child.disconnect();
      await ended;
    },
  };
}

/** The other side: tells the address, and calls `close` when the benchmark is over. */
export function serving(url: string, close: () => Promise<unknown> | void): void {
  process.send!(url);
  process.once("disconnect", () => {
    void Promise.resolve(close()).then(() => process.exit(0));
  });
}

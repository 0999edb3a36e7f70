import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startServer } from "../reference-server/serve.ts";
import type { Served, ServeOptions } from "./serve.ts";

/** The reference server in workerd. It keeps its port, its data and its clock when it is restarted or killed. */
export async function referenceServer(options: ServeOptions): Promise<Served> {
  let running = await startServer(options);
  let aheadMs = 0;
  const { url } = running;
  const again = { ...options, port: Number(new URL(url).port), migrated: true };
  const restart = async (): Promise<void> => {
    await running.close();
    running = await startServer({ ...again, clockAheadMs: aheadMs });
  };
  const kill = async (): Promise<void> => {
    for (const pid of await workerdProcesses()) process.kill(pid, "SIGKILL");
    await restart();
  };
  return {
    url,
    close: () => running.close(),
    restart,
    // Where there is no ps, nobody says which workerd is this one's.
    ...(process.platform === "win32" ? {} : { kill }),
    evict: (user) => running.evict(user),
    failNextWrite: () => running.failNextWrite(),
    advanceClock: async (ms) => {
      await running.advanceClock(ms);
      aheadMs += ms;
    },
  };
}

/** The Workers runtimes that this process started. */
async function workerdProcesses(): Promise<number[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,comm="]);
  return stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, command]) => Number(parent) === process.pid && command?.includes("workerd"))
    .map(([pid]) => Number(pid));
}

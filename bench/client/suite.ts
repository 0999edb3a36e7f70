import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { timed } from "../../conformance/bench/timing.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Seconds that `npm start` or `npm run test:client` takes, npm itself left out. Needs what `npm run build` makes. */
export async function suiteSeconds(role: "server" | "client"): Promise<number> {
  const config = `reference-${role}/conformance.config.json`;
  const took = await timed(async () => {
    const args = ["dist/bin/mirubato-sync.js", "test", role, "--config", config];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
    const [status] = (await once(child, "exit")) as [number | null];
    if (status !== 0) throw new Error(`the suite against the reference ${role} ended with ${status}`);
  });
  return took / 1000;
}

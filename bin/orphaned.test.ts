import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const BIN = join(dirname(fileURLToPath(import.meta.url)), "mirubato-sync.ts");

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/health`).then(
    () => true,
    () => false,
  );
}

it.each(["SIGTERM", "SIGKILL"] as const)("serve ends with the npx that started it (%s)", async (signal) => {
  // What npx does: a shell in between, which passes nothing on.
  const words = ["-c", `"$0" "$1" serve --model --port 0; true`, process.execPath, BIN];
  const shell = spawn("sh", words, { detached: true, env: { ...process.env, npm_command: "exec" } });
  try {
    const [line] = (await once(createInterface({ input: shell.stdout }), "line")) as [string];
    const url = /http\S+/.exec(line)![0];
    expect(await answers(url)).toBe(true);
    shell.kill(signal);
    await expect.poll(() => answers(url), { timeout: 5_000 }).toBe(false);
  } finally {
    try {
      process.kill(-shell.pid!, "SIGKILL");
    } catch {
      // The group has ended, as it should.
    }
  }
});

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const BIN = join(dirname(fileURLToPath(import.meta.url)), "mirubato-sync.ts");
const timeout = 60_000;

/** What npx does: a shell in between, which passes nothing on. The group ends with the test. */
async function underShell(words: string, act: (shell: ChildProcess) => Promise<void>): Promise<void> {
  const env = { ...process.env, npm_command: "exec", MIRUBATO_JWT_SECRET: "", MIRUBATO_URL: "" };
  const all = ["-c", `"$0" "$1" ${words}; true`, process.execPath, BIN];
  const shell = spawn("sh", all, { detached: true, env, stdio: ["ignore", "pipe", "inherit"] });
  try {
    await act(shell);
  } finally {
    try {
      process.kill(-shell.pid!, "SIGKILL");
    } catch {
      // The group has ended, as it should.
    }
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(`${url}/health`).then(
    () => true,
    () => false,
  );
}

it.each(["SIGTERM", "SIGKILL"] as const)(
  "serve ends with the npx that started it (%s)",
  { timeout },
  async (signal) => {
    await underShell("serve --model --port 0", async (shell) => {
      const [line] = (await once(createInterface({ input: shell.stdout! }), "line")) as [string];
      const url = /http\S+/.exec(line)![0];
      expect(await answers(url)).toBe(true);
      shell.kill(signal);
      await expect.poll(() => answers(url), { timeout }).toBe(false);
    });
  },
);

it("a run ends with the npx that started it, and leaves its report", { timeout }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "orphaned-"));
  const report = join(folder, "result.json");
  const words = `test server --start "\\"$0\\" \\"$1\\" serve --model --port {port}" --concurrency 2 --report "json=${report}"`;
  await underShell(words, async (shell) => {
    const lines = createInterface({ input: shell.stdout! });
    await new Promise<void>((resolve) => {
      lines.on("line", (line) => {
        if (line.includes("checks done")) resolve();
      });
    });
    // When nothing holds its output any more, the run has ended, too, and has ended the server that it started.
    const closed = once(shell, "close");
    shell.kill("SIGTERM");
    await closed;
    expect(readFileSync(report, "utf8")).toMatch(/not done when the run was interrupted \(SIGTERM\)/);
  });
  rmSync(folder, { recursive: true });
});

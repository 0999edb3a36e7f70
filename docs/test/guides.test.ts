import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../root.ts";
import { guides } from "./guides.ts";
import type { Run } from "./guides.ts";

/** What wrangler looks up otherwise. */
const OFFLINE = {
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
};

type AtEnd = (clean: () => void) => void;

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** An empty folder of a reader's, in which the package is installed. */
function newFolder(onTestFinished: AtEnd): string {
  const folder = mkdtempSync(join(tmpdir(), "mirubato-sync-guide-"));
  mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
  symlinkSync(join(ROOT, "dist/bin/mirubato-sync.js"), join(folder, "node_modules/.bin/mirubato-sync"));
  symlinkSync(ROOT, join(folder, "node_modules/mirubato-sync"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function start(
  commands: string,
  folder: string,
  onTestFinished: AtEnd,
): { child: ChildProcess; said: () => string } {
  // Through the Node that the package pins, as the package's own npx would.
  const path = [join(folder, "node_modules/.bin"), join(ROOT, "node_modules/.bin"), process.env["PATH"]].join(
    delimiter,
  );
  const child = spawn("bash", ["-euc", commands.replaceAll(/npx (?=mirubato-sync|wrangler)/g, "")], {
    cwd: folder,
    env: { ...process.env, ...OFFLINE, PATH: path, NO_COLOR: "1" },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data: Buffer) => void (text += String(data)));
  onTestFinished(() => {
    try {
      process.kill(-child.pid!, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  });
  return { child, said: () => text };
}

async function expectAsTold(run: Run, folder: string, onTestFinished: AtEnd): Promise<void> {
  const { child, said } = start(run.commands, folder, onTestFinished);
  if (run.background) {
    await expect.poll(said, { timeout: 30_000 }).toContain("http://");
    return;
  }
  const status = await new Promise((resolve) => child.once("close", resolve));
  expect(status, said()).toBe(run.status);
  expect(said()).toMatch(inOrder(run.output));
}

function inOrder(lines: readonly string[]): RegExp {
  const escaped = lines.map((line) =>
    line
      .split("…")
      .map((part) =>
        part
          .trim()
          .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
          .replace(/\s+/g, "\\s+"),
      )
      .join(".*"),
  );
  return new RegExp(escaped.join("[\\s\\S]*"));
}

describe.concurrent("the commands of the guides, word for word", () => {
  for (const { name, runs } of guides()) {
    it(`can be followed: ${name}`, async ({ onTestFinished }) => {
      const folder = newFolder(onTestFinished);
      const ports = new Map<string, number>();
      for (const run of runs) {
        for (const [port] of run.commands.matchAll(/\b87\d\d\b/g)) {
          if (!ports.has(port)) ports.set(port, await freePort());
        }
        const commands = run.commands.replace(/\b87\d\d\b/g, (port) => String(ports.get(port)));
        await expectAsTold({ ...run, commands }, folder, onTestFinished);
      }
    });
  }
});

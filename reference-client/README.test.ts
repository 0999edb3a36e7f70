import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { memoryStorage, SyncClient } from "./index.ts";
import { startServer, tokenFor } from "./testing/server.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const text = readFileSync(join(here, "README.md"), "utf8");

/** The source of what an app imports by the package's name. */
function sourceOf(specifier: string): string {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Record<string, string>;
  };
  const built = exports[specifier.replace("mirubato-sync", ".")]!;
  return join(root, built.replace("./dist/", "").replace(/\.js$/, ".ts"));
}

it("the app works as it stands", async () => {
  const server = await startServer("--model");
  onTestFinished(() => server.kill());
  const folder = mkdtempSync(join(tmpdir(), "readme-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const app = /```ts\n([\s\S]*?)```/.exec(text)![1]!;
  expect(app.match(/\S.*$/gm)!.length).toBeLessThanOrEqual(20);
  const runnable = app
    .replaceAll(/"(mirubato-sync\/[^"]+)"/g, (_, specifier: string) => JSON.stringify(sourceOf(specifier)))
    .replace("http://127.0.0.1:8787", server.url);
  writeFileSync(join(folder, "app.mts"), runnable);
  const { stdout, stderr, status } = spawnSync(process.execPath, ["app.mts"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, MIRUBATO_TOKEN: await tokenFor("alice"), NO_COLOR: "1" },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("[ '35 min: Scales' ]");
  const other = await SyncClient.open({
    url: server.url,
    user: "alice",
    token: () => tokenFor("alice"),
    storage: memoryStorage(),
  });
  onTestFinished(() => other.close());
  await other.pull();
  expect(other.list("logbook_entry")).toMatchObject([{ duration: 35, notes: "Scales" }]);
}, 60_000);

it("the table of errors has every code", () => {
  const union = /export type SyncErrorCode =([^;]*);/.exec(
    readFileSync(join(here, "errors.ts"), "utf8"),
  )![1]!;
  const codes = union.match(/[A-Z_]+/g)!;
  const table = /## Errors\n([\s\S]*?)\n## /.exec(text)![1]!;
  expect([...table.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code]) => code)).toEqual(codes);
});

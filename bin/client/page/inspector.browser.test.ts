import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "../../../reference-client/adapters/testing/chromium.ts";
import { memoryStorage, realtime, SyncClient } from "../../../reference-client/index.ts";
import { createProbe, sourceOf } from "../../../reference-client/inspector/index.ts";
import { startServer, tokenFor, type TestServer } from "../../../reference-client/testing/server.ts";
import { type Inspector, serveInspector } from "../inspect.ts";
import { buildInspector } from "./build.ts";

const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const folder = mkdtempSync(join(tmpdir(), "inspector-"));
let browser: Browser;
let server: TestServer;
let client: SyncClient;
let inspector: Inspector;
beforeAll(async () => {
  const script = join(folder, "inspector.js");
  await buildInspector(script);
  [browser, server] = await Promise.all([launchChromium(), startServer("--model")]);
  const probe = createProbe();
  client = await SyncClient.open({
    url: server.url,
    user: "alice",
    token: () => tokenFor("alice"),
    storage: probe.storage(memoryStorage()),
    fetch: probe.fetch(),
    realtime: realtime({ openSocket: probe.openSocket() }),
  });
  inspector = await serveInspector(sourceOf(client, probe), readFileSync(script, "utf8"));
});
afterAll(async () => {
  await inspector.close();
  await client.close();
  await Promise.all([browser.close(), server.kill()]);
  rmSync(folder, { recursive: true });
});

async function open(colorScheme: "light" | "dark" = "light", width = 1280): Promise<Page> {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  await page.goto(inspector.url);
  await page.getByText("connected").first().waitFor();
  return page;
}

const entry = { timestamp: "2026-03-01T09:30:00Z", duration: 30, type: "practice" } as const;

it("shows what waits, what was refused, and what the server holds, as it comes", async () => {
  const page = await open();
  const part = (title: string) =>
    page.locator("details", { has: page.getByText(title, { exact: true }) }).first();
  for (const title of ["Dead letters", "Stamps", "Messages"])
    await page.getByText(title, { exact: true }).click();
  await client.configure({ autoSync: "never" });
  await client.create("logbook_entry", { ...entry, notes: "Scales" });
  await part("Outbox").getByText("Scales, 30 min").waitFor();
  await client.create("logbook_entry", { ...entry, duration: -5, notes: "Cadenza" });
  await client.configure({ autoSync: "always" });
  await part("Dead letters").getByText("Cadenza, -5 min").waitFor();
  await part("Stamps").getByRole("cell", { name: "Scales, 30 min" }).waitFor();
  await part("Outbox").getByText("Nothing waits for the server.").waitFor();
  const push = page.locator("details", { has: page.locator("summary.line", { hasText: "/api/sync/push" }) });
  await push.last().locator("summary").press("Enter");
  await push.last().getByText('"notes": "Scales"').waitFor();
  const told = await page.evaluate(() => document.querySelector("main > div")!.shadowRoot!.textContent);
  expect(told).not.toContain((await tokenFor("alice")).split(".")[0]!);
});

describe.each([
  ["light", 1280],
  ["dark", 375],
] as const)("%s at %i px", (colorScheme, width) => {
  it("is accessible by axe, and fits", async () => {
    const page = await open(colorScheme, width);
    for (const summary of await page.locator("summary").all())
      if ((await summary.locator("..").getAttribute("open")) === null && (await summary.isVisible()))
        await summary.click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    // The page takes no script but its own; what looks at it from outside is not held to that.
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Runtime.evaluate", { expression: AXE });
    const { result } = await devtools.send("Runtime.evaluate", {
      expression: `axe.run().then(({ violations }) => JSON.stringify(violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html.slice(0, 160)).join(" | "))))`,
      awaitPromise: true,
    });
    expect(result.value).toBe("[]");
  });
});

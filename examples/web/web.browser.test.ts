import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { context } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchChromium } from "../../reference-client/adapters/testing/chromium.ts";
import { startServer, type TestServer } from "../../reference-client/testing/server.ts";

const here = dirname(fileURLToPath(import.meta.url));
const bundle = await context({
  entryPoints: [join(here, "app.ts")],
  bundle: true,
  format: "esm",
  outdir: here,
  write: false,
});
let browser: Browser;
let origin: string;
beforeAll(async () => {
  browser = await launchChromium();
  const { port } = await bundle.serve({ servedir: here, host: "localhost", port: 0 });
  origin = `http://localhost:${port}`;
});
afterAll(async () => {
  await browser.close();
  await bundle.dispose();
});

let folder: string;
let server: TestServer;
let users = 0;
const complaints: string[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "example-"));
  server = await startServer("--persist", folder, "--origin", origin);
  users++;
});
afterEach(async () => {
  for (const each of browser.contexts()) await each.close();
  await server.kill();
  rmSync(folder, { recursive: true });
  if (complaints.length > 0) throw new Error(complaints.splice(0).join("\n"));
});

/** A window on a device of its own. */
async function device(): Promise<Page> {
  const profile = await browser.newContext();
  profile.on("weberror", (error) => complaints.push(error.error().message));
  const page = await profile.newPage();
  await page.goto(`${origin}/?user=user-${users}&server=${server.url}`);
  await expectState(page, "connected");
  return page;
}

async function add(page: Page, minutes: number, notes: string): Promise<void> {
  await page.fill("#new .minutes", String(minutes));
  await page.fill("#new .notes", notes);
  await page.click("#new button");
}

async function expectState(page: Page, state: string): Promise<void> {
  await expect.poll(() => page.textContent("#status"), { timeout: 20_000 }).toBe(state);
}

/** What the list says, newest first. */
async function expectEntries(page: Page, ...entries: string[]): Promise<void> {
  const shown = (): Promise<string[]> =>
    page.locator("#entries li").evaluateAll((rows) =>
      rows.map((row) =>
        [...row.querySelectorAll("input")]
          .map(({ value }) => value)
          .join(" ")
          .concat(row.querySelector(".mark")!.textContent.replace(/^(?=.)/, ", ")),
      ),
    );
  await expect.poll(shown, { timeout: 20_000 }).toEqual(entries);
}

describe("two windows and a server", () => {
  it("show each other's sessions: added, edited, deleted", async () => {
    const [phone, laptop] = [await device(), await device()];
    await add(phone, 30, "Scales");
    await expectEntries(laptop, "30 Scales");
    await laptop.fill("#entries .notes", "Scales in thirds");
    await laptop.press("#entries .notes", "Enter");
    await expectEntries(phone, "30 Scales in thirds");
    await phone.getByRole("button", { name: "Delete Scales in thirds" }).click();
    await expectEntries(laptop);
  });

  it("become the same after the server was killed and both went on", async () => {
    const [phone, laptop] = [await device(), await device()];
    await add(phone, 30, "Before");
    await expectEntries(laptop, "30 Before");
    // The other may hear of it before the answer is in.
    await expectState(phone, "connected");
    await server.kill();
    await expectState(phone, "reconnecting");
    await expect
      .poll(() => phone.textContent("#again"), { timeout: 20_000 })
      .toMatch(/^next attempt in \d+ s$/);
    await add(phone, 20, "By the phone");
    await expectState(phone, "reconnecting, 1 waiting for the server");
    await expectEntries(phone, "20 By the phone, waiting", "30 Before");
    await laptop.fill("#entries .minutes", "35");
    await laptop.press("#entries .minutes", "Enter");
    await expectEntries(laptop, "35 Before, waiting");
    // What waits outlives the page.
    await phone.reload();
    await expectEntries(phone, "20 By the phone, waiting", "30 Before");
    server = await startServer("--persist", folder, "--origin", origin, "--port", String(server.port));
    for (const page of [phone, laptop]) {
      await expectEntries(page, "20 By the phone", "35 Before");
      await expectState(page, "connected");
    }
  }, 60_000);

  it("stay apart while one works offline", async () => {
    const [phone, laptop] = [await device(), await device()];
    await phone.getByRole("switch", { name: "Work offline" }).check();
    await expectState(phone, "offline");
    await add(phone, 10, "Sight-reading");
    await expectState(phone, "offline, 1 waiting for the server");
    await add(laptop, 15, "Arpeggios");
    await phone.getByRole("switch", { name: "Work offline" }).uncheck();
    await expectEntries(laptop, "15 Arpeggios", "10 Sight-reading");
    await expectEntries(phone, "15 Arpeggios", "10 Sight-reading");
  });

  it("show what the server refuses, until it is mended or dropped", async () => {
    const phone = await device();
    await add(phone, -5, "Backwards");
    await expectEntries(phone, "-5 Backwards, refused");
    expect(await phone.textContent("#letters .reason")).toContain("-5 min, “Backwards”: duration: ");
    await phone.fill("#entries .minutes", "5");
    await phone.press("#entries .minutes", "Enter");
    await expectEntries(phone, "5 Backwards");
    await add(phone, -1, "Again");
    await phone.getByRole("button", { name: "Discard" }).click();
    await expectEntries(phone, "5 Backwards");
    expect(await phone.isVisible("#refusals")).toBe(false);
  });
});

describe("two tabs of one browser", () => {
  it("share what they have, and go on when one is closed", async () => {
    const first = await device();
    const second = await first.context().newPage();
    await second.goto(first.url());
    await add(first, 30, "Scales");
    await expectEntries(second, "30 Scales");
    await first.close();
    await add(second, 20, "Arpeggios");
    await expectState(second, "connected");
    await expectEntries(second, "20 Arpeggios", "30 Scales");
  });
});

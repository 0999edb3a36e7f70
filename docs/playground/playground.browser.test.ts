import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { launchChromium, ORIGIN } from "../../reference-client/adapters/testing/chromium.ts";
import { SCENARIOS } from "./scenarios/index.ts";

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const { outputFiles } = await build({
  entryPoints: [file("main.ts")],
  bundle: true,
  minify: true,
  format: "iife",
  write: false,
});
const SCRIPT = outputFiles[0]!.text;
const STYLES = ["../assets/site.css", "main.css"].map((path) => readFileSync(file(path), "utf8")).join("\n");
const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Playground</title>
  <meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLES}</style>
  <body class="wide"><main id="content"><h1>Playground</h1><div id="playground"></div></main>
  <script defer src="/main.js"></script>`;

let browser: Browser;
const complaints: string[] = [];
/** What a test opened, to be closed after it. */
const opened: BrowserContext[] = [];
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
afterEach(async () => {
  for (const context of opened.splice(0)) await context.close();
  if (complaints.length > 0) throw new Error(complaints.splice(0).join("\n"));
});

/** The page as it is opened by a link. */
async function open(hash = "", options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  opened.push(context);
  context.on("weberror", (error) => complaints.push(error.error().message));
  await context.route(`${ORIGIN}/**`, (route) =>
    route.request().url().endsWith("/main.js")
      ? route.fulfill({ contentType: "text/javascript", body: SCRIPT })
      : route.fulfill({ contentType: "text/html", body: PAGE }),
  );
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/${hash}`);
  await page.getByRole("region", { name: "Story" }).waitFor();
  return page;
}

async function play(page: Page, scenario: string): Promise<void> {
  await page.getByLabel("Scenario").selectOption(scenario);
  await page.getByLabel("Speed").selectOption("20");
  await page.getByRole("button", { name: "Play to the end" }).click();
}

/** What the diagram says, line by line. */
const shown = (page: Page): Promise<string[]> =>
  page
    .locator(".moments > li:not(.end)")
    .evaluateAll((lines) => lines.map((line) => line.textContent.replace(/\s+/g, " ")));

describe("each scenario", () => {
  let page: Page;
  beforeAll(async () => {
    page = await open();
    // For all of them.
    opened.pop();
  });

  it.each(SCENARIOS)("plays to its end: $title", async ({ id, end }) => {
    await play(page, id);
    await page.locator(".story .end").waitFor();
    expect(await page.locator(".story .end li.holds").allInnerTexts()).toHaveLength(end.length);
  });
});

it("leads by its address to the very same state", async () => {
  const page = await open();
  await play(page, "both-offline");
  await page.locator(".story .end").waitFor();
  await page.getByRole("button", { name: "Copy link" }).click();
  const [hash, before] = [new URL(page.url()).hash, await shown(page)];
  expect(before.length).toBeGreaterThan(20);
  expect(hash.length).toBeLessThan(600);
  const other = await open(hash);
  expect(await shown(other)).toEqual(before);
  expect(await other.getByLabel("Scenario").inputValue()).toBe("both-offline");
  expect(await other.locator(".story .end li.holds").count()).toBe(3);
});

it("takes no harm from an address that nobody made", async () => {
  const page = await open("#1~~99999999999~0.add.phone");
  expect(await shown(page)).toHaveLength(1);
});

it("is used by keyboard alone, and keeps the focus where it was", async () => {
  const page = await open();
  await page.getByLabel("Speed").selectOption("4");
  const focus = async (name: string | RegExp, role: "button" | "textbox" = "button"): Promise<void> => {
    const wanted = page.getByRole("region", { name: "Phone" }).getByRole(role, { name });
    for (let n = 0; n < 80; n += 1) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`${String(name)} is not reached by Tab`);
  };
  await focus(/What was practised/, "textbox");
  await page.keyboard.type("Scales");
  await page.keyboard.press("Enter");
  const laptop = page.getByRole("region", { name: "Laptop" });
  await laptop.getByText("Scales", { exact: true }).waitFor();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await focus("Edit “Scales”");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("Scales in thirds");
  await page.keyboard.press("Enter");
  await laptop.getByText("Scales in thirds", { exact: true }).waitFor();
  expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe(
    "Edit “Scales in thirds”",
  );
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await laptop.getByText("Scales in thirds", { exact: true }).waitFor({ state: "hidden" });
  const said = page.getByRole("log");
  await expect.poll(() => said.textContent()).toMatch(/Phone: Deletes “Scales in thirds”/);
});

it("leaves the focus, and what is pressed, where it is while the devices hear of each other's changes", async () => {
  const page = await open();
  await page.getByLabel("Speed").selectOption("20");
  const [phone, laptop] = ["Phone", "Laptop"].map((name) => page.getByRole("region", { name }));
  await phone!.getByLabel("What was practised").fill("Scales");
  await phone!.getByRole("button", { name: "Add entry" }).click();
  await laptop!.getByText("Scales", { exact: true }).waitFor();
  await phone!.getByText("Scales", { exact: true }).waitFor();
  const edit = phone!.getByRole("button", { name: "Edit “Scales”" });
  await edit.focus();
  // A button keeps what was pressed on it through the changes of its line, and of the other device's.
  const kept = await edit.elementHandle();
  await laptop!.getByRole("button", { name: "Edit “Scales”" }).dispatchEvent("click");
  await laptop!.getByLabel("What", { exact: true }).fill("Arpeggios");
  await edit.focus();
  await laptop!.locator("form.edit").evaluate((form: HTMLFormElement) => form.requestSubmit());
  // By the element: its name may have changed already.
  await kept.focus();
  await phone!.getByText("Arpeggios", { exact: true }).waitFor();
  await laptop!.locator(".mark:visible").waitFor({ state: "hidden" });
  expect(await kept.evaluate((element) => element === document.activeElement)).toBe(true);
});

it("stops, and steps to what happens next", async () => {
  const page = await open();
  await page.getByRole("button", { name: "Pause" }).click();
  const phone = page.getByRole("region", { name: "Phone" });
  await phone.getByLabel("What was practised").fill("Scales");
  await phone.getByRole("button", { name: "Add entry" }).click();
  await phone.getByText("waiting", { exact: true }).first().waitFor();
  const step = page.getByRole("button", { name: /^Step/ });
  await step.click();
  await expect.poll(async () => (await shown(page)).join()).toContain("push, 1 item, under way");
  await step.click();
  await expect.poll(async () => (await shown(page)).join()).toContain("push, 1 item, arrives after 340 ms");
  expect(await page.locator(".transport .state").textContent()).toBe("paused");
});

it("shows by its inspector what is stored, and no token of the user's", async () => {
  const page = await open("", { viewport: { width: 1280, height: 900 } });
  const panel = page.getByRole("region", { name: "Phone" }).getByRole("group", { name: "Sync inspector" });
  await page.getByRole("region", { name: "Phone" }).getByLabel("Network").selectOption("cut");
  await page.getByRole("region", { name: "Phone" }).getByLabel("What was practised").fill("Scales");
  await page.getByRole("region", { name: "Phone" }).getByRole("button", { name: "Add entry" }).click();
  await panel.getByText("Scales, 30 min").waitFor();
  await panel.getByText("Messages", { exact: true }).click();
  await panel.getByText("POST /api/sync/push").first().waitFor();
  expect(await panel.textContent()).not.toMatch(/eyJ[\w-]+\.eyJ/);
});

describe.each([
  ["light", 1280],
  ["dark", 375],
] as const)("%s at %i px", (colorScheme, width) => {
  it("is accessible by axe, and fits", async () => {
    const page = await open("", { colorScheme, viewport: { width, height: 800 }, reducedMotion: "reduce" });
    await play(page, "refusal");
    await page.locator(".story .end").waitFor();
    await page.evaluate(() => {
      for (const details of document.querySelectorAll("details")) details.open = true;
    });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    await page.evaluate(AXE);
    const found = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      };
      const { violations } = await axe.run();
      return violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
      );
    });
    expect(found).toEqual([]);
  });
});

it("stays below 800 KB of script, 140 KB on the wire: most of it are the contracts' validators", () => {
  expect(SCRIPT.length).toBeLessThan(800_000);
  expect(gzipSync(SCRIPT).length).toBeLessThan(140_000);
});

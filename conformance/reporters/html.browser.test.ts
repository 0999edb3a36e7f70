import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { renderHtml } from "./html.ts";
import { renderJUnit } from "./junit.ts";
import type { FinishedRun } from "./reporter.ts";
import { hostileRun, HOSTILE, mixedRun } from "./testing/runs.ts";

const folder = mkdtempSync(join(tmpdir(), "report-"));
let browser: Browser;

beforeAll(async () => {
  const which = "command -v chromium || command -v chromium-browser || command -v google-chrome";
  browser = await chromium.launch({
    executablePath: execFileSync("sh", ["-c", which], { encoding: "utf8" }).trim(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
    ],
  });
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});

afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** The report as a colleague opens it, from disk; all that the page complains of or asks for is kept. */
async function open(
  run: FinishedRun,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; told: string[] }> {
  const file = join(folder, "report.html");
  writeFileSync(file, renderHtml(run));
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const told: string[] = [];
  page.on("console", (message) => told.push(message.text()));
  page.on("pageerror", (error) => told.push(error.message));
  page.on("dialog", (dialog) => told.push(dialog.message()));
  page.on("request", (request) => {
    if (request.url() !== pathToFileURL(file).href) told.push(request.url());
  });
  await page.goto(pathToFileURL(file).href);
  return { page, told };
}

const shownIds = (page: Page): Promise<string[]> =>
  page.locator(".requirement:visible .id").allTextContents();

describe("whatever a server said", () => {
  it("is text: no element, no script, no request comes of it", async () => {
    const { page, told } = await open(hostileRun());
    expect(await page.locator("img, iframe, body > script ~ *").count()).toBe(0);
    expect(await page.title()).toContain("Conformance of </script>");
    const shown = HOSTILE.replace("\r", "\\u000d").replace(
      "\0\u001b[31m\ud800\uffff",
      "\\u0000\\u001b[31m\\ud800\\uffff",
    );
    expect(await page.locator(".comparison pre").nth(1).textContent()).toBe(shown);
    expect(told).toEqual([]);
  });

  it("the policy would stop a script that slipped through", async () => {
    const { page } = await open(hostileRun());
    await page.evaluate(() => {
      const image = document.createElement("img");
      image.setAttribute("onerror", "document.title = 'owned'");
      const refused = new Promise((resolve) => document.addEventListener("securitypolicyviolation", resolve));
      document.body.appendChild(image);
      image.src = "x";
      return refused.then(() => undefined);
    });
    expect(await page.title()).not.toBe("owned");
  });

  it("a browser reads the JUnit report as XML", async () => {
    const { page } = await open(mixedRun());
    const errors = await page.evaluate(
      (xml) => new DOMParser().parseFromString(xml, "application/xml").querySelectorAll("parsererror").length,
      renderJUnit(hostileRun()),
    );
    expect(errors).toBe(0);
  });
});

describe("filters", () => {
  it("by verdict and by words, and say how many are left", async () => {
    const { page } = await open(mixedRun());
    expect(await page.locator("#shown").textContent()).toBe("2 of 2 requirements shown");
    await page.getByLabel("Find").fill("until the store is there");
    expect(await page.locator(".requirement:visible").count()).toBe(1);
    await page.getByLabel("Find").fill("");
    for (const verdict of ["failed", "could-not-run", "inconclusive", "passed"])
      await page.getByLabel(verdict, { exact: true }).uncheck();
    expect((await shownIds(page))[0]).toBe("IDEM-002");
    await page.getByLabel("Find").fill("nothing has this");
    expect(await page.getByText("No requirement matches the filter.").isVisible()).toBe(true);
  });
});

describe("without script", () => {
  it("everything can be read and opened; nothing is shown that would not work", async () => {
    const { page } = await open(mixedRun(), { javaScriptEnabled: false });
    expect(await page.getByLabel("Find").isVisible()).toBe(false);
    expect(await page.getByRole("button").count()).toBe(0);
    await page.locator("details.check > summary").first().click();
    expect(await page.getByText("Run it again").first().isVisible()).toBe(true);
  });
});

describe("the diagram", () => {
  it("leads each answer back to the device that asked, though answers cross", async () => {
    const { page } = await open(mixedRun());
    await page.locator("details.check > summary").first().click();
    const lanes = await page.locator(".lanes").first().locator("span").allTextContents();
    expect(lanes).toEqual(["phone", "tablet", "socket 1", "server under test"]);
    const ways = await page.locator(".sequence").first().locator(".unseen").allTextContents();
    expect(ways).toEqual([
      "phone to the server: ",
      "tablet to the server: ",
      "the server to tablet: ",
      "the server to phone: ",
      "the server to socket 1: ",
      "the server to socket 1: ",
    ]);
  });

  it("opens by keyboard to headers and body", async () => {
    const { page } = await open(mixedRun());
    await page.locator("details.check > summary").first().press("Enter");
    const message = page.locator(".message-row").first();
    await message.locator("summary").press("Enter");
    expect(await message.getByText("x-device-id: phone").isVisible()).toBe(true);
  });
});

it("the command can be copied", async () => {
  const { page } = await open(mixedRun(), { permissions: ["clipboard-read", "clipboard-write"] });
  await page.locator("details.check > summary").first().click();
  await page.getByRole("button", { name: "Copy command" }).first().click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe("npx mirubato-sync test server --only IDEM-001/failed");
});

describe.each(["light", "dark"] as const)("%s", (colorScheme) => {
  it("fits a phone with everything open, and every text stands out from its ground", async () => {
    const { page } = await open(hostileRun(), { colorScheme, viewport: { width: 360, height: 780 } });
    await page.evaluate(() => {
      for (const details of document.querySelectorAll("details")) details.setAttribute("open", "");
    });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    expect(await page.evaluate(faintTexts)).toEqual([]);
  });
});

it("prints what failed, opened, and no controls", async () => {
  const { page } = await open(mixedRun());
  await page.emulateMedia({ media: "print" });
  const box = await page.locator(".comparison").first().boundingBox();
  expect(box?.height).toBeGreaterThan(20);
  expect(await page.getByLabel("Find").isVisible()).toBe(false);
});

/** Runs in the page: texts whose contrast to what is behind them is below 4.5, WCAG's level AA. */
function faintTexts(): string[] {
  const channels = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour: string): number => {
    const [red, green, blue] = channels(colour).map((value) => {
      const part = value / 255;
      return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const ground = (element: Element | null): string => {
    if (element === null) return "rgb(255, 255, 255)";
    const { backgroundColor } = getComputedStyle(element);
    return channels(backgroundColor)[3] === 0 ? ground(element.parentElement) : backgroundColor;
  };
  const faint = new Set<string>();
  for (const element of document.querySelectorAll("body *:not(script)")) {
    const worded = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
    if (!worded) continue;
    const [light, dark] = [luminance(getComputedStyle(element).color), luminance(ground(element))].sort(
      (a, b) => b - a,
    );
    const contrast = (light! + 0.05) / (dark! + 0.05);
    if (contrast < 4.5) faint.add(`${element.tagName} ${element.className} ${contrast.toFixed(2)}`);
  }
  return [...faint];
}

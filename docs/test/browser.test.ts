import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "../../conformance/drivers/client/chromium.ts";
import { pages, serveSite, SITE } from "./site.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const MOST_SCRIPT = 200 * 1024;

/** One page of every kind. The playground has tests of its own. */
const KINDS = [
  "index.html",
  "tour.html",
  "guides/gate-ci.html",
  "guides/troubleshoot.html",
  "spec/index.html",
  "spec/push.html",
  "spec/errors.html",
  "reference/requirements.html",
  "reference/endpoints.html",
  "reference/messages.html",
  "reference/adapter.html",
  "reference-client/index.html",
  "api/index.html",
  "api/mirubato-sync/client.html",
  "evidence/reports.html",
  "evidence/mutants.html",
  "evidence/mutants/status.html",
  "evidence/benchmarks.html",
  ...["bench/results/", "evidence/benchmarks/", "source/"].flatMap(
    (folder) => pages().find((path) => path.startsWith(folder)) ?? [],
  ),
];

/** What is the same everywhere is looked at where there is little else, and what repeats a few times: thousands of rows take minutes. */
const REPEATED = ["pre.code", "tbody tr:nth-child(n + 6)", "main > h3:nth-of-type(n + 6) ~ *"];
/** Of these everything is looked at. */
const COLOURED = ["index.html", "guides/gate-ci.html"];

let browser: Browser;
let site: Awaited<ReturnType<typeof serveSite>>;

beforeAll(async () => {
  [browser, site] = await Promise.all([launchChromium(), serveSite("/some/path/")]);
});
afterAll(async () => {
  await browser.close();
  site.server.close();
});

async function withPage<T>(
  options: Parameters<Browser["newPage"]>[0],
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const page = await browser.newPage(options);
  try {
    return await use(page);
  } finally {
    await page.close();
  }
}

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

/** @param rules all of them by default */
async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  const options = {
    resultTypes: ["violations"],
    iframes: false,
    ...(rules === undefined ? {} : { runOnly: [...rules] }),
  };
  const run = `axe.run(CONTEXT, ${JSON.stringify(options)}).then(({ violations }) => violations)`;
  const coloured = COLOURED.some((path) => page.url().endsWith(path));
  const context = coloured ? "document" : `{ exclude: ${JSON.stringify(REPEATED.map((one) => [one]))} }`;
  const found = (await page.evaluate(run.replace("CONTEXT", context))) as Violation[];
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}

/** Nothing may reach beyond the screen: what is wide scrolls by itself. */
async function widerThanScreen(page: Page): Promise<boolean> {
  return (await page.evaluate("document.documentElement.scrollWidth > innerWidth")) as boolean;
}

describe.concurrent("every kind of page", () => {
  for (const path of KINDS) {
    it(`has no fault: ${path}`, { timeout: 180_000 }, async () => {
      await withPage({ colorScheme: "light", viewport: { width: 1280, height: 900 } }, async (page) => {
        let script = 0;
        const failed: string[] = [];
        page.on("response", (response) => {
          if (!response.ok()) failed.push(`${response.status()} ${response.url()}`);
        });
        page.on("pageerror", (error) => failed.push(String(error)));
        page.on("requestfinished", async (request) => {
          if (request.resourceType() === "script") script += (await request.sizes()).responseBodySize;
        });
        await page.goto(site.url + path, { waitUntil: "load" });
        expect(failed).toEqual([]);
        expect(script).toBeLessThanOrEqual(MOST_SCRIPT);
        expect(await widerThanScreen(page)).toBe(false);

        await page.evaluate(AXE);
        expect(await violations(page)).toEqual([]);
        await page.emulateMedia({ colorScheme: "dark" });
        expect(await violations(page, ["color-contrast"])).toEqual([]);

        await page.setViewportSize({ width: 375, height: 900 });
        expect(await widerThanScreen(page)).toBe(false);
      });
    });
  }
});

it("has no fault on a narrow screen, with its menu open", () =>
  withPage({ colorScheme: "dark", viewport: { width: 375, height: 900 } }, async (page) => {
    await page.goto(`${site.url}spec/errors.html`);
    await page.click("button.menu");
    await page.evaluate(AXE);
    expect(await violations(page)).toEqual([]);
  }));

it("knows every kind", () => {
  const kindOf = (path: string): string => path.split("/")[0]!;
  const known = new Set(
    [
      ...KINDS,
      "playground/",
      "CHANGELOG.html",
      "CONTRIBUTING.html",
      "schemas/",
      "examples/",
      "reference-server/",
      "bench/",
    ].map(kindOf),
  );
  expect(pages().filter((path) => !known.has(kindOf(path)))).toEqual([]);
});

it("finds a requirement by its id, from below any path, by keyboard alone", () =>
  withPage({ viewport: { width: 1280, height: 900 } }, async (page) => {
    await page.goto(`${site.url}index.html`);
    await page.keyboard.press("/");
    await page.keyboard.type("IDEM-002");
    await page.waitForSelector("dialog li a");
    await page.evaluate(AXE);
    expect(await violations(page)).toEqual([]);
    const links = (await page.evaluate(
      "[...document.querySelectorAll('dialog li a')].map(({ href }) => href)",
    )) as string[];
    expect(links.join("\n")).toContain(`${site.url}spec/idempotency.html#idem-002`);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/some\/path\/(?!index\.html)/);
    expect(await page.textContent("main")).toContain("IDEM-002");
  }));

it("is read without scripts, also as files", () =>
  withPage({ javaScriptEnabled: false, viewport: { width: 375, height: 900 } }, async (page) => {
    await page.goto(pathToFileURL(join(SITE, "spec/push.html")).href);
    expect(await page.isVisible("#push-004")).toBe(true);
    await page.click("button.menu");
    await page.click("#nav a[href$='tour.html']");
    expect(await page.textContent("h1")).toContain("tour");
  }));

it("has a playground that runs as a file, too", () =>
  withPage({}, async (page) => {
    await page.goto(pathToFileURL(join(SITE, "playground/index.html")).href);
    const story = page.getByRole("region", { name: "Story" });
    await story.waitFor();
    expect(await story.isVisible()).toBe(true);
  }));

it("keeps the colours that a reader chose", () =>
  withPage({ colorScheme: "light" }, async (page) => {
    await page.goto(`${site.url}index.html`);
    const background = (): Promise<unknown> =>
      page.evaluate("getComputedStyle(document.body).backgroundColor");
    const light = await background();
    await page.click("button.theme");
    await page.click("button.theme");
    expect(await background()).not.toBe(light);
    await page.goto(`${site.url}spec/push.html`);
    expect(await background()).not.toBe(light);
  }));

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
  "guides/check-your-server.html",
  "guides/troubleshoot.html",
  "spec/index.html",
  "spec/push.html",
  "spec/realtime.html",
  "spec/errors.html",
  "reference/requirements.html",
  "reference/endpoints.html",
  "reference/messages.html",
  "reference-client/index.html",
  "api/index.html",
  "api/mirubato-sync/client.html",
  "evidence/reports.html",
  "evidence/mutants.html",
  "evidence/benchmarks.html",
  "source/spec/requirements.ts.html",
];

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

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = (await page.evaluate(
    "axe.run({ resultTypes: ['violations'], iframes: false }).then(({ violations }) => violations)",
  )) as Violation[];
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}

describe.concurrent("every kind of page", () => {
  for (const [index, path] of KINDS.entries()) {
    // Each kind is seen in two of the four; the kinds next to it in the other two.
    const looks =
      index % 2 === 0
        ? ([
            ["light", 1280],
            ["dark", 375],
          ] as const)
        : ([
            ["dark", 1280],
            ["light", 375],
          ] as const);
    it(path, async () => {
      for (const [colorScheme, width] of looks) {
        await withPage({ colorScheme, viewport: { width, height: 900 } }, async (page) => {
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
          expect(await violations(page)).toEqual([]);
          expect(failed).toEqual([]);
          expect(script).toBeLessThanOrEqual(MOST_SCRIPT);
          const [shown, wide] = (await page.evaluate(
            "[innerWidth, document.documentElement.scrollWidth]",
          )) as number[];
          expect(wide, `${path} is wider than a screen of ${width}`).toBeLessThanOrEqual(shown!);
        });
      }
    });
  }
});

it("knows every kind", () => {
  const kindOf = (path: string): string => path.split("/")[0]!;
  const known = new Set(
    [
      ...KINDS,
      "playground/",
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

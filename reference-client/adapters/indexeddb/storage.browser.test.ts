import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import {
  bundle,
  crash,
  launchChromium,
  launchWithProfile,
  openPage,
  ORIGIN,
  serveScript,
} from "../testing/chromium.ts";

const script = await bundle(new URL("storage.page.ts", import.meta.url));
const browser: Browser = await launchChromium();
afterAll(() => browser.close());

async function newContext(): Promise<BrowserContext> {
  const context = await browser.newContext();
  await serveScript(context, script);
  return context;
}

/** What storage.page.ts offers. */
interface Offered {
  testNames(): string[];
  runTest(name: string): Promise<string>;
  openAlice(): Promise<void>;
  openCode(): Promise<string>;
  count(characters?: number): Promise<string>;
  revision(): Promise<number | string>;
}
declare const self: Offered;

describe("in a page", async () => {
  const page = await openPage(await newContext());
  const names = await page.evaluate(() => self.testNames());
  it.each(names)("%s", async (name) => {
    expect(await page.evaluate((one) => self.runTest(one), name)).toBe("passed");
  });
});

describe("from outside", () => {
  let page: Page;
  beforeEach(async () => {
    page = await openPage(await newContext());
  });

  it("says STORAGE_CLOSED when the user clears the site's data, and starts anew afterwards", async () => {
    await page.evaluate(() => self.openAlice());
    expect(await page.evaluate(() => self.count())).toBe("written");
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("Storage.clearDataForOrigin", { origin: ORIGIN, storageTypes: "indexeddb" });
    expect(await page.evaluate(() => self.count())).toBe("STORAGE_CLOSED");
    await page.evaluate(() => self.openAlice());
    expect(await page.evaluate(() => self.revision())).toBe(0);
  });

  it("says STORAGE_FULL when the quota is used up, keeps what was there, and goes on when there is room again", async () => {
    const devtools = await page.context().newCDPSession(page);
    const allow = (quotaSize: number) =>
      devtools.send("Storage.overrideQuotaForOrigin", { origin: ORIGIN, quotaSize });
    await allow(1_000_000);
    // Opened afterwards: Chromium remembers for a while how much space there was.
    await page.evaluate(() => self.openAlice());
    expect(await page.evaluate(() => self.count(100_000))).toBe("written");
    expect(await page.evaluate(() => self.count(3_000_000))).toBe("STORAGE_FULL");
    expect(await page.evaluate(() => self.revision())).toBe(1);
    // What was written in vain may go on taking room: Chromium does not always make its file shorter.
    await allow(20_000_000);
    await expect.poll(() => page.evaluate(() => self.count()), { timeout: 60_000 }).toBe("written");
    expect(await page.evaluate(() => self.revision())).toBe(2);
  });

  it("keeps what was resolved through a crash of the page", async () => {
    await page.evaluate(() => self.openAlice());
    const context = page.context();
    for (let at = 1; at <= 3; at++) expect(await page.evaluate(() => self.count())).toBe("written");
    await crash(page);
    const again = await openPage(context);
    await again.evaluate(() => self.openAlice());
    expect(await again.evaluate(() => self.revision())).toBe(3);
  });

  it("keeps what was resolved through a crash of the whole browser", async () => {
    const folder = await mkdtemp(join(tmpdir(), "profile-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const open = async (): Promise<{ profile: BrowserContext; page: Page }> => {
      const profile = await launchWithProfile(folder);
      await serveScript(profile, script);
      const opened = await openPage(profile);
      await opened.evaluate(() => self.openAlice());
      return { profile, page: opened };
    };
    const first = await open();
    for (let at = 1; at <= 3; at++)
      expect(await first.page.evaluate(() => self.count(1_000))).toBe("written");
    const gone = first.profile.waitForEvent("close");
    const devtools = await first.profile.browser()!.newBrowserCDPSession();
    devtools.send("Browser.crash").catch(() => {});
    await gone;
    const second = await open();
    expect(await second.page.evaluate(() => self.revision())).toBe(3);
    await second.profile.close();
  });

  it("says STORAGE_UNAVAILABLE where the page may store nothing", async () => {
    const nowhere = await page.context().newPage();
    await nowhere.goto("data:text/html,nothing");
    await nowhere.evaluate(script);
    expect(await nowhere.evaluate(() => self.openCode())).toBe("STORAGE_UNAVAILABLE");
  });
});

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { Surroundings } from "../../ports/surroundings.ts";
import type { TabMessage, Tabs } from "../../ports/tabs.ts";
import { bundle, crash, launchChromium, openPage, serveScript } from "../testing/chromium.ts";

const script = await bundle(new URL("browser.page.ts", import.meta.url));
const browser: Browser = await launchChromium();
afterAll(() => browser.close());

/** What browser.page.ts offers. */
interface Offered {
  tab: { leads: boolean; heard: TabMessage[]; nudges: number };
  tabs: Tabs;
  surroundings: Surroundings;
  campaign(): void;
  stop(): void;
}
declare const self: Offered;

let context: BrowserContext;
beforeEach(async () => {
  context = await browser.newContext();
  await serveScript(context, script);
});

async function campaigner(): Promise<Page> {
  const page = await openPage(context);
  await page.evaluate(async () => {
    self.campaign();
    // An answer to this says that the request stands in the queue.
    await (navigator as Partial<Navigator>).locks?.query();
  });
  return page;
}

const leads = (page: Page): Promise<boolean> => page.evaluate(() => self.tab.leads);
const untilLeads = (page: Page) => page.waitForFunction(() => self.tab.leads);

describe("tabs", () => {
  it("are led by one, and by the next when it is closed, crashes, is reloaded or leaves", async () => {
    const pages: Page[] = [];
    for (let at = 0; at < 5; at++) {
      pages.push(await campaigner());
      await untilLeads(pages[0]!);
    }
    const [closed, crashed, reloaded, leaving, last] = pages as [Page, Page, Page, Page, Page];
    expect(await Promise.all(pages.map(leads))).toEqual([true, false, false, false, false]);

    await closed.close({ runBeforeUnload: false });
    await untilLeads(crashed);
    expect(await leads(reloaded)).toBe(false);

    await crash(crashed);
    await untilLeads(reloaded);
    expect(await leads(leaving)).toBe(false);

    await reloaded.reload();
    await untilLeads(leaving);
    expect(await leads(last)).toBe(false);

    await leaving.evaluate(() => self.tabs.close());
    await untilLeads(last);
    expect(await leads(reloaded)).toBe(false);
  });

  it("hear from each other what was said, in order, and nothing of their own", async () => {
    const [one, two] = [await openPage(context), await openPage(context)];
    await one.evaluate(() => {
      for (let at = 0; at < 100; at++) self.tabs.post({ kind: "count", at });
    });
    await two.waitForFunction(() => self.tab.heard.length >= 100);
    expect(await two.evaluate(() => self.tab.heard.map(({ at }) => at))).toEqual(
      Array.from({ length: 100 }, (_, at) => at),
    );
    await two.evaluate(() => self.tabs.post({ kind: "fence" }));
    await one.waitForFunction(() => self.tab.heard.length > 0);
    expect(await one.evaluate(() => self.tab.heard)).toEqual([{ kind: "fence" }]);
  });

  it("hear the last words of one that closes, and then nothing", async () => {
    const [one, two] = [await openPage(context), await openPage(context)];
    await one.evaluate(() => {
      self.tabs.post({ kind: "signed-out" });
      self.tabs.close();
      self.tabs.post({ kind: "too late" });
    });
    const fence = await openPage(context);
    await two.waitForFunction(() => self.tab.heard.length > 0);
    await fence.evaluate(() => self.tabs.post({ kind: "fence" }));
    await two.waitForFunction(() => self.tab.heard.length > 1);
    expect(await two.evaluate(() => self.tab.heard.map(({ kind }) => kind))).toEqual(["signed-out", "fence"]);
  });

  it("all lead where there are no locks", async () => {
    await context.addInitScript(() => Object.defineProperty(navigator, "locks", { value: undefined }));
    for (const page of [await campaigner(), await campaigner()]) expect(await leads(page)).toBe(true);
  });
});

describe("surroundings", () => {
  it("tell of the network, and nudge when it comes back", async () => {
    const page = await openPage(context);
    const online = () => page.evaluate(() => self.surroundings.online());
    const before = await page.evaluate(() => self.tab.nudges);
    await context.setOffline(true);
    expect(await online()).toBe(false);
    await context.setOffline(false);
    await page.waitForFunction((nudges) => self.tab.nudges > nudges, before);
    expect(await online()).toBe(true);
    expect(await page.evaluate(() => self.surroundings.metered())).toBe(false);
  });

  it("nudge when the machine was asleep, the page comes from the cache or is resumed, and not after the end", async () => {
    const page = await context.newPage();
    await page.clock.install();
    await page.goto("http://localhost:5173/");
    const nudges = () => page.evaluate(() => self.tab.nudges);
    await page.clock.runFor(300_000);
    const awake = await nudges();
    await page.clock.fastForward(3_600_000);
    expect(await nudges()).toBe(awake + 1);
    await page.evaluate(() => {
      globalThis.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
      document.dispatchEvent(new Event("resume"));
      document.dispatchEvent(new Event("visibilitychange"));
    });
    expect(await nudges()).toBe(awake + 4);
    await page.evaluate(() => {
      self.stop();
      globalThis.dispatchEvent(new Event("online"));
    });
    await page.clock.fastForward(3_600_000);
    expect(await nudges()).toBe(awake + 4);
  });

  it("know a connection on which data are dear", async () => {
    const page = await openPage(context);
    const metered = (is: object) =>
      page.evaluate((one) => {
        Object.defineProperty(navigator, "connection", { value: one, configurable: true });
        return self.surroundings.metered();
      }, is);
    expect(await metered({ saveData: true })).toBe(true);
    expect(await metered({ type: "cellular" })).toBe(true);
    expect(await metered({ effectiveType: "2g" })).toBe(true);
    expect(await metered({ type: "wifi", effectiveType: "4g", saveData: false })).toBe(false);
  });
});

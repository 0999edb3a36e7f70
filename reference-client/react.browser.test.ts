import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundle, launchChromium, openPage, serveScript } from "./adapters/testing/chromium.ts";
import type { SyncClient } from "./client.ts";

/** What react.page.ts offers. */
declare const client: SyncClient;
declare const drawn: { goals: number; one: number; status: number };
declare const unmount: () => number;

const script = await bundle(new URL("react.page.ts", import.meta.url));
const browser: Browser = await launchChromium();
afterAll(() => browser.close());

let page: Page;
const complaints: string[] = [];
beforeEach(async () => {
  const context = await browser.newContext();
  await serveScript(context, script);
  context.on("console", (message) => {
    if (["warning", "error"].includes(message.type())) complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(error.error().message));
  page = await openPage(context);
  await page.waitForFunction(() => "unmount" in globalThis);
});
afterEach(async () => {
  await page.context().close();
  // React says so if a snapshot is another one each time, or if it is drawn after its end.
  if (complaints.length > 0) throw new Error(complaints.splice(0).join("\n"));
});

async function expectText(id: string, text: string): Promise<void> {
  await expect.poll(() => page.textContent(`#${id}`)).toBe(text);
}

describe("in React", () => {
  it("shows what is there, and each change", async () => {
    await expectText("goals", "");
    await page.evaluate(async () => {
      await client.create("goal", { id: "the-goal", title: "Scales" });
      await client.create("goal", { title: "Arpeggios" });
    });
    await expectText("goals", "Arpeggios, Scales");
    await expectText("one", "Scales");
    await expectText("status", "disconnected, 2 pending, 0 refused");
    await page.evaluate(() => client.update("goal", "the-goal", { title: "Scales in thirds" }));
    await expectText("one", "Scales in thirds");
    await page.evaluate(() => client.delete("goal", "the-goal"));
    await expectText("goals", "Arpeggios");
    await expectText("one", "none");
  });

  it("draws for what it shows, and for nothing else", async () => {
    const before = await page.evaluate(async () => {
      await client.create("goal", { title: "Arpeggios" });
      await new Promise(requestAnimationFrame);
      return { ...drawn };
    });
    const other = await page.evaluate(async () => {
      const list = client.list("goal");
      await client.create("practice_plan", { title: "Daily", schedule: { kind: "single" } });
      await new Promise(requestAnimationFrame);
      return { ...drawn, same: list === client.list("goal") };
    });
    expect(other).toMatchObject({ goals: before.goals, one: before.one, same: true });
    expect(other.status).toBeGreaterThan(before.status);
    const own = await page.evaluate(async () => {
      await client.create("goal", { title: "Thirds" });
      await new Promise(requestAnimationFrame);
      return { ...drawn };
    });
    expect(own.goals).toBeGreaterThan(other.goals);
    expect(own.one).toBe(before.one);
  });

  it("shows dead letters, and that one was discarded", async () => {
    await page.evaluate(async () => {
      await client.create("goal", { id: "the-goal", title: "Scales" });
      await client.flush();
    });
    await expectText("status", "disconnected, 0 pending, 1 refused");
    await expectText("one", "Scales");
    await page.evaluate(() => client.discard("goal", "the-goal"));
    await expectText("status", "disconnected, 0 pending, 0 refused");
    await expectText("one", "none");
  });

  it("listens no more when it is taken away", async () => {
    expect(await page.evaluate(() => unmount())).toBe(0);
    await page.evaluate(() => client.create("goal", { title: "Unseen" }));
  });
});

import { afterAll, expect, it } from "vitest";
import { bundle, launchChromium } from "../testing/chromium.ts";
import { play } from "./run.ts";
import { startSoakServer } from "./server.ts";

const script = await bundle(new URL("tab.page.ts", import.meta.url));
const browser = await launchChromium();
const server = await startSoakServer();
afterAll(async () => {
  await browser.close();
  await server.close();
});

// More of them: npm run soak:client.
it.each([1, 2, 3])(
  "browsers, a process and the server agree after whatever seed %i does",
  async (seed) => {
    const { faults, resolved } = await play({ browser, script, server }, seed);
    expect(faults).toEqual([]);
    expect(resolved).toBeGreaterThan(20);
  },
  60_000,
);

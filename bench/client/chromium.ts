import {
  bundle,
  launchChromium,
  openPage,
  serveScript,
} from "../../reference-client/adapters/testing/chromium.ts";
import { tokenFor } from "../../reference-client/testing/server.ts";
import type { Round } from "./tab.page.ts";

declare const bench: (url: string, token: string, user: string, count: number) => Promise<Round>;

/**
 * `rounds` rounds in Chromium, each with a user and a browser profile of its own: what waits is flushed, what is stored is opened again, a new device
 * pulls. Times are this machine's, so they stand beside what IndexedDB itself takes for the same rows, and beside a page that does nothing for as long as
 * the flush took: what holds that up is the machine.
 */
export async function inChromium(
  url: string,
  count: number,
  rounds: number,
): Promise<{ version: string; rounds: Round[] }> {
  const script = await bundle(new URL("tab.page.ts", import.meta.url));
  const browser = await launchChromium();
  try {
    const done: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      const context = await browser.newContext();
      await serveScript(context, script);
      const page = await openPage(context);
      const user = `chromium-${round}`;
      const given = [url, await tokenFor(user), user, count] as const;
      const measured = await page.evaluate(([...all]) => bench(...all), given);
      const { left, ...others } = measured.counts;
      if (left > 0 || Object.values(others).some((number) => number !== count))
        throw new Error(`${count} written, but there are ${JSON.stringify(measured.counts)}`);
      done.push(measured);
      await context.close();
    }
    return { version: browser.version(), rounds: done };
  } finally {
    await browser.close();
  }
}

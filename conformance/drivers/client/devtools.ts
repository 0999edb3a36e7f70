import type { CDPSession, Page } from "playwright-core";

/* What Playwright has no word for, by the protocol of Chromium's developer tools. */

/** One a page, since what it overrides lasts as long as it does. */
const SESSIONS = new WeakMap<Page, Promise<CDPSession>>();

function devtoolsOf(page: Page): Promise<CDPSession> {
  const known = SESSIONS.get(page) ?? page.context().newCDPSession(page);
  SESSIONS.set(page, known);
  return known;
}

/** What a function of the page resolves to: in one round trip, where the page's own `evaluate` takes three. */
export async function evaluated<Given extends object>(
  page: Page,
  act: (given: Given) => Promise<string>,
  given: Given,
): Promise<string> {
  const devtools = await devtoolsOf(page);
  const { result } = await devtools.send("Runtime.evaluate", {
    expression: `(${String(act)})(JSON.parse(${JSON.stringify(JSON.stringify(given))}))`,
    awaitPromise: true,
    returnByValue: true,
  });
  return result.value as string;
}

/** Has the browser tell a page of the network. It changes nothing of the network itself. */
export async function tellNetwork(page: Page, online: boolean): Promise<void> {
  const devtools = await devtoolsOf(page);
  // Not in the types yet.
  const send = devtools.send.bind(devtools) as (method: string, params: object) => Promise<unknown>;
  const speed = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
  await send("Network.overrideNetworkState", { offline: !online, ...speed });
}

/**
 * Stops a page for so many ms, as a machine that sleeps does: none of its timers fires, frames of its sockets and answers wait for it, and no
 * event tells it afterwards. A debugger does that: Chromium freezes only pages that nobody sees, and Playwright has it take each for seen. What
 * shares the page's process stands still with it; its workers don't.
 */
export async function standStill(page: Page, ms: number): Promise<void> {
  const devtools = await devtoolsOf(page);
  const paused = new Promise<void>((resolve) => devtools.once("Debugger.paused", () => resolve()));
  await devtools.send("Debugger.enable");
  try {
    await devtools.send("Debugger.pause");
    // It stops at the next statement of all: this one, where no other comes first.
    const next = devtools.send("Runtime.evaluate", { expression: "0" });
    await paused;
    await new Promise((resolve) => setTimeout(resolve, ms));
    await devtools.send("Debugger.resume");
    await next;
  } finally {
    await devtools.send("Debugger.disable");
  }
}

/** Ends a page's process. Resolves when it was asked to. */
export async function crash(page: Page): Promise<void> {
  const devtools = await devtoolsOf(page);
  // Nobody is left to answer.
  void devtools.send("Page.crash").catch(() => {});
}

import type { Browser } from "playwright-core";
import type { AdapterVerb } from "../../../schemas/adapter-verbs.ts";
import type { Capabilities } from "../../../schemas/adapter.ts";
import { createRedactor, type Redactor } from "../../wire/redaction.ts";
import { launchChromium } from "./chromium.ts";
import { hostIn } from "./host.ts";
import { servePage } from "./page-server.ts";
import { BY_THE_BROWSER, type Tab } from "./page.ts";
import { Pages } from "./pages.ts";
import type { ClientSubject } from "./port.ts";
import { capabilitiesOf, refusalOf } from "./process.ts";

/** Ten seconds, in which a server must have answered, are time enough for a page then. */
const SECOND_MS = 25;

export interface BrowserOptions {
  /** An HTML file, or a URL. It defines `window.mirubatoAdapter = { ask(verb, params) }`, which resolves or rejects as the protocol has it. */
  page: string;
  answerTimeoutMs: number;
  /** For the page to define its adapter. Default: as for an answer. */
  startTimeoutMs?: number;
  redactor?: Redactor;
  /** Default: one of its own, which ends with it. */
  browser?: Browser;
}

/**
 * Clients in pages of Chromium: a client is a page, clients on one storage are tabs, to be killed is to crash. `offline` and `online` are the
 * browser's to say, and so is what loads a page anew or has it sleep: the page has no need of these verbs.
 *
 * @throws UsageError where the page is not there, or defines no adapter
 * @throws CouldNotRun where there is no browser, or the page makes no sense; nothing runs then
 */
export async function browserSubject(options: BrowserOptions): Promise<ClientSubject> {
  const { page, answerTimeoutMs, startTimeoutMs = answerTimeoutMs, redactor = createRedactor() } = options;
  const served = await servePage(page);
  let browser: Browser;
  try {
    browser = options.browser ?? (await launchChromium());
  } catch (error) {
    await served.close();
    throw error;
  }
  const pages = new Pages({
    browser,
    name: page,
    url: served.url,
    redactor,
    answerTimeoutMs,
    startTimeoutMs,
  });
  const close = async (): Promise<void> => {
    await pages.close();
    if (!options.browser) await browser.close();
    await served.close();
  };
  let capabilities: Capabilities;
  try {
    const first = pages.first();
    capabilities = await inBrowser(first, answerTimeoutMs);
    pages.begin(first, (capabilities.clients ?? 1) > 1);
  } catch (error) {
    await close();
    throw refusalOf(error);
  }
  let storages = 0;
  return {
    description: page,
    capabilities,
    launch: async ({ alone = false } = {}) => hostIn(pages.place(alone), capabilities),
    newStorage: () => `/storage-${(storages += 1)}`,
    network: "loopback",
    origin: served.origin,
    shortestSecondMs: SECOND_MS,
    close,
  };
}

/** What a page can do together with the browser around it. */
async function inBrowser(first: Tab, answerTimeoutMs: number): Promise<Capabilities> {
  await first.loaded();
  const told = await capabilitiesOf(first, answerTimeoutMs);
  const hints: readonly AdapterVerb[] = ["offline", "online"];
  const hinted = await first.hint(true).then(
    () => true,
    // An older Chromium can't be told.
    () => false,
  );
  const own = told.verbs.filter((verb) => !BY_THE_BROWSER.some((other) => other === verb));
  const added = BY_THE_BROWSER.filter((verb) => hinted || !hints.includes(verb));
  return { tabs: true, ...told, verbs: [...own, ...added] };
}

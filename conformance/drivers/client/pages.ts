import type { Browser, BrowserContext } from "playwright-core";
import { HarnessError } from "../../verdict.ts";
import type { Place } from "./host.ts";
import { Tab, type TabOptions } from "./page.ts";

export interface PagesOptions extends TabOptions {
  browser: Browser;
}

/**
 * The pages of one adapter: one for each client, in a browser context for each storage, so that clients on one storage are tabs. Where
 * a page heeds `storage` itself, those that nobody killed and that were left in good order are used again, with their context.
 */
export class Pages {
  readonly #options: PagesOptions;
  readonly #contexts = new Map<string, Promise<BrowserContext>>();
  /** All that may still be open. */
  readonly #tabs = new Set<Tab>();
  readonly #idle: Tab[] = [];
  #recycles = false;

  constructor(options: PagesOptions) {
    this.#options = options;
  }

  /** The first page, before anything is known of it. */
  first(): Tab {
    return this.#open(this.#newContext());
  }

  /** What the first page tells of itself is known. @param heedsStorage whether a page can hold clients of several storages */
  begin(first: Tab, heedsStorage: boolean): void {
    this.#recycles = heedsStorage;
    if (heedsStorage) this.#idle.push(first);
    else void this.#end(first);
  }

  /** For the clients of one check. @param alone they may be killed */
  place(alone: boolean): Place {
    const own = new Set<Tab>();
    return {
      tabsApart: true,
      take: (storage) => {
        const known = this.#contexts.get(storage);
        const tab = this.#idleIn(known, alone) ?? this.#open(known ?? this.#newContext());
        this.#contexts.set(storage, tab.context);
        own.add(tab);
        return tab;
      },
      giveBack: (member, clean) => {
        const tab = member as Tab;
        if (!own.delete(tab)) return;
        const usable = clean && this.#recycles && !alone && !tab.conversation.over;
        if (usable && this.#isOnlyOne(tab)) void this.#recycle(tab);
        else void this.#end(tab);
      },
      kill: async () => {
        if (!alone) throw new HarnessError("a check that kills must launch({ alone: true })");
        await Promise.all([...own].map((tab) => tab.kill().then(() => this.#tabs.delete(tab))));
        own.clear();
      },
      end: async () => {},
    };
  }

  /** Ends all pages, and what they stored. */
  async close(): Promise<void> {
    await Promise.all([...this.#tabs].map((tab) => this.#end(tab)));
    const contexts = new Set([...this.#contexts.values(), ...this.#idle.map(({ context }) => context)]);
    await Promise.all([...contexts].map(async (context) => (await context).close()));
  }

  #open(context: Promise<BrowserContext>): Tab {
    const tab = new Tab(context, this.#options);
    this.#tabs.add(tab);
    return tab;
  }

  async #end(tab: Tab): Promise<void> {
    await tab.end();
    this.#tabs.delete(tab);
  }

  #newContext(): Promise<BrowserContext> {
    // A page that restricts where it may connect to could never reach a simulator.
    // No size is emulated: that makes a page a third cheaper.
    return this.#options.browser.newContext({ bypassCSP: true, viewport: null });
  }

  #idleIn(known: Promise<BrowserContext> | undefined, alone: boolean): Tab | undefined {
    if (alone) return undefined;
    const fits = (tab: Tab): boolean =>
      !tab.conversation.over && (known === undefined || tab.context === known);
    const at = this.#idle.findLastIndex(fits);
    return at < 0 ? undefined : this.#idle.splice(at, 1)[0];
  }

  /** Others on its storage might share its process, and stand still with it where it sleeps in another check. */
  #isOnlyOne(tab: Tab): boolean {
    return ![...this.#tabs].some(
      (other) => other !== tab && other.context === tab.context && !other.conversation.over,
    );
  }

  async #recycle(tab: Tab): Promise<void> {
    try {
      // Not waited for otherwise, so that it is there for the next client at once.
      if (tab.toldOffline) await tab.hint(true);
      this.#idle.push(tab);
    } catch {
      await this.#end(tab);
    }
  }
}

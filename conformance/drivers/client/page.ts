import { PassThrough, Writable } from "node:stream";
import type { BrowserContext, CDPSession, Page } from "playwright-core";
import type { AdapterRequest } from "../../../schemas/adapter-messages.ts";
import { UsageError } from "../../run/select.ts";
import type { Redactor } from "../../wire/redaction.ts";
import type { Member } from "./host.ts";
import { askInPage, hearEvents, isAdapterThere } from "./in-page.ts";
import { Conversation } from "./json-lines.ts";

const MAX_LINES = 100;
const MAX_LINE = 1_000;
const LAST_WORDS = 10;
/** A page that has not crashed by then is closed. One that is not closed by then, as Chromium forgets to if it is just leaving, goes with its context. */
const GRACE_MS = 2_000;
/** For a page to be opened, and for its server to answer, on a machine that is busy. */
const OPENING_MS = 20_000;
const LEFT = "the page was loaded anew, or left: what its adapter held is gone";
/** What the browser itself does for a page. */
const BY_THE_BROWSER = ["offline", "online"];

export interface TabOptions {
  /** What the page is called in errors: the file or the URL. */
  name: string;
  url: string;
  redactor: Redactor;
  answerTimeoutMs: number;
  startTimeoutMs: number;
}

/** An adapter that is a page: asked as a process is, by lines of JSON. It loads meanwhile. */
export class Tab implements Member {
  readonly conversation: Conversation;
  readonly context: Promise<BrowserContext>;
  readonly #options: TabOptions;
  readonly #answers = new PassThrough();
  readonly #lines: string[] = [];
  readonly #page: Promise<Page>;
  readonly #ready: Promise<Page>;
  /** It has crashed. */
  #dead = false;
  #toldOffline = false;
  #closed: Promise<void> | undefined;

  constructor(context: Promise<BrowserContext>, options: TabOptions) {
    this.#options = options;
    this.context = context;
    const { redactor, answerTimeoutMs, startTimeoutMs } = options;
    this.conversation = new Conversation({
      input: this.#answers,
      output: new Writable({
        decodeStrings: false,
        // One line is written at a time; an answer that takes its time holds up no other.
        write: (line: string, _, done) => {
          void this.#ask(JSON.parse(line) as AdapterRequest);
          done();
        },
      }),
      ended: new Promise(() => {}),
      lastWords: () => this.#lastWords(),
      where: () => "the page told",
      redactor,
      answerTimeoutMs,
      // To be opened, to be loaded, to define its adapter, to answer.
      startTimeoutMs: 2 * OPENING_MS + startTimeoutMs + answerTimeoutMs,
      onOver: () => void this.end(),
    });
    this.#page = context.then((one) => this.#open(one));
    this.#ready = this.#page.then((page) => this.#load(page));
    this.#ready.catch((error: unknown) => this.#over(firstLine(error)));
  }

  /**
   * Resolves when it can be asked, or never will be.
   * @throws UsageError where there is no page, or it defines no adapter
   */
  async loaded(): Promise<void> {
    try {
      await this.#ready;
    } catch (error) {
      if (error instanceof NoAdapterPage)
        throw new UsageError(`--browser: ${error.message}; ${error.remedy}${this.#lastWords()}`);
    }
  }

  lines(): string[] {
    return this.#lines.map((line) => this.#options.redactor.text(line));
  }

  get toldOffline(): boolean {
    return this.#toldOffline;
  }

  /** What a browser says of the network: a hint, by which nothing is reached or not reached. */
  async hint(online: boolean): Promise<void> {
    this.#toldOffline = !online;
    const devtools = await devtoolsOf(await this.#page);
    // Not in the types yet.
    const send = devtools.send.bind(devtools) as (method: string, params: object) => Promise<unknown>;
    const speed = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await send("Network.overrideNetworkState", { offline: !online, ...speed });
  }

  /** Its process ends as in a crash: nothing in it goes on, no handler of its end is run. What was stored stays. */
  async kill(): Promise<void> {
    const page = await this.#page.catch(() => undefined);
    if (page && !page.isClosed() && !this.#dead) {
      const crashed = new Promise<void>((resolve) => page.once("crash", () => resolve()));
      (await devtoolsOf(page)).send("Page.crash").catch(() => {});
      await soon(crashed);
    }
    await this.end("the page was killed");
  }

  /** Closed as a user closes it, without being asked whether it may. */
  async end(why = "the page was closed"): Promise<void> {
    this.conversation.end(why);
    await (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    const page = await this.#page.catch(() => undefined);
    if (page) await soon(page.close({ runBeforeUnload: false }).catch(() => {}));
  }

  async #open(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    page.on("console", (message) => this.#keep(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => this.#keep(`uncaught: ${firstLine(error)}`));
    page.on("crash", () => {
      this.#dead = true;
      this.#over("the page crashed");
    });
    page.on("close", () => this.#over("the page was closed"));
    await page.exposeBinding("mirubatoTell", (_, event: string) => void this.#answers.write(`${event}\n`));
    return page;
  }

  async #load(page: Page): Promise<Page> {
    const { url, startTimeoutMs: timeout } = this.#options;
    const served = "start what serves it, or name another page";
    const response = await page
      .goto(url, { timeout: OPENING_MS, waitUntil: "commit" })
      .catch((cause: unknown) => {
        const why = firstLine(cause).replace(/^page\.goto: /, "");
        // Else it is the browser that has ended.
        if (!/net::|Timeout/.test(why)) throw cause;
        throw new NoAdapterPage(`the page does not load (${why})`, served);
      });
    if (response && !response.ok())
      throw new NoAdapterPage(`the page was answered with ${response.status()}`, served);
    try {
      await page.waitForFunction(isAdapterThere, undefined, { timeout, polling: 10 });
    } catch (cause) {
      if (cause instanceof Error && cause.name !== "TimeoutError") throw cause;
      throw new NoAdapterPage(
        `the page has not defined window.mirubatoAdapter = { ask(verb, params) } within ${timeout / 1000} s`,
        "name the page that does, or give it longer by --start-timeout",
      );
    }
    await page.evaluate(hearEvents);
    page.on("framenavigated", (frame) => {
      if (frame === page.mainFrame()) this.#over(LEFT);
    });
    return page;
  }

  async #ask(request: AdapterRequest): Promise<void> {
    let answer: string;
    try {
      const page = await this.#ready;
      if (BY_THE_BROWSER.includes(request.verb)) {
        await this.hint(request.verb === "online");
        answer = JSON.stringify({ id: request.id, ok: true, result: {} });
      } else answer = await evaluated(await devtoolsOf(page), askInPage, request);
    } catch (error) {
      const why = firstLine(error);
      const left = /navigated or closed|promise was collected|context was destroyed/i.test(why);
      this.#over(left ? LEFT : `the page could not be asked to ${request.verb}: ${why}`);
      return;
    }
    this.#answers.write(`${answer}\n`);
  }

  #over(why: string): void {
    this.conversation.end(`${why}${this.#lastWords()}`);
  }

  #keep(line: string): void {
    if (this.#lines.push(line.slice(0, MAX_LINE)) > MAX_LINES) this.#lines.shift();
  }

  #lastWords(): string {
    const last = this.lines().slice(-LAST_WORDS);
    const { name } = this.#options;
    return last.length === 0 ? `: ${name}` : `: ${name}\nits console:\n  | ${last.join("\n  | ")}`;
  }
}

/** What was named is no page, or none of an adapter. */
class NoAdapterPage extends Error {
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** One a page, since what it overrides lasts as long as it does. */
const SESSIONS = new WeakMap<Page, Promise<CDPSession>>();

function devtoolsOf(page: Page): Promise<CDPSession> {
  const known = SESSIONS.get(page) ?? page.context().newCDPSession(page);
  SESSIONS.set(page, known);
  return known;
}

/** What a function of the page resolves to: in one round trip, where the page's own `evaluate` takes three. */
async function evaluated<Given extends object>(
  devtools: CDPSession,
  act: (given: Given) => Promise<string>,
  given: Given,
): Promise<string> {
  const { result } = await devtools.send("Runtime.evaluate", {
    expression: `(${String(act)})(JSON.parse(${JSON.stringify(JSON.stringify(given))}))`,
    awaitPromise: true,
    returnByValue: true,
  });
  return result.value as string;
}

async function soon(event: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, GRACE_MS)));
  await Promise.race([event, late]);
  clearTimeout(timer);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
}

import { PassThrough, Writable } from "node:stream";
import type { BrowserContext, Page } from "playwright-core";
import type { AdapterRequest } from "../../../schemas/adapter-messages.ts";
import type { AdapterVerb } from "../../../schemas/adapter-verbs.ts";
import type { Params } from "../../../schemas/adapter.ts";
import { UsageError } from "../../run/select.ts";
import type { Redactor } from "../../wire/redaction.ts";
import { later, rejectable } from "../../wire/rejectable.ts";
import { crash, evaluated, standStill, tellNetwork } from "./devtools.ts";
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
export const BY_THE_BROWSER = ["offline", "online", "reload", "sleep"] as const;

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
  /** Rejected when what it was asked is lost, as it is loaded anew. */
  #lost = rejectable();
  #reloading = false;
  /** How long a second of its client's own waiting takes, in ms. */
  #secondMs = 1_000;
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
    await tellNetwork(await this.#page, online);
  }

  /** Its process ends as in a crash: nothing in it goes on, no handler of its end is run. What was stored stays. */
  async kill(): Promise<void> {
    const page = await this.#page.catch(() => undefined);
    if (page && !page.isClosed() && !this.#dead) {
      const crashed = new Promise<void>((resolve) => page.once("crash", () => resolve()));
      await crash(page);
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
    const { url } = this.#options;
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
    await this.#meet(page);
    page.on("framenavigated", (frame) => {
      if (frame === page.mainFrame() && !this.#reloading) this.#over(LEFT);
    });
    return page;
  }

  /** Waits for its adapter. */
  async #meet(page: Page): Promise<void> {
    const { startTimeoutMs: timeout } = this.#options;
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
  }

  async #ask(request: AdapterRequest): Promise<void> {
    const { id, verb } = request;
    const lost = later(this.#lost.promise);
    let answer: string;
    try {
      const page = await this.#ready;
      if (isByTheBrowser(verb)) {
        await this.#doItself(page, request);
        answer = JSON.stringify({ id, ok: true, result: {} });
      } else {
        if (verb === "open") this.#secondMs = (request.params as Params<"open">).secondMs;
        answer = await Promise.race([evaluated(page, askInPage, request), lost]);
      }
    } catch (error) {
      const why = firstLine(error);
      const left =
        why === LEFT || /navigated or closed|promise was collected|context was destroyed/i.test(why);
      if (!left || verb === "reload" || this.#lost.promise === lost) {
        this.#over(left ? LEFT : `the page could not be asked to ${verb}: ${why}`);
        return;
      }
      answer = JSON.stringify({ id, ok: false, error: { code: "RELOADED", message: LEFT } });
    }
    this.#answers.write(`${answer}\n`);
  }

  async #doItself(page: Page, { verb, params }: AdapterRequest): Promise<void> {
    if (verb === "reload") await this.#reload(page);
    else if (verb === "sleep") await standStill(page, (params as Params<"sleep">).seconds * this.#secondMs);
    else await this.hint(verb === "online");
  }

  /** As a user does it: its farewell events are told, and what it was asked and has not answered is refused. */
  async #reload(page: Page): Promise<void> {
    const before = this.#lost;
    this.#lost = rejectable();
    this.#reloading = true;
    await page.reload({ timeout: OPENING_MS, waitUntil: "commit" });
    before.reject(new Error(LEFT));
    await this.#meet(page);
    this.#reloading = false;
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

function isByTheBrowser(verb: AdapterVerb): boolean {
  return (BY_THE_BROWSER as readonly AdapterVerb[]).includes(verb);
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

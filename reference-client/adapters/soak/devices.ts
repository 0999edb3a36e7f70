import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { crash, openPage, serveScript } from "../testing/chromium.ts";
import type { Order, Outcome } from "./device.ts";

const PROGRAM = fileURLToPath(new URL("process.ts", import.meta.url));

/** Whose data, where. */
export interface Account {
  url: string;
  user: string;
  token: string;
}

/** Undefined: it was interrupted, and nobody knows. */
export type Told = Outcome | undefined;

/** What the soak does things with. */
export interface Device {
  readonly name: string;
  ask(order: Order): Promise<Told>;
  /** Ends it without a word, in whatever it is doing, and opens it again over the same data. */
  kill(how: "reload" | "crash"): Promise<void>;
  /** Without a network, or asleep. */
  offline(is: boolean): Promise<void>;
  close(): Promise<void>;
}

interface Offered {
  openClient(url: string, user: string, token: string): Promise<void>;
  obey(order: Order): Promise<Outcome>;
}
declare const self: Offered;

/** A tab of a browser. Tabs of one context share its data. */
export async function openTab(name: string, context: BrowserContext, account: Account): Promise<Device> {
  const start = async (page: Page): Promise<Page> => {
    await page.evaluate(({ url, user, token }) => self.openClient(url, user, token), account);
    return page;
  };
  let page = await start(await openPage(context));
  return {
    name,
    async ask(order) {
      try {
        return await page.evaluate((one) => self.obey(one), order);
      } catch {
        return undefined;
      }
    },
    async kill(how) {
      const old = page;
      if (how === "reload") await old.reload();
      else {
        await crash(old);
        await old.close();
        page = await openPage(context);
      }
      await start(page);
    },
    offline: (is) => context.setOffline(is),
    close: () => page.close(),
  };
}

export async function newContext(browser: Browser, script: string): Promise<BrowserContext> {
  const context = await browser.newContext();
  await serveScript(context, script);
  return context;
}

/** A process with its data in a folder. */
export async function openProcess(
  name: string,
  folder: string,
  { url, user, token }: Account,
): Promise<Device> {
  let child: ChildProcess;
  let waiting = new Map<number, (told: Told) => void>();
  let asked = 0;
  const start = async (): Promise<void> => {
    const started = spawn(process.execPath, [PROGRAM, url, user, token, folder], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    child = started;
    const mine = new Map<number, (told: Told) => void>();
    waiting = mine;
    // A pipe that broke: its end is told as well.
    started.stdin.on("error", () => {});
    const opened = Promise.withResolvers<void>();
    createInterface({ input: started.stdout }).on("line", (line) => {
      if (line === "open") {
        opened.resolve();
        return;
      }
      const { id, outcome } = JSON.parse(line) as { id: number; outcome: Outcome };
      mine.get(id)?.(outcome);
      mine.delete(id);
    });
    started.on("close", () => {
      opened.reject(new Error(`${name} ended before it was open`));
      for (const told of mine.values()) told(undefined);
    });
    await opened.promise;
  };
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  };
  await start();
  return {
    name,
    ask: (order) =>
      new Promise((told) => {
        if (child.exitCode !== null || child.signalCode !== null) {
          told(undefined);
          return;
        }
        waiting.set(++asked, told);
        child.stdin!.write(`${JSON.stringify({ id: asked, order })}\n`);
      }),
    async kill() {
      await end();
      await start();
    },
    // As a laptop is when its lid is closed: nothing goes on, and its connections end without it.
    async offline(is) {
      child.kill(is ? "SIGSTOP" : "SIGCONT");
    },
    close: end,
  };
}

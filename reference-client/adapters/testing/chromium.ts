import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

/** Where pages of tests are from: a secure context, so that there are locks; nothing listens there. */
export const ORIGIN = "http://localhost:5173";

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  // The page is from nowhere, its server on this machine: no user is there to allow that.
  "--disable-features=LocalNetworkAccessChecks",
];

/** Chromium as it is on the PATH. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumOnPath(), args: ARGS });
}

/** Chromium with a profile that outlives it. @param folder of the profile */
export function launchWithProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { executablePath: chromiumOnPath(), args: ARGS });
}

function chromiumOnPath(): string {
  const which = "command -v chromium || command -v chromium-browser || command -v google-chrome";
  return execFileSync("sh", ["-c", which], { encoding: "utf8" }).trim();
}

/** A module of ours, with all that it imports, as a script of a page. */
export async function bundle(module: URL): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(module)],
    bundle: true,
    format: "iife",
    target: "es2023",
    write: false,
    alias: { vitest: fileURLToPath(new URL("vitest-in-page.ts", import.meta.url)) },
  });
  return outputFiles[0]!.text;
}

/** Serves the script as the only page of `ORIGIN`. */
export async function serveScript(context: BrowserContext, script: string): Promise<void> {
  await context.route(`${ORIGIN}/**`, (route) =>
    route.request().url().endsWith("/script.js")
      ? route.fulfill({ contentType: "text/javascript", body: script })
      : route.fulfill({
          contentType: "text/html",
          body: '<!doctype html><meta charset="utf-8"><title>test</title><script src="/script.js"></script>',
        }),
  );
}

export async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${ORIGIN}/`);
  return page;
}

/** Kills the page's process, as a crash does. */
export async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent("crash");
  const devtools = await page.context().newCDPSession(page);
  devtools.send("Page.crash").catch(() => {});
  await crashed;
}

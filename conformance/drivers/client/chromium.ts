import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type * as Playwright from "playwright-core";
import { reasonOf } from "../../wire/exchange.ts";
import { CouldNotRun } from "../../verdict.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  // A page from elsewhere and a simulator on this machine: no user is there to allow that.
  "--disable-features=LocalNetworkAccessChecks",
];

/**
 * Starts Chromium without a window: the one on the PATH, or else one that Playwright has installed. It ends with this process.
 *
 * @throws CouldNotRun naming what has to be installed, and how
 */
export async function launchChromium(): Promise<Playwright.Browser> {
  const { chromium } = await playwright();
  const executablePath = onPath();
  try {
    return await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ARGS,
      // The suite itself heeds them, and comes to its reports first.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
  } catch (error) {
    if (executablePath === undefined)
      throw new CouldNotRun(
        "a browser page is checked in Chromium, and there is none: npx playwright-core install chromium, or install your system's (apt-get install chromium)",
      );
    throw new CouldNotRun(`${executablePath} does not start: ${reasonOf(error).split("\n")[0]}`);
  }
}

/** @param load for tests. @throws CouldNotRun where it is not installed: it is an optional peer */
export async function playwright(
  load = (): Promise<typeof Playwright> => import("playwright-core"),
): Promise<typeof Playwright> {
  try {
    return await load();
  } catch {
    throw new CouldNotRun(
      "a browser page is checked by Playwright, which is not installed: npm install --save-dev playwright-core",
    );
  }
}

function onPath(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

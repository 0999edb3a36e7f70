import { expect, it } from "vitest";
import { CouldNotRun } from "../../verdict.ts";
import { playwright } from "./chromium.ts";

it("without Playwright, a page can't be checked, and what to install is told", async () => {
  const missing = playwright(() => Promise.reject(new Error("Cannot find package 'playwright-core'")));
  await expect(missing).rejects.toThrow(/npm install --save-dev playwright-core$/);
  await expect(missing).rejects.toBeInstanceOf(CouldNotRun);
});

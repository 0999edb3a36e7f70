import { defineConfig } from "vitest/config";
import { LongestFirst } from "./scripts/longest-first.ts";

/** Tests that need Chromium on the PATH: `npm run test:browser`. */
export default defineConfig({
  test: {
    include: ["**/*.browser.test.ts"],
    exclude: ["**/node_modules/**", "dist/**"],
    maxWorkers: "100%",
    sequence: { sequencer: LongestFirst },
    // Checks of clients wait more than they work.
    maxConcurrency: 8,
    // No test is about time on the wall; a busy machine takes its time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});

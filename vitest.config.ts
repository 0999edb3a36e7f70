import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./scripts/longest-first.ts";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    // More than there are cores: many tests wait, for a client's back-off or a process to end.
    maxWorkers: 2 * availableParallelism(),
    // No test is about time on the wall; a busy machine takes its time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    // A worker loads what its files share once. What a test changes of that it puts back.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    exclude: ["**/node_modules/**", "docs/test/**", "dist/**", "**/*.browser.test.ts"],
    env: {
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_HIDE_BANNER: "true",
    },
  },
});

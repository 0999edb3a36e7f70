import { defineConfig } from "vitest/config";

/** Holds the built site to what it promises: `npm run test:docs`, after `npm run docs`. Needs Chromium on the PATH. */
export default defineConfig({
  test: {
    include: ["docs/test/*.test.ts"],
    maxWorkers: "100%",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});

import { defineConfig } from "vitest/config";

/** Tests that need Chromium on the PATH: `npm run test:browser`. */
export default defineConfig({
  test: {
    include: ["**/*.browser.test.ts"],
    exclude: ["node_modules/**", "dist/**"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

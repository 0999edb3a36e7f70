import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    // All cores: by default one is kept free, which on two leaves one.
    maxWorkers: "100%",
    exclude: ["node_modules/**", "docs/test/**", "dist/**", "**/*.browser.test.ts"],
    env: {
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_HIDE_BANNER: "true",
    },
  },
});

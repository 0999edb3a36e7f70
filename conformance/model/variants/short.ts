import { variant } from "../variant.ts";

export const shortened = variant({
  name: "shortened",
  story: "A deployment for tests, whose every limit is far below what people need.",
  uses: [{ freedom: "a deployment may shorten any limit for a test", of: ["DISC-003"] }],
  options: {
    limits: {
      maxBodyBytes: 100_000,
      maxItems: 40,
      maxItemBytes: 40_000,
      maxDepth: 12,
      maxPageSize: 4,
      idempotencyRetentionMs: 60_000,
      clockSkewMs: 30_000,
      tokenLeewayMs: 2_000,
      deviceWindowMs: 120_000,
      legacyMaxBodyBytes: 100_000,
      legacyMaxItems: 50,
      requestBurst: 120,
      requestsPerSecond: 50,
      maxMessageBytes: 60_000,
      idleTimeoutMs: 20_000,
      maxConnections: 8,
      messageBurst: 250,
      messagesPerSecond: 100,
    },
  },
  declines: ["IDEM-017"],
  deform: (conforming) => conforming,
});

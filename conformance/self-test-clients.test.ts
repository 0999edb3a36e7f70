import { selfTest } from "./matrix/self-test.ts";

// Most of a trial is waiting.
await selfTest("client", { timeoutMs: 300_000, concurrency: 12 });

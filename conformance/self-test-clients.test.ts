import { selfTest } from "./matrix/self-test.ts";

// Most of a trial is waiting.
await selfTest("client", { timeoutMs: 60_000, concurrency: 12 });

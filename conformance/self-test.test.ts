import { selfTest } from "./matrix/self-test.ts";

await selfTest("server", { timeoutMs: 120_000, concurrency: 5 });

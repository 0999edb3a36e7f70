import { selfTest } from "./matrix/self-test.ts";

await selfTest("server", { timeoutMs: 20_000, concurrency: 5 });

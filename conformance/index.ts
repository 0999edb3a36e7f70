/**
 * The suite for programs: `testServer` and `testClient` are the commands of that name, with their flags; `planServer` and `planClient` are
 * the checks one by one, for a test runner of your own. For Vitest and node:test there are `vitest.ts` and `node-test.ts` in `runners/`.
 */
export { testServer } from "./commands/test.ts";
export { testClient } from "./commands/test-client.ts";
export type { TestIo } from "./commands/test-io.ts";
export { consoleOf, type Console } from "./reporters/console.ts";
export { planServer } from "./runners/server.ts";
export { planClient } from "./runners/client.ts";
export type { Plan, PlannedTest } from "./runners/plan.ts";
export type { ClientOptions, ServerOptions, StartedServer } from "./runners/options.ts";
export { ConformanceFailure, type Outcome } from "./runners/outcome.ts";
export { discoverChecks, type FoundCheck, type FoundClient } from "./discover-checks.ts";
export { UsageError } from "./run/select.ts";
export { CouldNotRun } from "./verdict.ts";
export { specVersion, SUITE_VERSION } from "./versions.ts";

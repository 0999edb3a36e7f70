/* oxlint-disable vitest/valid-title, vitest/expect-expect, vitest/no-conditional-tests -- it is no test, but declares those of others */
import { planClient } from "./client.ts";
import { ConformanceFailure } from "./outcome.ts";
import type { ClientOptions, ServerOptions } from "./options.ts";
import type { Plan } from "./plan.ts";
import { planServer } from "./server.ts";

export type { ClientOptions, ServerOptions, StartedServer } from "./options.ts";

// An optional peer, like all test runners.
const { afterAll, beforeAll, describe, it } = await import("vitest").catch((error: unknown) => {
  if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
  throw new Error("mirubato-sync/conformance/vitest needs Vitest: npm install --save-dev vitest");
});

/** For what was started to end. */
const CLOSING_MS = 60_000;

/**
 * Declares a Vitest test for each check of a server, `IDEM-002/replay-changes-nothing: replaying a push …`, by areas and requirements of
 * the specification. The checks run side by side, whatever the runner's own concurrency, and only those that `-t` leaves; the server is
 * started once before the first, and ended after the last. A check that does not apply is a test that is skipped, with the reason.
 *
 * ```ts
 * import { describeServerConformance } from "mirubato-sync/conformance/vitest";
 *
 * describeServerConformance({ start: "./my-server --port {port}", only: ["IDEM"] });
 * ```
 *
 * Options that can't be meant fail the file, in a sentence that names the option.
 */
export function describeServerConformance(options: ServerOptions): void {
  const again = (check: string): string => `npx vitest run -t '${check}'`;
  declare("server conformance", () => planServer(options, again));
}

/** The same for a client, by its adapter: see {@link describeServerConformance}. */
export function describeClientConformance(options: ClientOptions): void {
  declare("client conformance", () => planClient(options));
}

function declare(title: string, planned: () => Promise<Plan>): void {
  describe(title, async () => {
    const plan = await planned();
    // Vitest runs tests one after the other: they only wait for what all of them come to together.
    beforeAll(function () {
      // The suite is the first argument up to Vitest 4 and the second from 5 on, where the first must be a pattern if it is named.
      const suite = [...arguments].find((one: object | undefined) => one && "tasks" in one) as Task;
      plan.begin(namesToRun(suite));
    });
    afterAll(() => plan.end(), CLOSING_MS);
    for (const { name, requirements } of plan.areas) {
      describe(name, () => {
        for (const requirement of requirements) {
          describe(requirement.name, () => {
            for (const test of requirement.tests) {
              // Each check has a time limit of its own.
              it(test.name, { timeout: 0 }, async ({ skip }) => {
                const outcome = await test.outcome();
                if (outcome.test === "fails") throw new ConformanceFailure(outcome.words);
                if (outcome.test === "is skipped") skip(outcome.words);
                // oxlint-disable-next-line no-console -- what Vitest shows beside a test that passes
                else if ("words" in outcome) console.warn(outcome.words);
              });
            }
          });
        }
      });
    }
    const { knownFailures } = plan;
    if (knownFailures) it("known failures still fail", { timeout: 0 }, () => knownFailures());
  });
}

/** As far as this has to know Vitest's tasks; in versions 3 to 5 they are alike. */
interface Task {
  name: string;
  mode: string;
  tasks?: Task[];
}

/** The tests that the runner's filters leave. */
function namesToRun({ name, mode, tasks }: Task): string[] {
  if (mode === "skip" || mode === "todo") return [];
  return tasks === undefined ? [name] : tasks.flatMap(namesToRun);
}

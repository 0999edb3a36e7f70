import { after, describe, it } from "node:test";
import { planClient } from "./client.ts";
import { ConformanceFailure } from "./outcome.ts";
import type { ClientOptions, ServerOptions } from "./options.ts";
import type { Plan } from "./plan.ts";
import { planServer } from "./server.ts";

export type { ClientOptions, ServerOptions, StartedServer } from "./options.ts";

/** All tests begin at once: how many checks run side by side is for the suite to say. */
const AT_ONCE = { concurrency: 1_000_000 };

/**
 * Declares a test of `node:test` for each check of a server, `IDEM-002/replay-changes-nothing: replaying a push …`, by areas and requirements
 * of the specification. The checks run side by side, and only those that `--test-name-pattern` leaves; the server is started once before
 * the first, and ended after the last. A check that does not apply is a test that is skipped, with the reason.
 *
 * ```ts
 * import { describeServerConformance } from "mirubato-sync/conformance/node-test";
 *
 * describeServerConformance({ start: "./my-server --port {port}", only: ["IDEM"] });
 * ```
 *
 * Options that can't be meant fail the file, in a sentence that names the option.
 */
export function describeServerConformance(options: ServerOptions): void {
  const again = (check: string): string => `node --test --test-name-pattern='${check}'`;
  declare("server conformance", () => planServer(options, again));
}

/** The same for a client, by its adapter: see {@link describeServerConformance}. */
export function describeClientConformance(options: ClientOptions): void {
  declare("client conformance", () => planClient(options));
}

function declare(title: string, planned: () => Promise<Plan>): void {
  void describe(title, AT_ONCE, async () => {
    const plan = await planned();
    after(() => plan.end());
    for (const { name, requirements } of plan.areas) {
      void describe(name, AT_ONCE, () => {
        for (const requirement of requirements) {
          void describe(requirement.name, AT_ONCE, () => {
            for (const test of requirement.tests) {
              void it(test.name, async (context) => {
                const outcome = await test.outcome();
                if (outcome.test === "fails") throw new ConformanceFailure(outcome.words);
                if (outcome.test === "is skipped") context.skip(outcome.words);
                else if ("words" in outcome) context.diagnostic(outcome.words);
              });
            }
          });
        }
      });
    }
    const { knownFailures } = plan;
    if (knownFailures) void it("known failures still fail", () => knownFailures());
  });
}

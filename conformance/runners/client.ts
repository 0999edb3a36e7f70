import { discoverChecks } from "../discover-checks.ts";
import { readClientSettings } from "../run/client-settings.ts";
import { rerunClientCommand } from "../run/rerun.ts";
import { runClient } from "../run/run-client.ts";
import { createRedactor, redactError } from "../wire/redaction.ts";
import { openedClient } from "../commands/test-client.ts";
import type { ClientOptions } from "./options.ts";
import { planOf } from "./plan.ts";
import type { Plan } from "./plan.ts";

/** The tests of a client. @throws UsageError for options that can't be meant */
export async function planClient(options: ClientOptions): Promise<Plan> {
  const { folder = process.cwd(), profiles: profile, ...flags } = options;
  const settings = readClientSettings({ ...flags, profile }, folder);
  return planOf({
    role: "client",
    settings,
    folder,
    all: await discoverChecks("client"),
    async open(fixed) {
      const redactor = createRedactor();
      const { subject, refusal } = await openedClient(settings, redactor, new AbortController().signal);
      const { seed, concurrency, profiles, realTime } = settings;
      return {
        async run(checks, told, signal) {
          try {
            return await runClient({
              ...fixed,
              ...(profiles ? { profiles } : {}),
              seed,
              concurrency,
              realTime,
              redactor,
              subject,
              checks,
              signal,
              description: redactor.text(subject?.capabilities.name ?? settings.adapter),
              ...(refusal === undefined ? {} : { refusal }),
              rerun: (check) => rerunClientCommand(settings, check.id),
              onCheck: told,
            });
          } catch (error) {
            throw redactError(error, redactor);
          }
        },
        close: async () => subject?.close?.(),
      };
    },
  });
}

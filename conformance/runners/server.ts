import { join, relative } from "node:path";
import { discoverChecks } from "../discover-checks.ts";
import { rerunCommand } from "../run/rerun.ts";
import { run } from "../run/run.ts";
import { readSettings } from "../run/settings.ts";
import type { Flags, Settings } from "../run/settings.ts";
import { openInstances } from "../subject/instances.ts";
import { redactError } from "../wire/redaction.ts";
import type { ServerOptions } from "./options.ts";
import { planOf } from "./plan.ts";
import type { Plan } from "./plan.ts";

/** Stands for the address of a server that is started from the tests, until it is. */
const NOT_YET = "http://127.0.0.1";

/**
 * The tests of a server.
 *
 * @param again the command that runs one of them again, where the server is one that the tests start
 * @throws UsageError for options that can't be meant
 */
export async function planServer(options: ServerOptions, again: (check: string) => string): Promise<Plan> {
  const { serve, folder = process.cwd() } = options;
  const given = flagsOf(options);
  // A server that the tests start is started by nothing else, whatever the settings file says.
  const read = (flags: Flags): Settings => ({
    ...readSettings(flags, process.env, folder),
    ...(serve ? { start: undefined } : {}),
  });
  const planned = read(serve ? { ...given, url: NOT_YET } : given);
  return planOf({
    role: "server",
    settings: planned,
    folder,
    all: await discoverChecks("server"),
    async open(fixed) {
      const started = await serve?.();
      const settings = started ? read({ ...given, url: started.url, seed: planned.seed }) : planned;
      const { seed, concurrency, profiles, histories } = settings;
      const open = await openInstances(settings, new AbortController().signal);
      const [{ redactor }] = open.subjects;
      const rerun = (check: string, schedule?: string): string =>
        serve ? `${again(check)}  (seed "${seed}")` : rerunCommand(settings, check, schedule);
      return {
        async run(checks, told, signal) {
          try {
            return await run({
              ...fixed,
              ...(profiles ? { profiles } : {}),
              seed,
              concurrency,
              subjects: open.subjects,
              checks,
              ...(open.refusal === undefined ? {} : { refusal: open.refusal }),
              signal: AbortSignal.any([signal, open.died]),
              histories: {
                folder: join(folder, "reports", "histories"),
                ...(histories === undefined ? {} : { count: histories }),
              },
              rerun: (check, schedule) => rerun(check.id, schedule && relative(folder, schedule)),
              onCheck: told,
            });
          } catch (error) {
            throw redactError(error, redactor);
          }
        },
        async close() {
          await open.close();
          await started?.close?.();
        },
      };
    },
  });
}

function flagsOf(options: ServerOptions): Flags {
  const { serve: _, folder: __, profiles, origins, headers, ...flags } = options;
  const header = headers && Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return { ...flags, profile: profiles, origin: origins, header };
}

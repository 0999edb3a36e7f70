import { discoverChecks } from "../conformance/discover-checks.ts";
import { createModel } from "../conformance/model/model.ts";
import { conforming } from "../conformance/model/behaviour.ts";
import { listen } from "../conformance/model/node-http.ts";
import type { Mutant } from "../conformance/model/mutant.ts";
import { didYouMean, UsageError } from "../conformance/run/select.ts";
import type { Served, ServeOptions } from "./serve.ts";

/** The in-memory model on a port, conforming or deformed by a mutant. Its data ends with it. */
export async function modelServer(options: ServeOptions, mutantName: string | undefined): Promise<Served> {
  const mutant = mutantName === undefined ? undefined : await mutantNamed(mutantName);
  const limits = Object.entries(options.limits).map(([name, value]) => [name, value ?? undefined]);
  const model = createModel({
    secret: options.jwtSecret,
    limits: Object.fromEntries(limits) as ServeOptions["limits"],
    ...(options.origins ? { origins: options.origins } : {}),
    ...(mutant ? { behaviour: mutant.deform(conforming) } : {}),
  });
  const { url, close } = await listen(model, options);
  return {
    url,
    close,
    restart: async () => model.restart(),
    kill: async () => model.restart(),
    evict: async () => model.evict(),
    advanceClock: async (ms) => model.advanceClock(ms),
    failNextWrite: async () => model.failNextWrite(),
  };
}

/** Mutants stand beside the checks that catch them. */
async function mutantNamed(name: string): Promise<Mutant> {
  const checks = await discoverChecks("server");
  const mutants = new Map(
    checks.flatMap(({ brokenBy }) => brokenBy.map((mutant) => [mutant.name, mutant] as const)),
  );
  const found = mutants.get(name);
  if (!found)
    throw new UsageError(`--mutant: there is no mutant "${name}".${didYouMean(name, [...mutants.keys()])}`);
  return found;
}

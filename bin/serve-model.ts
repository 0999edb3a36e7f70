import { discoverChecks } from "../conformance/discover-checks.ts";
import { createModel } from "../conformance/model/model.ts";
import { conforming } from "../conformance/model/behaviour.ts";
import { discoverVariants } from "../conformance/model/discover-variants.ts";
import { listen } from "../conformance/model/node-http.ts";
import type { Mutant } from "../conformance/model/mutant.ts";
import type { Variant } from "../conformance/model/variant.ts";
import { didYouMean, UsageError } from "../conformance/run/select.ts";
import type { Served, ServeOptions } from "./serve.ts";

/** The in-memory model on a port, deformed by a mutant or a variant if one is named. Its data ends with it. */
export async function modelServer(
  options: ServeOptions,
  named: { mutant?: string; variant?: string },
): Promise<Served> {
  const mutant = named.mutant === undefined ? undefined : await mutantNamed(named.mutant);
  const variant = named.variant === undefined ? undefined : await variantNamed(named.variant);
  const deformation = mutant ?? variant;
  const { clockMs = 0, options: own = {}, manners } = variant ?? {};
  const limits = Object.entries(options.limits).map(([name, value]) => [name, value ?? undefined]);
  const model = createModel({
    secret: options.jwtSecret,
    now: () => Date.now() + clockMs,
    ...own,
    limits: { ...own.limits, ...(Object.fromEntries(limits) as ServeOptions["limits"]) },
    ...(options.origins ? { origins: options.origins } : {}),
    ...(deformation ? { behaviour: deformation.deform(conforming) } : {}),
  });
  const { url, close } = await listen(model, { ...options, manners });
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

async function variantNamed(name: string): Promise<Variant> {
  const variants = await discoverVariants();
  const found = variants.find((variant) => variant.name === name);
  if (found) return found;
  const names = variants.map((variant) => variant.name);
  throw new UsageError(
    `--variant: there is no variant "${name}"; there are ${names.join(", ")}.${didYouMean(name, names)}`,
  );
}

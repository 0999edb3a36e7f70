import { parentPort, workerData } from "node:worker_threads";
import { discoverChecks } from "../discover-checks.ts";
import type { FoundAny } from "../discover-checks.ts";
import type { Order, Report, WorkerData } from "./side-by-side.ts";
import { tryCheck } from "./trial.ts";
import type { AnyMutant, Trial } from "./trial.ts";

// A thread of the matrix: told a check and a mutant by name, it tries them and tells what came of it.
const { seed, role } = workerData as WorkerData;
const all: readonly FoundAny[] = await discoverChecks(role);
const checks = new Map(all.map((check) => [check.id, check]));
const mutants = new Map(
  all.flatMap(({ brokenBy }): readonly AnyMutant[] => brokenBy).map((mutant) => [mutant.name, mutant]),
);
const port = parentPort!;

async function carryOut({ check: id, mutant }: Order): Promise<Trial> {
  return tryCheck(checks.get(id)!, mutant === null ? undefined : mutants.get(mutant)!, seed);
}

port.on("message", (order: Order) => {
  void carryOut(order).then(
    (trial) => port.postMessage({ trial } satisfies Report, []),
    (error: unknown) => port.postMessage({ error: String(error) } satisfies Report, []),
  );
});

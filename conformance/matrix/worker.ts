import { parentPort, workerData } from "node:worker_threads";
import { discoverChecks } from "../discover-checks.ts";
import type { Order, Report, WorkerData } from "./side-by-side.ts";
import { tryCheck } from "./trial.ts";
import type { Trial } from "./trial.ts";

// A thread of the matrix: told check and mutants by name, it tries them and tells what came of it.
const { seed } = workerData as WorkerData;
const checks = new Map((await discoverChecks("server")).map((check) => [check.id, check]));
const port = parentPort!;

async function carryOut({ check: id, mutants }: Order): Promise<Trial[]> {
  const check = checks.get(id)!;
  const named = new Map(check.brokenBy.map((mutant) => [mutant.name, mutant]));
  return Promise.all([undefined, ...mutants.map((name) => named.get(name)!)].map(one));

  function one(mutant: Parameters<typeof tryCheck>[1]): Promise<Trial> {
    return tryCheck(check, mutant, seed);
  }
}

port.on("message", (order: Order) => {
  void carryOut(order).then(
    (trials) => port.postMessage({ trials } satisfies Report, []),
    (error: unknown) => port.postMessage({ error: String(error) } satisfies Report, []),
  );
});

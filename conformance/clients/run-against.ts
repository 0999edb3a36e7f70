import type { ClientCheck } from "../client-check.ts";
import { modelClientSubject } from "../drivers/client/in-process.ts";
import type { ClientMutant } from "../model-client/mutant.ts";
import type { CheckOutcome } from "../run/judge.ts";
import { runClientCheck } from "../run/run-client-check.ts";
import type { Level } from "../verdict.ts";
import { network } from "./in-process-network.ts";

/** Runs one check against the model client, or against one of its mutants, in this process. */
export async function runClientCheckAgainst(
  check: ClientCheck,
  mutant?: ClientMutant,
  { seed = "self-test", level = "MUST" }: { seed?: string; level?: Level } = {},
): Promise<CheckOutcome> {
  const subject = modelClientSubject({
    ...(mutant ? { mutant } : {}),
    socketMutations: check.needs.includes("socketMutations"),
    network,
  });
  return runClientCheck(check, subject, { seed, nonce: "model", level });
}

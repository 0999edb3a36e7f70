import type { ClientCheck } from "../client-check.ts";
import { modelClientSubject } from "../drivers/client/in-process.ts";
import type { ClientMutant } from "../model-client/mutant.ts";
import { runClientCheck } from "../run/run-client-check.ts";
import type { ClientOutcome } from "../run/run-client-check.ts";
import type { Level } from "../verdict.ts";
import { network } from "./in-process-network.ts";

/**
 * Runs one check against the model client, or against one of its mutants, in this process.
 * @param patience how many times longer a second of the client's time takes
 */
export async function runClientCheckAgainst(
  check: ClientCheck,
  mutant?: ClientMutant,
  {
    seed = "self-test",
    level = "MUST",
    patience = 1,
  }: { seed?: string; level?: Level; patience?: number } = {},
): Promise<ClientOutcome> {
  const subject = modelClientSubject({
    ...(mutant ? { mutant } : {}),
    socketMutations: check.needs.includes("socketMutations"),
    network,
  });
  const patient = { ...check, secondMs: Math.min(check.secondMs * patience, 1_000) };
  return runClientCheck(patient, subject, { seed, nonce: "model", level });
}

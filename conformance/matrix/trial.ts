import type { ServerCheck } from "../check.ts";
import type { ClientCheck } from "../client-check.ts";
import { runClientCheckAgainst } from "../clients/run-against.ts";
import { runCheckAgainst } from "../drivers/in-process.ts";
import type { ClientMutant } from "../model-client/mutant.ts";
import type { Mutant } from "../model/mutant.ts";
import { wire } from "../reporters/failure.ts";
import type { CheckOutcome } from "../run/judge.ts";
import { messagesOf } from "../run/result.ts";
import { CheckFailure } from "../verdict.ts";

/** The seed of the checks' random choices, unless another is asked for. */
export const MATRIX_SEED = "self-test";

/** A faulty server, or a faulty client. */
export type AnyMutant = Mutant | ClientMutant;

/** One check, run once against the conforming model or against one of its mutants. */
export interface Trial {
  check: string;
  /** A mutant's name; null for the conforming model. */
  mutant: string | null;
  /** The check passed on the model, or failed on the mutant by its own assertion. */
  held: boolean;
  /** Else: what happened instead, in a sentence. */
  why?: string;
  /** Else: the values and the messages. */
  details?: string;
  /** How often it was played: more than once where this machine stood still, and may have hidden a fault or made one up. */
  tries: number;
}

/** How many times longer everybody waits, at the first try and at those after it. */
const PATIENCE = [1, 4, 16];

/**
 * Judges one pair: the self-test and `mirubato-sync mutants` have no other judgement. Only an assertion of the check's own kills; a crash, a
 * time-out, a failed set-up, a situation that never arose do not. A try that this machine spoilt is followed by another, but where a check
 * of servers fails on the model: there the command line has one try, too.
 */
export async function tryCheck(
  check: ServerCheck | ClientCheck,
  mutant?: AnyMutant,
  seed = MATRIX_SEED,
): Promise<Trial> {
  // A mutant is of its check's role: it stands in the check's own list.
  const play = (patience: number): Promise<CheckOutcome & { slow: boolean }> =>
    check.role === "client"
      ? runClientCheckAgainst(check, mutant as ClientMutant | undefined, { seed, patience })
      : runCheckAgainst(check, mutant as Mutant | undefined, { seed, patience });
  const holds = ({ verdict, error }: CheckOutcome): boolean =>
    mutant ? verdict === "failed" && error instanceof CheckFailure : verdict === "passed";
  const most = mutant || check.role === "client" ? PATIENCE.length : 1;
  let tries = 1;
  let outcome = await play(PATIENCE[0]!);
  while (!holds(outcome) && outcome.slow && tries < most) outcome = await play(PATIENCE[tries++]!);
  const held = holds(outcome);
  const trial = { check: check.id, mutant: mutant?.name ?? null, held, tries };
  if (held) return trial;
  const values = `expected ${JSON.stringify(outcome.expected)}, actual ${JSON.stringify(outcome.actual)}`;
  return {
    ...trial,
    why:
      outcome.message === undefined
        ? `${outcome.verdict}, as if nothing were wrong`
        : `${outcome.verdict}: ${outcome.message}`,
    details: [values, ...wire(messagesOf(outcome.transcript))].join("\n"),
  };
}

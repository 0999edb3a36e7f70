import type { AdapterVerb } from "../../../schemas/adapter-verbs.ts";
import { CouldNotRun, NotApplicable } from "../../verdict.ts";
import { AdapterRefusal, type ClientSubject } from "./port.ts";
import { STEPS } from "./trial-steps.ts";
import { type Client, Trial, Wrong } from "./trial.ts";

/** How one thing that was tried of an adapter went. */
export interface Tried {
  name: string;
  outcome: "works" | "wrong" | "missing";
  /** What there is to tell of it; may have several lines. */
  words: string;
  /** What to do about it. */
  remedy?: string;
}

/**
 * Tries each verb that an adapter declares once, against a server on a port of this machine. Judges the adapter, not its client: whether
 * it answers, in the right form, and did what it says.
 *
 * @param told hears of each thing when it has been tried
 * @returns whether nothing is wrong
 * @throws the reason of `signal`
 */
export async function checkAdapter(
  subject: ClientSubject,
  told: (tried: Tried) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  const { capabilities } = subject;
  told({ name: "capabilities", outcome: "works", words: inShort(capabilities) });
  const trial = new Trial(subject);
  let client: Client | undefined;
  let wrong = 0;
  const tell = (tried: Tried): void => {
    if (tried.outcome === "wrong") wrong += 1;
    told(tried);
  };
  try {
    for (const { name, verbs = [name as AdapterVerb], unless, run } of STEPS) {
      signal?.throwIfAborted();
      const missing = verbs.find((verb) => !capabilities.verbs.includes(verb));
      const why =
        missing === undefined ? unless?.(trial) : "not declared: checks that need it are not applicable";
      if (why !== undefined) {
        tell({ name, outcome: "missing", words: why });
        continue;
      }
      try {
        client ??= await trial.open();
        tell({ name, outcome: "works", words: (await run(trial, client)) ?? "" });
      } catch (error) {
        tell(troubleWith(name, error));
        // What can't be opened can't be tried; what broke off the talk needs a new process.
        if (name === "open") break;
        if (!(error instanceof Wrong)) client = undefined;
      }
      // Its client is closed.
      if (name === "close") client = undefined;
    }
  } finally {
    await trial.end();
  }
  return wrong === 0;
}

function troubleWith(name: string, error: unknown): Tried {
  if (error instanceof NotApplicable) return { name, outcome: "missing", words: error.message };
  if (error instanceof Wrong) return { name, outcome: "wrong", words: error.message, remedy: error.remedy };
  if (error instanceof AdapterRefusal)
    return {
      name,
      outcome: "wrong",
      words: error.message,
      remedy: "nothing is amiss with what was asked: look why the client refuses it, or leave out the verb",
    };
  if (error instanceof CouldNotRun) return { name, outcome: "wrong", words: error.message };
  throw error;
}

function inShort({ name, version, verbs, clients = 1, ...more }: ClientSubject["capabilities"]): string {
  const declared = (["timing", "realtime", "socketMutations", "tabs"] as const).filter((one) => more[one]);
  const parts = [`${name}${version === undefined ? "" : ` ${version}`}`, `${verbs.length} verbs`];
  parts.push(`${clients} ${clients === 1 ? "client" : "clients"} a process`, ...declared);
  return parts.join(", ");
}

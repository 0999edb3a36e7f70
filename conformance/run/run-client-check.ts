import type { ClientCheck, ClientNeed } from "../client-check.ts";
import { createWorld } from "../clients/world.ts";
import type { ClientSubject } from "../drivers/client/port.ts";
import type { Level } from "../verdict.ts";
import { createRedactor } from "../wire/redaction.ts";
import { judge } from "./judge.ts";
import type { CheckOutcome } from "./judge.ts";

export interface ClientCheckOptions {
  seed: string;
  nonce: string;
  /** Level of the check's requirement: decides between failed and warned. */
  level: Level;
  /** The specification's own durations: a second takes a second. */
  realTime?: boolean;
  /** Which try this is, from 1. */
  attempt?: number;
  /** Ends the run. */
  signal?: AbortSignal;
}

/** `slow`: the machine was too busy for a client's shortened waiting. */
export type ClientOutcome = CheckOutcome & { slow: boolean };

/** Runs one check against a client: needs, the check itself, and that the client lived at all. Never throws. */
export async function runClientCheck(
  check: ClientCheck,
  subject: ClientSubject,
  { level, signal, ...options }: ClientCheckOptions,
): Promise<ClientOutcome> {
  let isSlow = (): boolean => false;
  const lacking = check.needs.map((need) => missing(need, subject)).find((why) => why !== undefined);
  const judged = { timeoutMs: check.timeoutMs, level, signal, lacking, redactor: createRedactor() };
  const outcome = await judge(check, judged, async (ends) => {
    const world = await createWorld(check, subject, { ...options, signal: ends });
    const { context, transcript, redactor, demandLife, end } = world;
    isSlow = world.isSlow;
    const play = async (): Promise<void> => {
      await check.run(context);
      await demandLife();
    };
    return { transcript, redactor, writers: new Set<string>(), play, end };
  });
  return { ...outcome, slow: isSlow() };
}

/** Why a check that needs this is not applicable. */
function missing(need: ClientNeed, { capabilities }: ClientSubject): string | undefined {
  const [kind, verb = ""] = need.split(":");
  if (kind === "verb")
    return (capabilities.verbs as readonly string[]).includes(verb)
      ? undefined
      : `needs verb "${verb}", which the adapter does not declare`;
  // Whether it can be killed shows when it is launched for that.
  if (kind === "kill") return undefined;
  return capabilities[kind as "realtime" | "socketMutations" | "tabs"] === true
    ? undefined
    : `needs capability "${kind}", which the adapter does not declare`;
}

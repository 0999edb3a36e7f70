import type { ClientBehaviour } from "../../model-client/behaviour.ts";
import type { Context } from "../../model-client/context.ts";
import { clientMutant, tally } from "../../model-client/mutant.ts";
import type { Frozen } from "../../model-client/store.ts";

const MOST = 5;

/** All of a request becomes dead letters. */
function giveUp(context: Context, { key, items }: Frozen, code: string): void {
  const { behaviour, store } = context;
  store.transaction(() => {
    store.requests.delete(key);
    for (const { n } of items) {
      const change = store.changes.get(String(n));
      if (change) behaviour.bury(context, change, code);
    }
  });
}

export const countsFailedAttempts = clientMutant({
  name: "counts-failed-attempts",
  story: "A job has five attempts, as the queue's library has it, and the network was down for all of them.",
  breaks: ["CLI-030"],
  deform: (conforming) => ({
    ...conforming,
    afterFailure(context, frozen) {
      if (tally(context, `failures of ${frozen.key}`) >= MOST) giveUp(context, frozen, "FAILED");
    },
  }),
});

/** A client that gives up a request after so many answers of a kind. */
const counts =
  (kind: (status: number) => boolean, most: number) =>
  (conforming: ClientBehaviour): ClientBehaviour => ({
    ...conforming,
    readAnswer(context, call, response) {
      context.scratch.set("status", response.status);
      return conforming.readAnswer(context, call, response);
    },
    afterFailure(context, frozen) {
      const status = Number(context.scratch.get("status") ?? 0);
      if (kind(status) && tally(context, `failures of ${frozen.key}`) >= most)
        giveUp(context, frozen, String(status));
    },
  });

export const countsServerErrors = clientMutant({
  name: "counts-server-errors",
  story:
    "The network may fail for ever; a server that answers 500 three times has been asked for something impossible.",
  breaks: ["CLI-030"],
  deform: counts((status) => status >= 500, 3),
});

export const countsRateLimits = clientMutant({
  name: "counts-rate-limits",
  story: "429 is retried as often as anything else: five times.",
  breaks: ["CLI-030"],
  deform: counts((status) => status === 429, MOST),
});

export const takesARateLimitForARefusal = clientMutant({
  name: "takes-a-rate-limit-for-a-refusal",
  story: "All of 4xx is for good.",
  breaks: ["CLI-030", "CLI-009"],
  deform: counts((status) => status === 429, 1),
});

/** A client that takes no more than so many refusals with a code. */
const codeCounts =
  (code: string, most: number) =>
  (conforming: ClientBehaviour): ClientBehaviour => ({
    ...conforming,
    settleRefused(context, change, result, settled) {
      if (result["code"] !== code || tally(context, `${code} of ${change.n}`) < most)
        return conforming.settleRefused(context, change, result, settled);
      settled.settled += 1;
      context.behaviour.bury(context, change, code);
    },
  });

export const countsClockSkew = clientMutant({
  name: "counts-clock-skew",
  story: "It is stamped again, and after three times there must be something else wrong.",
  breaks: ["CLI-030"],
  deform: codeCounts("CLOCK_SKEW", 3),
});

export const takesClockSkewForPermanent = clientMutant({
  name: "takes-clock-skew-for-permanent",
  story: "The codes that may pass are listed, and this one is not among them.",
  breaks: ["CLI-030", "CLI-003"],
  deform: codeCounts("CLOCK_SKEW", 1),
});

export const countsVersionConflicts = clientMutant({
  name: "counts-version-conflicts",
  story: "Optimistic locking is tried five times.",
  breaks: ["CLI-030"],
  deform: codeCounts("VERSION_CONFLICT", MOST),
});

export const takesConflictsForPermanent = clientMutant({
  name: "takes-conflicts-for-permanent",
  story: "A conflict is for the user to solve, in the list of what failed.",
  breaks: ["CLI-030", "CLI-031"],
  deform: codeCounts("VERSION_CONFLICT", 1),
});

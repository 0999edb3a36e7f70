import type { JsonObject } from "../../../schemas/json.ts";
import type { Answer } from "../../model/answer.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { Refusal, StorageFailure } from "../../model/refusal.ts";

const recordsNot = (
  name: string,
  breaks: readonly string[],
  story: string,
  leavesOut: (answer: Answer, context: Context) => boolean,
): Mutant =>
  mutant({
    name,
    story,
    breaks,
    deform: (conforming) => ({
      ...conforming,
      isRecorded: (context, answer) => !leavesOut(answer, context) && conforming.isRecorded(context, answer),
    }),
  });

export const recordsSuccessesOnly = recordsNot(
  "records-successes-only",
  ["IDEM-013"],
  "A refusal changes nothing, so it was thought that it need not be remembered.",
  ({ refused }) => refused,
);
export const recordsNoRefusedItems = recordsNot(
  "records-no-answers-with-refused-items",
  ["IDEM-013"],
  "`if (body.success) record(…)`.",
  ({ refused, status }) => refused && status === 200,
);
export const recordsOnly200 = recordsNot(
  "records-only-200",
  ["IDEM-013"],
  "The record is written at the end of the handler, and refusals leave it by an exception.",
  ({ status }) => status !== 200,
);
export const recordsNo400 = recordsNot(
  "records-no-400",
  ["IDEM-013"],
  "Validation stands in front of the keys in the chain of handlers.",
  ({ status }) => status === 400,
);
export const recordsNo413 = recordsNot(
  "records-no-413",
  ["IDEM-013"],
  "Items are counted by a guard in front of the handler.",
  ({ status }) => status === 413,
);
export const recordsNoRefusedBatches = recordsNot(
  "records-no-refused-batches",
  ["IDEM-013"],
  "A version conflict is thought to be worth another try, so it is not remembered.",
  ({ refused }, { endpoint }) => refused && endpoint === "batch",
);
export const recordsNothingThatChangesNothing = recordsNot(
  "records-nothing-that-changes-nothing",
  ["IDEM-002", "IDEM-013"],
  "The record rides along with the rows, and without rows there is no transaction.",
  ({ body, status }) =>
    status !== 200 ||
    !(JSON.parse(new TextDecoder().decode(body)) as { results: JsonObject[] }).results.some(
      ({ outcome }) => outcome === "applied",
    ),
);

const recordsAlso = (status: 401 | 429 | 503, story: string): Mutant =>
  mutant({
    name: `records-${status}`,
    story,
    breaks: ["IDEM-014"],
    deform: (conforming) => ({
      ...conforming,
      intercept: async (context) => {
        const key = context.request.headers["x-idempotency-key"];
        const known = context.server.scratch.get(`${status} ${key}`) as Answer | undefined;
        return known ?? conforming.intercept(context);
      },
      finish: (context, answer) => {
        const key = context.request.headers["x-idempotency-key"];
        if (answer.status === status && key !== undefined)
          context.server.scratch.set(`${status} ${key}`, answer);
        return conforming.finish(context, answer);
      },
    }),
  });
export const records401 = recordsAlso(
  401,
  "The cache for keys stands in front of everything, the guard included.",
);
export const records429 = recordsAlso(
  429,
  "The gateway's answers go through the same cache as the handler's.",
);
export const records503 = recordsAlso(
  503,
  "Whatever is answered is recorded, the failure to answer as well.",
);

export const keepsTheKeyOfAFailedRequest = mutant({
  name: "keeps-the-key-of-a-failed-request",
  story: "The key is marked as in flight first, and the mark stays when the store fails.",
  breaks: ["IDEM-014"],
  deform: (conforming) => ({
    ...conforming,
    lock: async (context, task) => {
      if (context.key === undefined) return conforming.lock(context, task);
      const slot = `in flight ${context.user.id} ${context.key}`;
      if (context.server.volatile.has(slot)) {
        const headers = { "retry-after": "1" };
        throw new Refusal("IDEMPOTENCY_IN_FLIGHT", "the same request is being judged", { headers });
      }
      context.server.volatile.set(slot, true);
      try {
        const answer = await conforming.lock(context, task);
        context.server.volatile.delete(slot);
        return answer;
      } catch (error) {
        if (!(error instanceof StorageFailure)) context.server.volatile.delete(slot);
        throw error;
      }
    },
  }),
});

export const remembersWhatWasNeverLookedUp = mutant({
  name: "remembers-what-was-never-looked-up",
  story: "A cache around the whole handler keeps refusals that came before the key was looked at.",
  breaks: ["IDEM-021"],
  deform: (conforming) => ({
    ...conforming,
    intercept: async (context) => {
      const key = context.request.headers["x-idempotency-key"];
      return (context.server.scratch.get(`early ${key}`) as Answer) ?? conforming.intercept(context);
    },
    finish: (context, answer) => {
      const key = context.request.headers["x-idempotency-key"];
      const early = answer.status === 415 || (answer.status === 400 && context.key === undefined);
      if (early && key !== undefined) context.server.scratch.set(`early ${key}`, answer);
      return conforming.finish(context, answer);
    },
  }),
});

const recordsForDeployed = (name: string, story: string, too: (answer: Answer) => boolean): Mutant =>
  mutant({
    name,
    story,
    breaks: ["IDEM-015"],
    deform: (conforming) => ({
      ...conforming,
      isRecorded: (context, answer) =>
        conforming.isRecorded(context, answer) || (!context.announced && too(answer)),
    }),
  });
export const recordsRefusedItemsOfDeployedPeers = recordsForDeployed(
  "records-refused-items-of-deployed-peers",
  "An answer is an answer: 200 is recorded, whoever asked and whatever it says.",
  ({ status }) => status === 200,
);
export const recordsRefusalsOfDeployedPeers = recordsForDeployed(
  "records-refusals-of-deployed-peers",
  "Deployed peers are served by the same code, and their keys were thought to be random as well.",
  ({ status }) => status < 500,
);

import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import { ItemRefusal } from "../../model/refusal.ts";
import type { Judgement } from "../../model/submission.ts";

/** A push answer with some members replaced. */
const answering =
  (change: (answer: JsonObject, context: Context) => JsonObject) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    pushAnswer(context, judgements, head) {
      const answer = conforming.pushAnswer(context, judgements, head);
      return { ...answer, ...change(answer, context) };
    },
  });

export const groupsResultsByOutcome = mutant({
  name: "groups-results-by-outcome",
  story:
    "The accepted items are written first and the refusals appended, so results no longer stand where their items do.",
  breaks: ["PUSH-001"],
  deform: answering(({ results }) => {
    const all = results as JsonObject[];
    const refused = all.filter(({ outcome }) => outcome === "refused");
    return { results: [...all.filter(({ outcome }) => outcome !== "refused"), ...refused] };
  }),
});

export const ordersResultsByCollectionName = mutant({
  name: "orders-results-by-collection-name",
  story: "The server walks its own list of collections instead of the body's.",
  breaks: ["PUSH-001"],
  deform: (conforming) => ({
    ...conforming,
    pushItems: (context, body) =>
      conforming.pushItems(context, body).toSorted((a, b) => (a.pointer < b.pointer ? -1 : 1)),
  }),
});

export const pointsAtCollections = mutant({
  name: "points-at-collections",
  story: "The loop over items forgets to add the index to the pointer of the collection.",
  breaks: ["PUSH-001"],
  deform: (conforming) => ({
    ...conforming,
    result: (context, judgement) => ({
      ...conforming.result(context, judgement),
      pointer: judgement.submission.pointer.replace(/\/\d+$/, ""),
    }),
  }),
});

export const stopsAtFirstRefusal = mutant({
  name: "stops-at-first-refusal",
  story: "A validation error ends the loop, and everything behind it is reported as refused too.",
  breaks: ["PUSH-002"],
  deform(conforming) {
    const goingOn = new WeakMap<Context, Promise<boolean>>();
    return {
      ...conforming,
      examine(context, submission) {
        const turn = (goingOn.get(context) ?? Promise.resolve(true)).then((goesOn) => {
          if (goesOn) return conforming.examine(context, submission);
          throw new ItemRefusal("INVALID_ITEM", submission.pointer, "an earlier item was refused");
        });
        goingOn.set(
          context,
          turn.then(
            () => true,
            () => false,
          ),
        );
        return turn;
      },
    };
  },
});

export const appliesNothingIfOneIsRefused = mutant({
  name: "applies-nothing-if-one-is-refused",
  story: "One refusal rolls the whole transaction back, after the answer was put together.",
  breaks: ["PUSH-002"],
  deform(conforming) {
    const refused = new WeakSet<Context>();
    return {
      ...conforming,
      async examine(context, submission) {
        try {
          return await conforming.examine(context, submission);
        } catch (error) {
          refused.add(context);
          throw error;
        }
      },
      commit: (context, transaction) =>
        conforming.commit(context, refused.has(context) ? { ...transaction, rows: [] } : transaction),
    };
  },
});

export const alwaysSucceeds = mutant({
  name: "always-says-success",
  story: "success is a constant, since the request itself was processed.",
  breaks: ["PUSH-003", "BATCH-010"],
  deform: (conforming) => ({ ...conforming, isSuccess: () => true }),
});

export const listsSupersededAsConflicts = mutant({
  name: "lists-superseded-as-conflicts",
  story: "Everything that was not applied goes into conflicts, losing writes included.",
  breaks: ["PUSH-003"],
  deform: (conforming) => ({
    ...conforming,
    pushConflicts: (context, judgements) => [
      ...conforming.pushConflicts(context, judgements),
      ...judgements
        .filter(({ outcome }) => outcome === "superseded")
        .map(({ entityId, submission }) => ({
          entityId,
          entityType: submission.entityType,
          reason: "the server has a newer one",
          code: "VERSION_CONFLICT",
        })),
    ],
  }),
});

export const listsFirstRefusalOnly = mutant({
  name: "lists-the-first-refusal-only",
  story: "The conflict is kept in one variable instead of a list.",
  breaks: ["PUSH-003"],
  deform: (conforming) => ({
    ...conforming,
    pushConflicts: (context, judgements) => conforming.pushConflicts(context, judgements).slice(0, 1),
  }),
});

/** The counts of a push, of judgements that are seen in another light. */
const counting =
  (see: (judgement: Judgement) => Judgement | undefined) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    stats: (context, judgements) =>
      conforming.stats(
        context,
        judgements.flatMap((judgement) => see(judgement) ?? []),
      ),
  });

export const countsRefusedAsProcessed = mutant({
  name: "counts-refused-as-processed",
  story: "The counter stands at the top of the loop.",
  breaks: ["PUSH-012"],
  deform: counting((judgement) =>
    judgement.outcome === "refused" ? { ...judgement, outcome: "applied" } : judgement,
  ),
});

export const countsSupersededAsDuplicates = mutant({
  name: "counts-superseded-as-duplicates",
  story: "Everything that changed nothing counts as a prevented duplicate.",
  breaks: ["PUSH-012"],
  deform: counting((judgement) =>
    judgement.outcome === "superseded" ? { ...judgement, outcome: "duplicate" } : judgement,
  ),
});

export const countsAppliedOnly = mutant({
  name: "counts-applied-only",
  story: "The counter is the number of changed rows.",
  breaks: ["PUSH-012"],
  deform: counting((judgement) => (judgement.outcome === "superseded" ? undefined : judgement)),
});

export const answersTokenFromBeforeThePush = mutant({
  name: "answers-token-from-before-the-push",
  story: "The head is read at the beginning of the request.",
  breaks: ["PUSH-013"],
  deform: (conforming) => ({
    ...conforming,
    pushAnswer: (context, judgements, head) => ({
      ...conforming.pushAnswer(context, judgements, head),
      syncToken: conforming.headToken(context, context.user.head),
    }),
  }),
});

export const answersTokenAheadOfTheHead = mutant({
  name: "answers-token-ahead-of-the-head",
  story: "The token carries the next free number instead of the last one that was given.",
  breaks: ["PUSH-013"],
  deform: (conforming) => ({
    ...conforming,
    isAhead: () => false,
    pushAnswer: (context, judgements, head) => ({
      ...conforming.pushAnswer(context, judgements, head),
      syncToken: conforming.headToken(context, head + 1),
    }),
  }),
});

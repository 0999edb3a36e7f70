import { isJsonObject } from "../../../schemas/json.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import { ItemRefusal, Refusal } from "../../model/refusal.ts";
import type { Row } from "../../model/state.ts";
import type { Candidate, EntityPlan, Judgement } from "../../model/submission.ts";

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

const changesOf = (body: unknown): JsonObject | undefined => {
  const changes = isJsonObject(body) ? body["changes"] : undefined;
  return isJsonObject(changes) ? changes : undefined;
};

export const toleratesMissingChanges = mutant({
  name: "tolerates-missing-changes",
  story: "`body.changes ?? {}`: a client that sends the wrong member is told that all is saved.",
  breaks: ["PUSH-004", "HTTP-006"],
  deform: (conforming) => ({
    ...conforming,
    pushItems: (context, body) => (changesOf(body) ? conforming.pushItems(context, body) : []),
  }),
});

export const skipsMalformedCollections = mutant({
  name: "skips-malformed-collections",
  story: "A collection that is not a list is passed over, the rest of the push applied.",
  breaks: ["PUSH-004", "HTTP-006"],
  deform: (conforming) => ({
    ...conforming,
    pushItems(context, body) {
      const changes = changesOf(body);
      if (!changes) return conforming.pushItems(context, body);
      const lists = Object.entries(changes).filter(([, value]) => value === null || Array.isArray(value));
      return conforming.pushItems(context, { changes: Object.fromEntries(lists) });
    },
  }),
});

export const refusesNullCollections = mutant({
  name: "refuses-null-collections",
  story: "The schema of the body has lists only, and some clients write null for an empty one.",
  breaks: ["PUSH-004"],
  deform: (conforming) => ({
    ...conforming,
    pushItems(context, body) {
      if (Object.values(changesOf(body) ?? {}).includes(null)) {
        throw new Refusal("INVALID_REQUEST", "a collection must be a list");
      }
      return conforming.pushItems(context, body);
    },
  }),
});

const hasNameOver = (length: number, body: unknown): boolean =>
  Object.keys(changesOf(body) ?? {}).some((name) => name.length > length);

export const takesCollectionsOfAnyName = mutant({
  name: "takes-collections-of-any-name",
  story: "The body is bounded, the answer is not: each refused item repeats the name of its collection.",
  breaks: ["PUSH-004"],
  deform: (conforming) => ({
    ...conforming,
    checkEnvelope(context, schema, body) {
      if (!hasNameOver(255, body)) conforming.checkEnvelope(context, schema, body);
    },
  }),
});

export const keepsCollectionNamesShort = mutant({
  name: "keeps-collection-names-short",
  story: "The name goes into a column of 64 characters, and the whole push of a newer app is refused.",
  breaks: ["PUSH-004", "PUSH-005"],
  deform: (conforming) => ({
    ...conforming,
    pushItems(context, body) {
      const items = conforming.pushItems(context, body);
      if (!hasNameOver(64, body)) return items;
      throw new Refusal("INVALID_REQUEST", "a collection's name is too long");
    },
  }),
});

export const ignoresUnknownCollections = mutant({
  name: "ignores-unknown-collections",
  story: "Only known members of changes are read, so items of a newer app vanish with success: true.",
  breaks: ["PUSH-005", "PUSH-001"],
  deform: (conforming) => ({
    ...conforming,
    pushItems: (context, body) =>
      conforming.pushItems(context, body).filter(({ entityType }) => entityType !== null),
  }),
});

export const rejectsUnknownCollections = mutant({
  name: "rejects-pushes-with-unknown-collections",
  story: "A strict schema for changes refuses the whole push of a newer app.",
  breaks: ["PUSH-005"],
  deform: (conforming) => ({
    ...conforming,
    pushItems(context, body) {
      const items = conforming.pushItems(context, body);
      if (items.every(({ entityType }) => entityType !== null)) return items;
      throw new Refusal("INVALID_REQUEST", "changes has an unknown collection");
    },
  }),
});

export const mergesIncompleteItems = mutant({
  name: "merges-incomplete-items",
  story: "A partial item is completed from the stored one, as an update endpoint would.",
  breaks: ["PUSH-006"],
  deform: (conforming) => ({
    ...conforming,
    normalise(context, entityType, item) {
      const normalised = conforming.normalise(context, entityType, item);
      const id = conforming.entityId(context, entityType, normalised);
      const stored = id === undefined ? undefined : conforming.findRow(context, entityType, id)?.item;
      const incomplete = conforming.violationsOf(context, entityType, normalised).length > 0;
      return stored && incomplete ? { ...stored, ...normalised } : normalised;
    },
  }),
});

export const requiresOnlyIds = mutant({
  name: "requires-only-ids",
  story: "The items are stored as documents, and nobody asked for more than their key.",
  breaks: ["PUSH-006"],
  deform: (conforming) => ({
    ...conforming,
    violationsOf: (context, entityType, item) =>
      conforming.violationsOf(context, entityType, item).filter(({ keyword }) => keyword !== "required"),
  }),
});

export const acceptsPlansWithoutSchedule = mutant({
  name: "accepts-plans-without-schedule",
  story: "schedule is optional in the table it came from.",
  breaks: ["PUSH-006"],
  deform: (conforming) => ({
    ...conforming,
    violationsOf: (context, entityType, item) =>
      conforming.violationsOf(context, entityType, item).filter(({ missing }) => missing !== "schedule"),
  }),
});

export const callsMissingMembersInvalid = mutant({
  name: "calls-missing-members-invalid",
  story: "One code for everything that the validator says.",
  breaks: ["PUSH-006"],
  deform: (conforming) => ({ ...conforming, codeOf: () => "INVALID_ITEM" }),
});

export const acceptsNegativeDurations = mutant({
  name: "accepts-negative-durations",
  story: "duration is checked to be a number and nothing more.",
  breaks: ["PUSH-007"],
  deform: (conforming) => ({
    ...conforming,
    violationsOf: (context, entityType, item) =>
      conforming.violationsOf(context, entityType, item).filter(({ keyword }) => keyword !== "minimum"),
  }),
});

export const coercesNumbers = mutant({
  name: "coerces-numbers",
  story: 'The validator is set to coerce types, so the text "30" becomes the number 30.',
  breaks: ["PUSH-007"],
  deform: (conforming) => ({
    ...conforming,
    normalise(context, entityType, item) {
      const normalised = conforming.normalise(context, entityType, item);
      const { duration } = normalised;
      return typeof duration === "string" && /^\d+$/.test(duration)
        ? { ...normalised, duration: Number(duration) }
        : normalised;
    },
  }),
});

export const pointsAtTheItemOnly = mutant({
  name: "points-at-the-item-only",
  story: "The validator's own path is dropped when its errors are translated.",
  breaks: ["PUSH-007"],
  deform: (conforming) => ({
    ...conforming,
    checkSchema(context, submission, entityType, item) {
      try {
        conforming.checkSchema(context, submission, entityType, item);
      } catch (error) {
        if (!(error instanceof ItemRefusal)) throw error;
        throw new ItemRefusal(error.code, submission.pointer, error.message);
      }
    },
  }),
});

export const checksTopLevelOnly = mutant({
  name: "checks-the-top-level-only",
  story: "Nested objects are declared as free JSON, so a piece without a title text gets in.",
  breaks: ["PUSH-007"],
  deform: (conforming) => ({
    ...conforming,
    violationsOf: (context, entityType, item) =>
      conforming
        .violationsOf(context, entityType, item)
        .filter(({ pointer }) => pointer.split("/").length <= 2),
  }),
});

export const crashesOnNullItems = mutant({
  name: "crashes-on-null-items",
  story: "`item.id` of null throws, and the whole push is answered 500.",
  breaks: ["PUSH-007", "HTTP-007"],
  deform: (conforming) => ({
    ...conforming,
    checkObject(context, submission) {
      if (submission.raw === null) throw new TypeError("cannot read a member of null");
      return conforming.checkObject(context, submission);
    },
  }),
});

export const dropsElementsThatAreNoObjects = mutant({
  name: "drops-elements-that-are-no-objects",
  story: "Elements that are no objects are filtered out before anything looks at them.",
  breaks: ["PUSH-007", "PUSH-001"],
  deform: (conforming) => ({
    ...conforming,
    pushItems: (context, body) => conforming.pushItems(context, body).filter(({ raw }) => isJsonObject(raw)),
  }),
});

/** A row whose item is combined with the one that was stored. */
const combining =
  (combine: (stored: JsonObject, item: JsonObject) => JsonObject) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    buildRow(context, plan, winner, seq): Row {
      const row = conforming.buildRow(context, plan, winner, seq);
      return row.item && plan.stored?.item ? { ...row, item: combine(plan.stored.item, row.item) } : row;
    },
  });

export const mergesMembers = mutant({
  name: "merges-members",
  story: "`{...stored, ...item}`: members that a device removed come back for ever.",
  breaks: ["PUSH-008", "DATA-006"],
  deform: combining((stored, item) => ({ ...stored, ...item })),
});

export const mergesNestedObjects = mutant({
  name: "merges-nested-objects",
  story: "A deep merge helper of the store keeps members of metadata that the newer write does not have.",
  breaks: ["PUSH-008", "DATA-006"],
  deform: combining((stored, item) =>
    Object.fromEntries(
      Object.entries(item).map(([name, value]) => {
        const before = stored[name];
        return [name, isJsonObject(value) && isJsonObject(before) ? { ...before, ...value } : value];
      }),
    ),
  ),
});

export const commitsItemByItem = mutant({
  name: "commits-item-by-item",
  story: "A loop of upserts without a transaction around it.",
  breaks: ["PUSH-009", "PULL-011"],
  deform: (conforming) => ({
    ...conforming,
    async commit(context, transaction) {
      for (const row of transaction.rows) {
        await conforming.commit(context, { rows: [row] });
      }
      await conforming.commit(context, { ...transaction, rows: [] });
    },
  }),
});

export const keepsWhatWasStoredBeforeTheFailure = mutant({
  name: "keeps-what-was-stored-before-the-failure",
  story: "The first item is stored on its own, and stays when the rest fails.",
  breaks: ["PUSH-009", "HTTP-011"],
  deform: (conforming) => ({
    ...conforming,
    async commit(context, { rows: [first, ...rest], ...transaction }) {
      if (first) conforming.applyRow(context, first);
      await conforming.commit(context, { ...transaction, rows: rest });
    },
  }),
});

export const recordsBeforeStoring = mutant({
  name: "records-before-storing",
  story: "The record is saved first, so a retry after a failed store replays a success that never was.",
  breaks: ["PUSH-009", "IDEM-012", "IDEM-014"],
  deform: (conforming) => ({
    ...conforming,
    async commit(context, transaction) {
      const { record } = transaction;
      if (record) conforming.saveRecord(context, record.key, record.record);
      await conforming.commit(context, transaction);
    },
  }),
});

export const countsEveryItemOfAnEntity = mutant({
  name: "counts-every-item-of-an-entity",
  story: "The items of a push are applied one after the other, each raising the version.",
  breaks: ["PUSH-010", "ORD-020"],
  deform: (conforming) => ({
    ...conforming,
    nextVersion: (_context, { stored, candidates }) => (stored?.version ?? 0) + candidates.length,
  }),
});

/** Lets one of those items of an entity win that beat the stored one. */
const winning =
  (choose: (beating: Candidate[]) => Candidate | undefined) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    decide(context, plan: EntityPlan) {
      const beating = plan.candidates.filter(
        ({ stamp }) => conforming.judge(context, plan.stored?.stamp, stamp) === "applied",
      );
      const winner = choose(beating);
      if (!winner) return conforming.decide(context, plan);
      const outcomes = plan.candidates.map((candidate): Judgement["outcome"] =>
        candidate === winner ? "applied" : "superseded",
      );
      return { winner, outcomes };
    },
  });

export const lastInThePushWins = mutant({
  name: "last-in-the-push-wins",
  story: "The items go into a map by id, where the later one replaces the earlier.",
  breaks: ["PUSH-010", "PUSH-011"],
  deform: winning((beating) => beating.at(-1)),
});

export const firstInThePushWins = mutant({
  name: "first-in-the-push-wins",
  story: "Items whose id was already seen in this push are skipped.",
  breaks: ["PUSH-010", "PUSH-011"],
  deform: winning((beating) => beating[0]),
});

export const deletionsAfterItems = mutant({
  name: "deletions-after-items",
  story: "A push is split into upserts and deletes, and the deletes run last without looking at stamps.",
  breaks: ["PUSH-010", "PUSH-011"],
  deform: winning((beating) => beating.find(({ deleted }) => deleted)),
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

export const refusesEmptyPushes = mutant({
  name: "refuses-empty-pushes",
  story:
    "The body's schema asks for at least one item, so a client that had nothing to say is told that it is wrong.",
  breaks: ["PUSH-014"],
  deform: (conforming) => ({
    ...conforming,
    pushItems(context, body) {
      const items = conforming.pushItems(context, body);
      if (items.length === 0) throw new Refusal("INVALID_REQUEST", "changes has no item");
      return items;
    },
  }),
});

export const emptyPushMovesTheHead = mutant({
  name: "empty-push-moves-the-head",
  story: "Every request takes a number, whether it writes or not, and it shows as the head.",
  breaks: ["PUSH-014"],
  deform: (conforming) => ({
    ...conforming,
    pushAnswer(context, judgements, head) {
      if (judgements.length === 0) context.user.head += 1;
      return conforming.pushAnswer(context, judgements, Math.max(head, context.user.head));
    },
  }),
});

export const keepsWritesInMemory = mutant({
  name: "keeps-writes-in-memory",
  story: "A cache answers reads and writes, and nobody noticed that the store behind it is never written.",
  breaks: ["PUSH-015"],
  deform: (conforming) => ({
    ...conforming,
    restart(server) {
      conforming.restart(server);
      server.users.clear();
    },
  }),
});

export const keepsSequenceInMemory = mutant({
  name: "keeps-the-sequence-in-memory",
  story: "The counter for seq is a variable that begins at 0 with the process.",
  breaks: ["PUSH-015", "ORD-021"],
  deform: (conforming) => ({
    ...conforming,
    restart(server) {
      conforming.restart(server);
      for (const user of server.users.values()) user.head = 0;
    },
  }),
});

export const flushesWritesLater = mutant({
  name: "flushes-writes-later",
  story: "Writes are acknowledged from a buffer that is stored every seven of them.",
  breaks: ["PUSH-015"],
  deform: (conforming) => ({
    ...conforming,
    restart(server) {
      conforming.restart(server);
      for (const user of server.users.values()) {
        const stored = user.head - (user.head % 7);
        for (const [key, { seq }] of user.rows) if (seq > stored) user.rows.delete(key);
        user.log = user.log.filter(({ seq }) => seq <= stored);
        user.head = stored;
      }
    },
  }),
});

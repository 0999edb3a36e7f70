import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { changingMessages } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";
import type { Candidate, Judgement } from "../../model/submission.ts";

const typeOf = ({ message }: Context): string => String(message?.["type"]);
const isBulk = (context: Context): boolean => typeOf(context).endsWith("BULK_SYNC");
const isRemoval = (context: Context): boolean => /_(DELETED|REMOVED|DISSOCIATED)$/.test(typeOf(context));

/** Tells the others also of duplicates, of which this is true. */
const tellingDuplicates =
  (isTold: (candidate: Candidate, context: Context) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    async settle(context, connection, judgements, rows) {
      await conforming.settle(context, connection, judgements, rows);
      const others = conforming.audience(context).filter((other) => other !== connection);
      for (const { outcome, candidate, row } of judgements) {
        if (outcome !== "duplicate" || !candidate || !row || !isTold(candidate, context)) continue;
        for (const other of others) conforming.sendEvent(context, other, [row]);
      }
    },
  });

export const tellsDuplicatePieces = mutant({
  name: "tells-duplicate-pieces",
  story: "Pieces are upserted by a handler of their own, in which an upsert is always news.",
  breaks: ["RT-015"],
  deform: tellingDuplicates(({ entityType, deleted }) => entityType === "repertoire_item" && !deleted),
});

export const tellsDuplicateDeletions = mutant({
  name: "tells-duplicate-deletions-of-other-entities",
  story: "A DELETE that finds nothing to delete is a success as well, and told.",
  breaks: ["RT-015"],
  deform: tellingDuplicates(({ deleted }, context) => deleted && typeOf(context) === "ENTITY_CHANGED"),
});

export const tellsDuplicatesOfBulks = mutant({
  name: "tells-duplicates-of-bulk-messages",
  story: "Of a bulk message all that was not refused is told.",
  breaks: ["RT-015"],
  deform: tellingDuplicates((_candidate, context) => isBulk(context)),
});

export const judgesRepeatedPlansAnew = mutant({
  name: "judges-repeated-plans-anew",
  story: "PLAN_UPDATED replaces the plan with whatever comes, since its occurrences may have changed.",
  breaks: ["RT-015", "RT-004"],
  deform: (conforming) => ({
    ...conforming,
    judge(context, stored, incoming) {
      const judged = conforming.judge(context, stored, incoming);
      return judged === "duplicate" && typeOf(context) === "PLAN_UPDATED" ? "applied" : judged;
    },
  }),
});

/** ERROR without the name of what it refuses. */
const nameless = (isOne: (context: Context, frame: JsonObject) => boolean) =>
  changingMessages(["ERROR"], (frame, _connection, context) => {
    if (!isOne(context, frame)) return frame;
    const { clientChangeId: _clientChangeId, ...rest } = frame;
    return rest;
  });

export const refusesRemovalsWithoutName = mutant({
  name: "refuses-removals-without-their-name",
  story: "The handler of removals reads what it needs from the message, and throws an error of its own.",
  breaks: ["RT-014"],
  deform: nameless(isRemoval),
});

export const refusesOtherEntitiesWithoutName = mutant({
  name: "refuses-other-entities-without-their-name",
  story: "The generic message was added later, and its errors end in the handler for everything unexpected.",
  breaks: ["RT-014"],
  deform: nameless((context) => typeOf(context) === "ENTITY_CHANGED"),
});

export const refusesSkewWithoutName = mutant({
  name: "refuses-skewed-occurrences-without-their-name",
  story: "CLOCK_SKEW is built from the server's time alone.",
  breaks: ["RT-014"],
  deform: nameless(
    (context, { code }) => code === "CLOCK_SKEW" && typeOf(context) === "PLAN_OCCURRENCE_COMPLETED",
  ),
});

export const tellsRefusedRemovals = mutant({
  name: "tells-removals-before-it-judges-them",
  story: "A removal can hardly be wrong, so it is passed on at once.",
  breaks: ["RT-014", "RT-012"],
  deform: (conforming) => ({
    ...conforming,
    async interceptMessage(context, connection, message) {
      const [submission] = isRemoval(context) ? conforming.mutationItems(context, message) : [];
      const raw = submission?.raw as JsonObject | undefined;
      if (submission?.entityType && raw) {
        const entityId = String(raw["id"] ?? raw["scoreId"]);
        const stamp = { updatedAt: context.now, deleted: true, checksum: "" };
        const { entityType } = submission;
        const about = { version: 1, seq: context.user.head + 1, writtenAt: context.now };
        const row = { entityType, entityId, stamp, item: null, ...about };
        for (const other of conforming.audience(context))
          if (other !== connection) conforming.send(context, other, conforming.eventFrame(context, [row]));
      }
      return conforming.interceptMessage(context, connection, message);
    },
  }),
});

export const letsRemovalsAhead = mutant({
  name: "lets-removals-be-ahead",
  story: "The look at the clock stands in the code for items.",
  breaks: ["RT-014", "RT-004", "ORD-014"],
  deform: (conforming) => ({
    ...conforming,
    isSkewed: (context, stamp, stored) => !isRemoval(context) && conforming.isSkewed(context, stamp, stored),
  }),
});

/** A name that was heard on the socket before gets the answer of that time, where it came with such a message. */
const rememberingNames =
  (scopeOf: (context: Context) => string | undefined) =>
  (conforming: Behaviour): Behaviour => {
    const slotOf = (context: Context): string | undefined => {
      const scope = scopeOf(context);
      const name = context.message?.["clientChangeId"];
      return scope === undefined || typeof name !== "string" ? undefined : `name ${scope} ${name}`;
    };
    return {
      ...conforming,
      async interceptMessage(context, connection, message) {
        const slot = slotOf(context);
        const earlier = slot === undefined ? undefined : connection.memory.get(slot);
        if (earlier === undefined) return conforming.interceptMessage(context, connection, message);
        conforming.send(context, connection, earlier as JsonObject);
        return true;
      },
      ackFrame(context, connection, judgements) {
        const frame = conforming.ackFrame(context, connection, judgements);
        const slot = slotOf(context);
        if (slot !== undefined) connection.memory.set(slot, frame);
        return frame;
      },
    };
  };

export const remembersNamesOfOtherEntities = mutant({
  name: "remembers-names-of-other-entities",
  story: "The generic message got a guard against repetitions, as HTTP has one.",
  breaks: ["RT-017"],
  deform: rememberingNames((context) => (typeOf(context) === "ENTITY_CHANGED" ? "" : undefined)),
});

export const remembersNamesOfBulks = mutant({
  name: "remembers-names-of-bulk-messages",
  story: "A bulk message is dear, so its answer is kept under its name.",
  breaks: ["RT-017"],
  deform: rememberingNames((context) => (isBulk(context) ? "" : undefined)),
});

export const remembersNamesOfRemovals = mutant({
  name: "remembers-names-of-removals",
  story: "What is gone is gone: a name that removed something is done.",
  breaks: ["RT-017"],
  deform: rememberingNames((context) => (isRemoval(context) ? "removal" : undefined)),
});

export const remembersNamesByType = mutant({
  name: "remembers-names-by-type-of-message",
  story: "Whoever retries sends the same message: type and name together are taken for its identity.",
  breaks: ["RT-017"],
  deform: rememberingNames(typeOf),
});

/** The envelope's time in place of an item's own stamp. */
const byTheEnvelope =
  (isOne: (context: Context) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    mutationItems(context, message) {
      const { timestamp } = message;
      const submissions = conforming.mutationItems(context, message);
      if (!isOne(context) || typeof timestamp !== "string") return submissions;
      return submissions.map((one) => {
        const raw = one.raw as JsonObject;
        const stamp = "deletedAt" in raw ? "deletedAt" : "updatedAt";
        return { ...one, raw: { ...raw, [stamp]: timestamp } };
      });
    },
  });

export const stampsDissociationsByTheEnvelope = mutant({
  name: "stamps-dissociations-by-the-envelope",
  story: "PIECE_DISSOCIATED had no deletedAt at first, and its handler never learnt of it.",
  breaks: ["RT-013", "RT-004"],
  deform: byTheEnvelope((context) => typeOf(context) === "PIECE_DISSOCIATED"),
});

export const stampsEntriesGoneByTheEnvelope = mutant({
  name: "stamps-deleted-entries-by-the-envelope",
  story: "The oldest message of all has its time in the envelope, thinks the server.",
  breaks: ["RT-013", "RT-004"],
  deform: byTheEnvelope((context) => typeOf(context) === "ENTRY_DELETED"),
});

export const stampsBulksByTheEnvelope = mutant({
  name: "stamps-bulk-messages-by-the-envelope",
  story: "One message, one time.",
  breaks: ["RT-013", "RT-004"],
  deform: byTheEnvelope(isBulk),
});

const lacksTheStampOnly = ({ submission, candidate, row }: Judgement): boolean => {
  const raw = submission.raw as JsonObject;
  return row?.item !== null && candidate?.deleted === false && !("updatedAt" in raw);
};

/** Leaves the item out of an answer where the stamp is all that it has beyond what was sent. */
const withoutItem =
  (isOne: (context: Context) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    resultItem: (context, judgement) =>
      isOne(context) && lacksTheStampOnly(judgement) ? undefined : conforming.resultItem(context, judgement),
  });

export const acknowledgesNoStampOfTheEnvelope = mutant({
  name: "acknowledges-other-entities-without-the-envelopes-stamp",
  story: "What was sent and what is stored are compared without their stamps, which `meta` has anyway.",
  breaks: ["RT-013", "RT-046"],
  deform: withoutItem((context) => typeOf(context) === "ENTITY_CHANGED"),
});

export const acknowledgesNoStampOfTheEnvelopeInResults = mutant({
  name: "acknowledges-bulk-messages-without-the-envelopes-stamp",
  story: "The stamp is put into the message before it is judged, so nothing differs afterwards.",
  breaks: ["RT-013", "RT-046"],
  deform: withoutItem(isBulk),
});

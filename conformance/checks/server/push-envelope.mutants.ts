import { isJsonObject } from "../../../schemas/json.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

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

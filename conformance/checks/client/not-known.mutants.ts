import { isEntityType } from "../../../schemas/collections.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { clientMutant } from "../../model-client/mutant.ts";
import { pageOf } from "../../model-client/behaviour/pulling.ts";

// Members (CLI-052).

const KNOWN = new Set(
  "id scoreId type title notes timestamp duration instrument mood tags status updatedAt deletedAt".split(" "),
);

const knownOf = (item: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(item).filter(([name]) => KNOWN.has(name)));

export const sendsWhatItsFormKnows = clientMutant({
  name: "sends-what-its-form-knows",
  story: "Requests are made of the app's own classes, which have a field for each member that they know.",
  breaks: ["CLI-052"],
  deform: (conforming) => ({
    ...conforming,
    itemToSend: (context, change) => knownOf(conforming.itemToSend(context, change)),
  }),
});

export const storesWhatItsTableHas = clientMutant({
  name: "stores-what-its-table-has",
  story: "The local table has a column for each member that the app knew when it was made.",
  breaks: ["CLI-052"],
  deform: (conforming) => ({
    ...conforming,
    putRow: (context, row) => conforming.putRow(context, { ...row, item: row.item && knownOf(row.item) }),
  }),
});

export const keepsUnknownMembersInMemory = clientMutant({
  name: "keeps-unknown-members-in-memory",
  story: "What has no column is kept beside the row as long as the app runs.",
  breaks: ["CLI-052"],
  deform: (conforming) => ({
    ...conforming,
    leads(context) {
      if (!context.scratch.has("read")) {
        context.scratch.set("read", true);
        for (const [key, row] of context.store.rows)
          context.store.rows.set(key, { ...row, item: row.item && knownOf(row.item) });
      }
      return conforming.leads(context);
    },
  }),
});

// Entity types (CLI-041).

const hasUnknownTypes = (body: JsonObject): boolean => {
  const deleted = Array.isArray(body["deleted"]) ? body["deleted"] : [];
  return deleted.some((meta) => isJsonObject(meta) && !isEntityType(meta["entityType"]));
};

export const readsTypesStrictly = clientMutant({
  name: "reads-types-strictly",
  story: "Deletions are read with an enumeration of types; a new one makes the whole page invalid.",
  breaks: ["CLI-041"],
  deform: (conforming) => ({
    ...conforming,
    isBodyOf: (context, call, body) =>
      !(call === "pull" && hasUnknownTypes(body)) && conforming.isBodyOf(context, call, body),
  }),
});

export const skipsPagesWithUnknownTypes = clientMutant({
  name: "skips-pages-with-unknown-types",
  story: "The loop over deletions ends at the first one that it can't place, and the cursor moves on.",
  breaks: ["CLI-041", "CLI-010"],
  deform: (conforming) => ({
    ...conforming,
    applyPage(context, walk, page) {
      const told = hasUnknownTypes(page.body) ? page.told.filter(({ item }) => item !== null) : page.told;
      return conforming.applyPage(context, walk, { ...pageOf(page.body), told });
    },
  }),
});

export const endsASocketThatIsStrange = clientMutant({
  name: "ends-a-socket-that-is-strange",
  story: "An event that can't be read is an error of the connection, which is closed and opened again.",
  breaks: ["CLI-041"],
  deform: (conforming) => ({
    ...conforming,
    onEvent(context, session, message) {
      const meta = message["meta"];
      if (isJsonObject(meta) && meta["entityType"] !== undefined && !isEntityType(meta["entityType"]))
        return session.socket.close(1000);
      return conforming.onEvent(context, session, message);
    },
  }),
});

export const dropsChunksWithUnknownTypes = clientMutant({
  name: "drops-chunks-with-unknown-types",
  story:
    "A chunk is decoded as a whole; where that fails it is logged and skipped, and the next one moves the cursor past it.",
  breaks: ["CLI-041", "CLI-010"],
  deform: (conforming) => ({
    ...conforming,
    onChunk: (context, session, message) =>
      hasUnknownTypes(message) ? undefined : conforming.onChunk(context, session, message),
  }),
});

// Outcomes (CLI-029).

const OUTCOMES = ["applied", "duplicate", "superseded", "refused"];

export const readsOutcomesStrictly = clientMutant({
  name: "reads-outcomes-strictly",
  story:
    "An outcome that is not in the enumeration makes the whole answer invalid: no answer, so all of it again.",
  breaks: ["CLI-029"],
  deform: (conforming) => ({
    ...conforming,
    isBodyOf: (context, call, body) =>
      conforming.isBodyOf(context, call, body) &&
      (call !== "push" ||
        (body["results"] as JsonObject[]).every(({ outcome }) => OUTCOMES.includes(String(outcome)))),
  }),
});

export const takesUnknownOutcomesForSuccess = clientMutant({
  name: "takes-unknown-outcomes-for-success",
  story: "Whatever is not refused has been taken.",
  breaks: ["CLI-029", "CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    settleOne(context, change, result, tally) {
      if (OUTCOMES.includes(String(result["outcome"])))
        return conforming.settleOne(context, change, result, tally);
      context.behaviour.dequeue(context, change);
      tally.settled += 1;
    },
  }),
});

export const triesUnknownOutcomesForEver = clientMutant({
  name: "tries-unknown-outcomes-for-ever",
  story:
    "An item that is neither accepted nor refused has not been judged, so it goes out again under a new key.",
  breaks: ["CLI-029"],
  deform: (conforming) => ({
    ...conforming,
    isRefusal: (_context, outcome) => outcome === "refused",
  }),
});

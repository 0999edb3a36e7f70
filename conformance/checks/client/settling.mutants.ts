import { createHash } from "node:crypto";
import type { ClientBehaviour } from "../../model-client/behaviour.ts";
import type { Context } from "../../model-client/context.ts";
import { clientMutant } from "../../model-client/mutant.ts";
import type { Change } from "../../model-client/store.ts";
import type { Told } from "../../model-client/told.ts";

export const keepsTheLoser = clientMutant({
  name: "keeps-the-loser",
  story:
    "A result is looked at for refusals only: what was sent is there now, so it becomes the confirmed state.",
  breaks: ["CLI-005"],
  deform: (conforming) => ({
    ...conforming,
    toldByResult(context, change, result) {
      const told = conforming.toldByResult(context, change, result);
      return told && { ...told, item: change.deleted ? null : change.item };
    },
  }),
});

export const leavesItToTheNextPull = clientMutant({
  name: "leaves-it-to-the-next-pull",
  story:
    "An answer takes the write off the queue, and what the server has now comes with the pull that follows.",
  breaks: ["CLI-005"],
  deform: (conforming) => ({ ...conforming, applyResult() {} }),
});

export const answersWin = clientMutant({
  name: "answers-win",
  story:
    "The answer to a push is the server's word, so it goes in as it is, also when newer state came before it.",
  breaks: ["CLI-005"],
  deform: (conforming) => ({
    ...conforming,
    wins: (context, incoming, confirmed, way) =>
      way === "acknowledgement" || conforming.wins(context, incoming, confirmed, way),
  }),
});

export const storesAnswersLater = clientMutant({
  name: "stores-answers-later",
  story: "Outbox and replica are two stores: the one is settled, and then the other is told.",
  breaks: ["CLI-005", "CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    applyResult(context, told) {
      context.life.after(2_000, () => context.store.transaction(() => conforming.applyResult(context, told)));
    },
  }),
});

/** What was acknowledged and is not stored yet. */
function lateOf({ scratch }: Context): Map<string, Told> {
  const late = (scratch.get("late") as Map<string, Told> | undefined) ?? new Map<string, Told>();
  scratch.set("late", late);
  return late;
}

export const storesAnswersWhenIdle = clientMutant({
  name: "stores-answers-when-idle",
  story: "The app's state in memory is right at once, and it is saved when there is nothing else to do.",
  breaks: ["CLI-005", "CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    applyResult(context, told) {
      lateOf(context).set(told.meta.entityId, told);
      context.life.after(10_000, () =>
        context.store.transaction(() => conforming.applyResult(context, told)),
      );
    },
    list(context, type) {
      const items = conforming.list(context, type);
      const ids = new Set(items.map(({ id }) => id));
      for (const [id, { meta, item }] of lateOf(context))
        if (meta.entityType === type && item && !ids.has(id)) items.push(item);
      return items;
    },
  }),
});

export const ignoresWhatWasNormalised = clientMutant({
  name: "ignores-what-was-normalised",
  story: "Applied means stored as it was sent; the item in the answer is for conflicts.",
  breaks: ["CLI-005"],
  deform: (conforming) => ({
    ...conforming,
    toldByResult(context, change, result) {
      const told = conforming.toldByResult(context, change, result);
      if (told === undefined || result["outcome"] !== "applied" || told.item === null) return told;
      return { ...told, item: change.item };
    },
  }),
});

function withStamps(
  conforming: ClientBehaviour,
  checksum: (told: Told) => string,
): Pick<ClientBehaviour, "stampTold"> {
  return {
    stampTold(context, told, way) {
      const stamp = conforming.stampTold(context, told, way);
      return told.item === null ? stamp : { ...stamp, checksum: checksum(told) };
    },
  };
}

export const computesChecksumsItself = clientMutant({
  name: "computes-checksums-itself",
  story: "It has a function for checksums, and members in the order in which its own objects have them.",
  breaks: ["CLI-006"],
  deform: (conforming) => ({
    ...conforming,
    ...withStamps(conforming, ({ item }) => {
      const { updatedAt: _, ...content } = item!;
      return createHash("sha256").update(JSON.stringify(content)).digest("hex");
    }),
  }),
});

export const keepsWhatItHasOnATie = clientMutant({
  name: "keeps-what-it-has-on-a-tie",
  story: "Newer is what has a later time; of two alike it keeps the one that is there.",
  breaks: ["CLI-006", "CLI-020"],
  deform: (conforming) => ({ ...conforming, ...withStamps(conforming, () => "") }),
});

export const takesWhatComesLaterOnATie = clientMutant({
  name: "takes-what-comes-later-on-a-tie",
  story: "It compares times by >=, so of two alike the later arrival stays.",
  breaks: ["CLI-005", "CLI-006"],
  deform: (conforming) => ({
    ...conforming,
    wins: (_context, incoming, { stamp }) => incoming.updatedAt >= stamp.updatedAt,
  }),
});

export const localWinsTies = clientMutant({
  name: "local-wins-ties",
  story: "Of two writes of one moment the user's own is shown: it is what the user did.",
  breaks: ["CLI-007"],
  deform: (conforming) => ({
    ...conforming,
    outranks: (context, change, row) =>
      (change.at === row.stamp.updatedAt && change.deleted === row.stamp.deleted) ||
      conforming.outranks(context, change, row),
  }),
});

export const guessesItsChecksum = clientMutant({
  name: "guesses-its-checksum",
  story:
    "It breaks ties by the checksum of what it will send, which is not the one of what the server will make of it.",
  breaks: ["CLI-007"],
  deform: (conforming) => ({
    ...conforming,
    outranks(context, change, row) {
      const tied = change.at === row.stamp.updatedAt && change.deleted === row.stamp.deleted;
      return tied ? guessOf(change) > row.stamp.checksum : conforming.outranks(context, change, row);
    },
  }),
});

function guessOf({ item }: Change): string {
  return createHash("sha256").update(JSON.stringify(item)).digest("hex");
}

export const showsItsOwnWhateverComes = clientMutant({
  name: "shows-its-own-whatever-comes",
  story: "What the user has done lies on top until it is acknowledged, also over what is later.",
  breaks: ["CLI-007"],
  deform: (conforming) => ({ ...conforming, outranks: () => true }),
});

export const comparesTimesAlone = clientMutant({
  name: "compares-times-alone",
  story:
    "A deletion that waits gives way to an edit of the same millisecond: that one is confirmed, after all.",
  breaks: ["CLI-007"],
  deform: (conforming) => ({
    ...conforming,
    outranks: (_context, change, { stamp }) => change.at > stamp.updatedAt,
  }),
});

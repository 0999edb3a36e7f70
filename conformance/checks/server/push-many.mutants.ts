import type { JsonObject } from "../../../schemas/json.ts";
import { mutant } from "../../model/mutant.ts";
import type { Row } from "../../model/state.ts";

const PORTION = 100;

export const countsAnewInEveryPortion = mutant({
  name: "counts-anew-in-every-portion",
  story: "Items are judged a hundred at a time, and each portion's results point to places within it.",
  breaks: ["PUSH-001"],
  deform: (conforming) => ({
    ...conforming,
    pushItems: (context, body) =>
      conforming.pushItems(context, body).map((submission) => ({
        ...submission,
        pointer: submission.pointer.replace(/\d+$/, (index) => String(Number(index) % PORTION)),
      })),
  }),
});

export const answersPortionsAsTheyEnd = mutant({
  name: "answers-portions-as-they-end",
  story: "Portions of a hundred are judged side by side, and the shorter last one is done first.",
  breaks: ["PUSH-001"],
  deform: (conforming) => ({
    ...conforming,
    tellResults(context, judgements) {
      const results = conforming.tellResults(context, judgements);
      const whole = results.length - (results.length % PORTION);
      return whole === 0 ? results : [...results.slice(whole), ...results.slice(0, whole)];
    },
  }),
});

export const answersTheFirst250 = mutant({
  name: "answers-the-first-250",
  story: "The rows are read back with the limit of a catch-up's chunk, and results are made of them.",
  breaks: ["PUSH-001"],
  deform: (conforming) => ({
    ...conforming,
    tellResults: (context, judgements) => conforming.tellResults(context, judgements).slice(0, 250),
  }),
});

export const oneConflictRefusesTheEntity = mutant({
  name: "one-conflict-refuses-the-entity",
  story:
    "Conflicts are kept by entity id, so an item that fits its version goes down with one that does not.",
  breaks: ["BATCH-002", "BATCH-005"],
  deform: (conforming) => ({
    ...conforming,
    batchItems(context, body) {
      const items = conforming.batchItems(context, body);
      const least = new Map<unknown, number>();
      for (const { frame } of items) {
        const version = frame?.["version"];
        if (typeof version === "number")
          least.set(frame!["id"], Math.min(version, least.get(frame!["id"]) ?? version));
      }
      return items.map((one) => {
        const version = least.get(one.frame?.["id"]);
        return version === undefined ? one : { ...one, frame: { ...one.frame, version } };
      });
    },
  }),
});

export const listsAConflictOnce = mutant({
  name: "lists-a-conflict-once-an-entity",
  story: "Conflicts are collected in a map by entity id, so the second of two refused items is not listed.",
  breaks: ["BATCH-002"],
  deform: (conforming) => ({
    ...conforming,
    batchConflicts: (context, judgements) =>
      [
        ...new Map(
          conforming.batchConflicts(context, judgements).map((one) => [one["entityId"], one] as const),
        ).values(),
      ] as JsonObject[],
  }),
});

export const repeatedDeletionsAnswerNothing = mutant({
  name: "repeated-deletions-answer-nothing",
  story:
    "A deletion that is known has nothing to show, so its result is made without looking at what is stored now.",
  breaks: ["ORD-019"],
  deform: (conforming) => ({
    ...conforming,
    resultItem: (context, judgement) =>
      judgement.outcome === "duplicate" && judgement.candidate?.deleted
        ? undefined
        : conforming.resultItem(context, judgement),
  }),
});

const PAST = "the row as it was deleted";

export const repeatedDeletionsTellTheOldMeta = mutant({
  name: "repeated-deletions-tell-the-old-meta",
  story: "Beside the claim lies the answer that its first time got, and a repetition gets it again.",
  breaks: ["ORD-018"],
  deform: (conforming) => ({
    ...conforming,
    applyRow(context, row) {
      conforming.applyRow(context, row);
      if (row.stamp.deleted) context.server.scratch.set(`${PAST} ${context.user.id} ${row.entityId}`, row);
    },
    result(context, judgement) {
      const past = context.server.scratch.get(`${PAST} ${context.user.id} ${judgement.entityId}`);
      const result = conforming.result(context, judgement);
      return judgement.outcome === "duplicate" && judgement.candidate?.deleted && past !== undefined
        ? { ...result, meta: conforming.tellMeta(context, past as Row) }
        : result;
    },
  }),
});

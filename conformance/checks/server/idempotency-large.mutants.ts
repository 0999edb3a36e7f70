import type { Answer } from "../../model/answer.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";

const KIB = 1_024;

const doesNotRecord = (tooLarge: (answer: Answer, context: Context) => boolean): Mutant["deform"] => {
  return (conforming) => ({
    ...conforming,
    isRecorded: (context, answer) => !tooLarge(answer, context) && conforming.isRecorded(context, answer),
  });
};

export const recordsNoAnswerOver64KiB = mutant({
  name: "records-no-answer-over-64-kib",
  story: "The column is a BLOB of MySQL, and what does not fit is not kept.",
  breaks: ["IDEM-002", "IDEM-013"],
  deform: doesNotRecord(({ body }) => body.length >= 64 * KIB),
});

export const recordsNoAnswerOver256KiB = mutant({
  name: "records-no-answer-over-256-kib",
  story: "Records are thought to be small, and a guard keeps those out that are not.",
  breaks: ["IDEM-002", "IDEM-013"],
  deform: doesNotRecord(({ body }) => body.length > 256 * KIB),
});

export const recordsNoAnswerOver700KiB = mutant({
  name: "records-no-answer-over-700-kib",
  story: "The cache takes values of a megabyte, and the answer is kept as base64 within JSON.",
  breaks: ["IDEM-002", "IDEM-013"],
  deform: doesNotRecord(({ body }) => body.length > 700 * KIB),
});

export const recordsNoLargeBatches = mutant({
  name: "records-no-large-answers-of-batches",
  story: "The answers of batches are kept beside the entities, under the limit of one.",
  breaks: ["IDEM-002", "IDEM-013"],
  deform: doesNotRecord(({ body }, { endpoint }) => endpoint === "batch" && body.length > 128 * KIB),
});

export const recordsNoLargeRequests = mutant({
  name: "records-nothing-of-large-requests",
  story: "Bodies over 64 KiB are streamed, and nobody has them whole to make the fingerprint of.",
  breaks: ["IDEM-002", "IDEM-013"],
  deform: doesNotRecord((_answer, { bytes }) => bytes.length > 64 * KIB),
});

import { problemType, requestError } from "../../../schemas/error-codes.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { jsonAnswer } from "../answer.ts";
import type { Answer } from "../answer.ts";
import type { Context } from "../context.ts";
import { Refusal, StorageFailure } from "../refusal.ts";

/** Answers as such: successes, problem documents, the headers of all of them. */
export interface AnswerSteps {
  /** A refusal's problem document. */
  problem(context: Context, refusal: Refusal): JsonObject;
  /** A refusal's answer: status, headers, problem. */
  refuse(context: Context, refusal: Refusal): Answer;
  /** What is answered to an error that is no refusal: a fault of the store or of the server. */
  afterCrash(context: Context, error: unknown): Refusal;
  /** `Retry-After`, in seconds. */
  retryAfter(context: Context, ms: number): string;
  /** A success. */
  succeed(context: Context, body: JsonObject): Answer;
  /** Headers of every answer beside those of the answer itself: caching. */
  commonHeaders(context: Context): Record<string, string>;
  /** The last touch on every answer, errors included. */
  finish(context: Context, answer: Answer): Answer;
}

export const answers: AnswerSteps = {
  problem(_context, { code, message, extras }) {
    const { status, title } = requestError(code);
    return {
      type: problemType(code),
      title,
      status,
      detail: message,
      code,
      error: title,
      ...(extras.errors === undefined ? {} : { errors: extras.errors.map((error) => ({ ...error })) }),
      ...extras.members,
    };
  },

  refuse(context, refusal) {
    const body = context.behaviour.problem(context, refusal);
    return jsonAnswer(requestError(refusal.code).status, body, {
      mediaType: "application/problem+json",
      headers: refusal.extras.headers ?? {},
      refused: true,
    });
  },

  afterCrash(context, error) {
    if (error instanceof StorageFailure) {
      const headers = { "retry-after": context.behaviour.retryAfter(context, 1000) };
      return new Refusal("UNAVAILABLE", "the store does not answer; send the same request again", {
        headers,
      });
    }
    context.server.lastCrash = error;
    return new Refusal("INTERNAL", "the server failed; send the same request again");
  },

  retryAfter: (_context, ms) => String(Math.max(1, Math.ceil(ms / 1000))),

  succeed: (_context, body) => jsonAnswer(200, body),

  commonHeaders: ({ endpoint }): Record<string, string> =>
    endpoint === "health" || endpoint === "discovery" ? {} : { "cache-control": "no-store" },

  finish(context, answer) {
    const { behaviour } = context;
    const headers = {
      ...answer.headers,
      ...behaviour.commonHeaders(context),
      ...behaviour.corsHeaders(context),
    };
    return { ...answer, headers };
  },
};

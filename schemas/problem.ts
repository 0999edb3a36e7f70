import { Type, type Static } from "@sinclair/typebox";
import { oneOf, ref, schemaId } from "./define.ts";
import { problemType, REQUEST_ERROR_CODES, REQUEST_ERRORS } from "./error-codes.ts";
import { ErrorDetail } from "./result.ts";
import { CanonicalInstant } from "./scalars.ts";

/** The body of every error answer. */
export const Problem = Type.Object(
  {
    type: Type.String({
      minLength: 1,
      description:
        "Identifies the kind of problem: `https://mirubato.com/problems/` and the code in kebab case.",
    }),
    title: Type.String({
      minLength: 1,
      description: "The kind of problem in a few words, the same at every occurrence.",
    }),
    status: Type.Integer({ minimum: 400, maximum: 599, description: "The HTTP status." }),
    detail: Type.String({ description: "What is wrong with this request, and what would be right." }),
    code: oneOf(REQUEST_ERROR_CODES, "The kind of problem, for programs."),
    error: Type.String({ minLength: 1, description: "The same text as `title`, for deployed clients." }),
    errors: Type.Optional(Type.Array(ref(ErrorDetail), { description: "The violations, at most 20." })),
    serverTime: Type.Optional(ref(CanonicalInstant, { description: "The server's time." })),
    supported: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description: "The protocol versions that the server speaks; with UNSUPPORTED_VERSION.",
      }),
    ),
  },
  {
    $id: schemaId("problem"),
    title: "Problem",
    description: "The body of every error answer: RFC 9457 problem details, as `application/problem+json`.",
    // Each code goes with one status.
    allOf: [
      ...REQUEST_ERRORS.map(({ code, status }) => ({
        if: { type: "object", required: ["code"], properties: { code: { const: code } } },
        then: { properties: { status: { const: status } } },
      })),
      {
        if: { type: "object", required: ["code"], properties: { code: { const: "UNSUPPORTED_VERSION" } } },
        then: { required: ["supported"] },
      },
    ],
    examples: [
      {
        type: problemType("INVALID_REQUEST"),
        title: "The request is malformed",
        status: 400,
        detail: "limit must be a whole number of 1 or more; leave it out for one complete answer",
        code: "INVALID_REQUEST",
        error: "The request is malformed",
        errors: [
          { pointer: "/limit", code: "INVALID_REQUEST", detail: "must be a whole number of 1 or more" },
        ],
      },
    ],
  },
);
export type Problem = Static<typeof Problem>;

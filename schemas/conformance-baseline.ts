import { Type, type Static } from "@sinclair/typebox";
import { schemaId } from "./define.ts";

/** Known failures of one implementation, by its own author: what fails, and why. */
export const ConformanceBaseline = Type.Object(
  {
    $schema: Type.Optional(
      Type.String({ minLength: 1, description: "Where this schema lies, for editors." }),
    ),
    failures: Type.Unsafe<Record<string, string>>({
      type: "object",
      additionalProperties: { type: "string", pattern: "\\S" },
      description:
        "Reasons, by the id of a check, or of a requirement for all of its checks that fail. A reason is not blank.",
    }),
  },
  {
    additionalProperties: false,
    $id: schemaId("conformance_baseline"),
    title: "ConformanceBaseline",
    description:
      "Known failures of an implementation, for `mirubato-sync test server --baseline <file>`. They don't make the run fail; an entry that no longer fails does.",
    examples: [
      {
        failures: {
          "CORS-003": "The gateway in front answers preflight requests; see until the store is there.",
          "IDEM-002/replay-changes-nothing": "Keys are kept in memory until the store has a table for them.",
        },
      },
    ],
  },
);
export type ConformanceBaseline = Static<typeof ConformanceBaseline>;

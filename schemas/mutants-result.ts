import { Type, type Static } from "@sinclair/typebox";
import { schemaId } from "./define.ts";

/** What became of the suite's own faulty servers, or clients, as `mirubato-sync mutants --report json=…` writes it. */
export const MutantsResult = Type.Object(
  {
    total: Type.Integer({ minimum: 0, description: "The mutants that were tried." }),
    killed: Type.Integer({ minimum: 0, description: "Those that a check failed on, by its own assertion." }),
    survivors: Type.Array(Type.String(), {
      description: "The names of the others. A crash, a time-out or a failed set-up kills nothing.",
    }),
    mutants: Type.Array(
      Type.Object(
        {
          name: Type.String({ minLength: 1, description: "What it does wrong." }),
          story: Type.String({ minLength: 1, description: "How a real implementation gets there." }),
          breaks: Type.Array(Type.String(), {
            minItems: 1,
            description: "The ids of the requirements that the fault breaks.",
          }),
          killedBy: Type.Array(Type.String(), {
            description: "The ids of the checks that pass on the conforming model and failed on this mutant.",
          }),
        },
        { additionalProperties: false },
      ),
      { description: "Every mutant that was tried, by name." },
    ),
  },
  {
    additionalProperties: false,
    $id: schemaId("mutants_file"),
    title: "MutantsResult",
    description:
      "The proof that the suite can fail: each faulty server or client, and the checks that catch it. Written by `mirubato-sync mutants --report json=<file>`.",
    examples: [
      {
        total: 1,
        killed: 1,
        survivors: [],
        mutants: [
          {
            name: "forgets-idempotency-keys",
            story: "The keys live in memory, and the process was restarted.",
            breaks: ["IDEM-002"],
            killedBy: ["IDEM-002/replay-changes-nothing"],
          },
        ],
      },
    ],
  },
);
export type MutantsResult = Static<typeof MutantsResult>;

import { Type } from "@sinclair/typebox";
import { ENTITY_TYPES } from "../collections.ts";
import { oneOf, ref } from "../define.ts";
import { ENTITIES } from "../entities/index.ts";
import { ERROR_CODES } from "../error-codes.ts";
import { Meta } from "../meta.ts";
import { VISIBLE_ASCII_PATTERN } from "../patterns.ts";
import { Result } from "../result.ts";
import { CanonicalInstant } from "../scalars.ts";
import { answered, fromServer, lastSeq } from "./envelope.ts";
import { sampleItem, sampleMeta } from "./samples.ts";

const message = Type.String({ description: "A text for people." });

export const Welcome = fromServer(
  "WELCOME",
  {
    message,
    protocol: Type.Optional(Type.String({ minLength: 1, description: "The protocol version in use: `1`." })),
    connectionId: Type.Optional(
      Type.String({
        pattern: VISIBLE_ASCII_PATTERN,
        description: "Names the connection, for `X-Connection-ID`: 1 to 255 visible ASCII characters.",
      }),
    ),
  },
  {
    description: "The first message on a socket, and the answer to a good `AUTH`. Never with `lastSeq`.",
    allOf: [{ type: "object", properties: { lastSeq: false, seq: false } }],
    examples: [{ message: "Connected", protocol: "1", connectionId: "7d1f0c" }],
  },
);

export const Pong = fromServer("PONG", {}, { description: "The answer to `PING`.", examples: [{}] });

export const ErrorMessage = fromServer(
  "ERROR",
  {
    error: Type.String({ minLength: 1, description: "What is wrong and what would be right, for people." }),
    code: oneOf(ERROR_CODES, "What is wrong, for programs. Closed."),
    clientChangeId: answered(),
    supported: Type.Optional(
      Type.Array(Type.String(), {
        minItems: 1,
        description: "The protocol versions that the server speaks; with UNSUPPORTED_VERSION.",
      }),
    ),
    serverTime: Type.Optional(
      ref(CanonicalInstant, { description: "The server's time at judgement; with CLOCK_SKEW." }),
    ),
  },
  {
    description: "A message was refused, or could not be served. Nothing of it was applied.",
    allOf: [
      {
        if: { type: "object", required: ["code"], properties: { code: { const: "UNSUPPORTED_VERSION" } } },
        then: { required: ["supported"] },
      },
      {
        if: { type: "object", required: ["code"], properties: { code: { const: "CLOCK_SKEW" } } },
        then: { required: ["serverTime"] },
      },
    ],
    examples: [
      { error: "duration must be a whole number", code: "INVALID_ITEM", clientChangeId: "c-17" },
      { error: "The server speaks version 1 only", code: "UNSUPPORTED_VERSION", supported: ["1"] },
    ],
  },
);

export const CatchUpEnd = fromServer(
  "SYNC_RESPONSE",
  {
    message,
    lastSeq: lastSeq(),
    epoch: Type.Optional(
      Type.String({ minLength: 1, description: "The identity of the log that `lastSeq` belongs to." }),
    ),
  },
  {
    description:
      "The end of a catch-up. Told apart from an acknowledgement by having neither `outcome` nor `results`, and no `clientChangeId`.",
    examples: [{ message: "Sync complete", lastSeq: 43, epoch: "k2Jx8Q" }],
  },
  "catch_up_end",
);

export const Acknowledgement = fromServer(
  "SYNC_RESPONSE",
  {
    clientChangeId: answered(),
    message,
    outcome: Type.Optional(
      oneOf(
        ["applied", "duplicate", "superseded"],
        "What became of the one entity of the message; a refusal is told by `ERROR`.",
      ),
    ),
    meta: Type.Optional(ref(Meta, { description: "The stored state's meta; with `outcome`." })),
    item: Type.Optional(
      Type.Unsafe<Record<string, unknown> | null>({
        type: ["object", "null"],
        description:
          "The stored item, where it differs from what was sent; always with `superseded`, null if a deletion won.",
      }),
    ),
    results: Type.Optional(
      Type.Array(ref(Result), {
        description:
          "Instead of `outcome`: one result per item of a message with several, in its order, pointers into the message.",
      }),
    ),
    lastSeq: Type.Optional(lastSeq()),
  },
  {
    description: "A change was judged, and is durable if it was accepted.",
    allOf: [
      { if: { type: "object", required: ["results"] }, else: { required: ["outcome", "meta"] } },
      {
        if: { type: "object", required: ["outcome"], properties: { outcome: { const: "superseded" } } },
        then: { required: ["item"] },
      },
      ...ENTITY_TYPES.map((type) => ({
        if: {
          type: "object",
          required: ["meta", "item"],
          properties: {
            meta: { type: "object", required: ["entityType"], properties: { entityType: { const: type } } },
            item: { type: "object" },
          },
        },
        then: { properties: { item: { $ref: ENTITIES[type].$id } } },
      })),
    ],
    examples: [
      {
        clientChangeId: "c-17",
        message: "Mutation applied",
        outcome: "applied",
        meta: sampleMeta("logbook_entry", 43),
        lastSeq: 43,
      },
      {
        clientChangeId: "c-25",
        message: "Mutation applied",
        outcome: "superseded",
        meta: sampleMeta("goal", 44, 2),
        item: sampleItem("goal"),
      },
      {
        clientChangeId: "c-27",
        message: "Mutation applied",
        results: [
          {
            pointer: "/entries/0",
            entityType: "logbook_entry",
            entityId: "entry-1",
            outcome: "applied",
            meta: sampleMeta("logbook_entry", 45, 2),
          },
        ],
      },
    ],
  },
  "acknowledgement",
);

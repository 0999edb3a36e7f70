import { Type, type Static, type TSchema } from "@sinclair/typebox";
import { oneOf, schemaId } from "../define.ts";
import * as chunks from "./chunks.ts";
import { CLIENT_MESSAGES } from "./client.ts";
import * as events from "./events.ts";
import * as session from "./session.ts";

/** The schema of each message that a server sends. One a type, but for `SYNC_RESPONSE`, which has two. Closed for version 1. */
export const SERVER_MESSAGES = {
  WELCOME: session.Welcome,
  PONG: session.Pong,
  ERROR: session.ErrorMessage,
  ENTRY_CREATED: events.EntryCreated,
  ENTRY_UPDATED: events.EntryUpdated,
  ENTRY_DELETED: events.EntryDeleted,
  PIECE_ADDED: events.PieceAdded,
  PIECE_UPDATED: events.PieceUpdated,
  PIECE_REMOVED: events.PieceRemoved,
  PLAN_CREATED: events.PlanCreated,
  PLAN_UPDATED: events.PlanUpdated,
  PLAN_OCCURRENCE_COMPLETED: events.PlanOccurrenceCompleted,
  ENTITY_CHANGED: events.EntityChanged,
  BULK_SYNC: chunks.BulkSync,
  REPERTOIRE_BULK_SYNC: chunks.RepertoireBulkSync,
} as const satisfies Record<string, TSchema>;

/** The two shapes of `SYNC_RESPONSE`. */
export const SYNC_RESPONSES = {
  acknowledgement: session.Acknowledgement,
  catchUpEnd: session.CatchUpEnd,
} as const;

type Of<T extends Record<string, TSchema>> = { [K in keyof T]: Static<T[K]> }[keyof T];

/** A message from a client, as its envelope is judged: what it carries may be anything. Told apart by `type`. */
export type ClientMessage = Of<typeof CLIENT_MESSAGES>;

/** An answer to `SYNC_REQUEST`, or to a change. */
export type SyncResponse = Of<typeof SYNC_RESPONSES>;

/** A message from a server. Told apart by `type`. */
export type ServerMessage = Of<typeof SERVER_MESSAGES> | SyncResponse;

const whenType = (type: string, then: object) => ({
  if: { type: "object", required: ["type"], properties: { type: { const: type } } },
  then,
});

const branches = (messages: Readonly<Record<string, TSchema>>) =>
  Object.entries(messages).map(([type, schema]) => whenType(type, { $ref: schema.$id }));

const examplesOf = (messages: Readonly<Record<string, TSchema>>) =>
  Object.values(messages).map((schema) => schema.examples[0] as object);

const CLIENT_TYPES = Object.keys(CLIENT_MESSAGES);
const SERVER_TYPES = [...Object.keys(SERVER_MESSAGES), "SYNC_RESPONSE"];

/** Any message from a client. */
export const AnyClientMessage = Type.Unsafe<ClientMessage>({
  $id: schemaId("client_message"),
  title: "ClientMessage",
  type: "object",
  required: ["type"],
  properties: { type: oneOf(CLIENT_TYPES, "What the message is.") },
  allOf: branches(CLIENT_MESSAGES),
  description: "A message from a client, apart from the items in it, which are judged one by one.",
  examples: examplesOf(CLIENT_MESSAGES),
});

/** Any message from a server. */
export const AnyServerMessage = Type.Unsafe<ServerMessage>({
  $id: schemaId("server_message"),
  title: "ServerMessage",
  type: "object",
  required: ["type"],
  properties: { type: oneOf(SERVER_TYPES, "What the message is.") },
  allOf: [
    ...branches(SERVER_MESSAGES),
    whenType("SYNC_RESPONSE", {
      // A change that had no name is acknowledged without one.
      if: {
        type: "object",
        anyOf: [{ required: ["clientChangeId"] }, { required: ["outcome"] }, { required: ["results"] }],
      },
      then: { $ref: session.Acknowledgement.$id },
      else: { $ref: session.CatchUpEnd.$id },
    }),
  ],
  description: "A message from a server, with all that it carries.",
  examples: [...examplesOf(SERVER_MESSAGES), ...examplesOf(SYNC_RESPONSES)],
});

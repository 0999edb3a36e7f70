import { Type, type SchemaOptions, type TProperties } from "@sinclair/typebox";
import { orNull, ref, schemaId } from "../define.ts";
import { count, Instant } from "../scalars.ts";

/** Only the type of a message is always there; the rest of its envelope is optional. Null from a client counts as absent. */
const CLIENT_ENVELOPE = {
  timestamp: Type.Optional(
    Type.Unsafe<string | number | null>({
      type: ["string", "integer", "null"],
      if: { type: ["string", "integer"] },
      then: { $ref: Instant.$id },
      description: "When the message was sent, an instant: the stamp of what it carries without one.",
    }),
  ),
  protocol: Type.Optional(
    orNull<string>("string", {
      description:
        "The protocol version that the client speaks: `1`. In its first message other than `PING`; without it the client is a deployed one.",
    }),
  ),
  clientChangeId: Type.Optional(
    orNull<string>("string", {
      description: "The client's name for the change, repeated in the answer. For correlation only.",
    }),
  ),
  deviceId: Type.Optional(orNull<string>("string", { description: "The device that sends." })),
};

const SERVER_ENVELOPE = {
  timestamp: Type.Optional(ref(Instant, { description: "When the message was sent. Never a stamp." })),
  deviceId: Type.Optional(Type.String({ description: "The device that the change came from." })),
  seq: Type.Optional(
    Type.Integer({
      minimum: 1,
      description:
        "Change number up to which everything has been told on this connection. Absent until it has asked for catch-up.",
    }),
  ),
};

const camel = (name: string) =>
  name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

interface About extends SchemaOptions {
  description: string;
  examples: object[];
}

/** A place in the log that a server's message reports. */
export const lastSeq = () =>
  count("Change number up to which everything has been told on this connection: the client's new cursor.");

/** Answers to a change repeat its name. */
export const answered = () =>
  Type.Optional(Type.String({ description: "The `clientChangeId` of the message that is answered." }));

/** The schema of a message from a client: `ENTRY_CREATED` → `ws_entry_created`. Examples need no `type`. */
export function fromClient<const T extends string, P extends TProperties>(
  type: T,
  members: P,
  { examples, ...about }: About,
) {
  const name = `ws_${type.toLowerCase()}`;
  return Type.Object(
    { type: Type.Literal(type, { description: "What the message is." }), ...CLIENT_ENVELOPE, ...members },
    {
      $id: schemaId(name),
      title: camel(name),
      ...about,
      examples: examples.map((example) => ({ type, ...example })),
    },
  );
}

/**
 * The schema of a message from a server: `ENTRY_CREATED` → `ws_server_entry_created`, or another name where one type has two shapes.
 * Examples need no `type`.
 */
export function fromServer<const T extends string, P extends TProperties>(
  type: T,
  members: P,
  { examples, ...about }: About,
  shape = type.toLowerCase(),
) {
  const name = `ws_server_${shape}`;
  return Type.Object(
    { type: Type.Literal(type, { description: "What the message is." }), ...SERVER_ENVELOPE, ...members },
    {
      $id: schemaId(name),
      title: camel(name),
      ...about,
      examples: examples.map((example) => ({ type, ...example })),
    },
  );
}

import { CLOSE_CODES } from "../close-codes.ts";
import { ENTITY_TYPES } from "../collections.ts";
import type { Json, JsonObject } from "../json.ts";
import type { SchemaName } from "../registry.ts";
import { CARRIED } from "../realtime/carried.ts";
import { CLIENT_MESSAGES } from "../realtime/client.ts";
import { SERVER_MESSAGES } from "../realtime/messages.ts";
import { SCHEMA_BASE, schemaId } from "../define.ts";
import { IS_DELETION } from "../http/push.ts";
import { MARK, plain, rewriteRefs } from "./json-schema.ts";

const CHANNEL = "sync";

const clientName = (type: string) => `ws_${type.toLowerCase()}` as SchemaName;
const serverName = (type: string) => `ws_server_${type.toLowerCase()}` as SchemaName;

const FROM_CLIENT = Object.keys(CLIENT_MESSAGES).map(clientName);
const ACKNOWLEDGEMENT: SchemaName = "ws_server_acknowledgement";
const CATCH_UP_END: SchemaName = "ws_server_catch_up_end";
const FROM_SERVER = [...Object.keys(SERVER_MESSAGES).map(serverName), ACKNOWLEDGEMENT, CATCH_UP_END];

const SESSION: readonly SchemaName[] = ["ws_ping", "ws_auth", "ws_sync_request"];
const MUTATIONS = FROM_CLIENT.filter((name) => !SESSION.includes(name));
const EVENTS = FROM_SERVER.filter(
  (name) => !/_(?:welcome|pong|error|acknowledgement|catch_up_end|bulk_sync)$/.test(name),
);
const CHUNKS = FROM_SERVER.filter((name) => name.endsWith("bulk_sync"));
const DELETIONS: readonly SchemaName[] = [
  "ws_server_entry_deleted",
  "ws_server_piece_removed",
  "ws_server_entity_changed",
];

/** An item as a client sends it: live, or a deletion. */
const itemOf = (type: string): JsonObject => ({
  type: "object",
  if: IS_DELETION,
  then: { $ref: schemaId("deletion") },
  else: { $ref: schemaId(type) },
});

/** A message from a client with its items, which the validators leave to be judged one by one. */
function withItems(name: SchemaName): JsonObject {
  const schema = plain(name);
  const type = name.slice("ws_".length).toUpperCase();
  const properties = schema["properties"] as Record<string, JsonObject>;
  const carried = Object.entries((CARRIED as Record<string, Record<string, string>>)[type] ?? {});
  for (const [member, entityType] of carried) {
    const list = properties[member]!["type"] !== undefined;
    Object.assign(properties[member]!, list ? { items: itemOf(entityType) } : itemOf(entityType));
  }
  if (name === "ws_entity_changed") {
    schema["allOf"] = ENTITY_TYPES.map((entityType) => ({
      if: { type: "object", required: ["entityType"], properties: { entityType: { const: entityType } } },
      then: { properties: { item: itemOf(entityType) } },
    }));
  }
  return schema;
}

/** AsyncAPI's schemas are of draft 7, where nothing counts beside a `$ref`. */
function referencesAlone(value: Json): Json {
  if (Array.isArray(value)) return value.map(referencesAlone);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, referencesAlone(inner)] as const);
  if (typeof value["$ref"] !== "string" || entries.length === 1) return Object.fromEntries(entries);
  const { $ref, ...rest } = Object.fromEntries(entries);
  return { ...rest, allOf: [{ $ref: $ref! }] };
}

/** The schemas of all messages and of what they lead to, in alphabetical order. */
function schemas(): JsonObject {
  const found = new Map<SchemaName, Json>();
  const pending: SchemaName[] = [...FROM_CLIENT, ...FROM_SERVER];
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (found.has(name)) continue;
    const { $id: _id, ...schema } = FROM_CLIENT.includes(name) ? withItems(name) : plain(name);
    const rewritten = rewriteRefs(schema, (target) => {
      pending.push(target);
      return `#/components/schemas/${target}`;
    });
    found.set(name, referencesAlone(rewritten));
  }
  return Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function message(name: SchemaName): JsonObject {
  const { title, description, examples, properties } = plain(name);
  const type = ((properties as JsonObject)["type"] as JsonObject)["const"] as string;
  return {
    name: type,
    title: title!,
    summary: description!,
    contentType: "application/json",
    payload: { $ref: `#/components/schemas/${name}` },
    examples: (examples as Json[]).map((payload, index) => ({ name: `example${index + 1}`, payload })),
  };
}

const channel = { $ref: `#/channels/${CHANNEL}` };
const inChannel = (names: readonly SchemaName[]) =>
  names.map((name) => ({ $ref: `#/channels/${CHANNEL}/messages/${name}` }));

function operation(
  action: "send" | "receive",
  summary: string,
  messages: readonly SchemaName[],
  reply?: readonly SchemaName[],
): JsonObject {
  return {
    action,
    channel,
    summary,
    messages: inChannel(messages),
    ...(reply === undefined ? {} : { reply: { channel, messages: inChannel(reply) } }),
  };
}

/** The server's side of the WebSocket as AsyncAPI 3.0. */
export function asyncApi(): JsonObject {
  return {
    asyncapi: "3.0.0",
    id: SCHEMA_BASE,
    info: {
      title: "Mirubato Sync, profile realtime",
      version: "1.0.0",
      description:
        "The WebSocket of an offline-first sync protocol, as the server sees it: it receives what clients send. The rules stand in the specification; this document has the shapes.",
      license: { name: "MIT", url: "https://opensource.org/license/mit" },
    },
    "x-generated": MARK,
    defaultContentType: "application/json",
    servers: {
      any: {
        host: "sync.mirubato.com",
        protocol: "wss",
        description: "Any server: discovery tells its address in `endpoints.ws`.",
        security: [
          { $ref: "#/components/securitySchemes/query" },
          { $ref: "#/components/securitySchemes/subprotocol" },
        ],
      },
    },
    channels: {
      [CHANNEL]: {
        address: "/sync/ws",
        title: "A user's live changes",
        description: "Text frames, each one JSON object, told apart by `type`.",
        servers: [{ $ref: "#/servers/any" }],
        messages: Object.fromEntries(
          [...FROM_CLIENT, ...FROM_SERVER].map((name) => [name, { $ref: `#/components/messages/${name}` }]),
        ),
        bindings: {
          ws: {
            method: "GET",
            query: {
              type: "object",
              required: ["userId"],
              properties: {
                userId: { type: "string", description: "The user: the `sub` of the token." },
                token: { type: "string", description: "The access token, unless a subprotocol carries it." },
              },
            },
          },
        },
        "x-close-codes": CLOSE_CODES.map((code) => ({ ...code })),
      },
    },
    operations: {
      welcome: operation("send", "Greets a new connection; the first message on it.", ["ws_server_welcome"]),
      answerPing: operation("receive", "Gives a sign of life.", ["ws_ping"], ["ws_server_pong"]),
      renewToken: operation(
        "receive",
        "Replaces the connection's token.",
        ["ws_auth"],
        ["ws_server_welcome", "ws_server_error"],
      ),
      catchUp: operation(
        "receive",
        "Tells everything after a place in the log.",
        ["ws_sync_request"],
        [...DELETIONS, ...CHUNKS, CATCH_UP_END, "ws_server_error"],
      ),
      judgeChanges: operation("receive", "Judges, stores and acknowledges changes.", MUTATIONS, [
        ACKNOWLEDGEMENT,
        "ws_server_error",
      ]),
      tellChanges: operation("send", "Tells changes from other connections and from HTTP.", EVENTS),
    },
    components: {
      securitySchemes: {
        query: {
          type: "httpApiKey",
          in: "query",
          name: "token",
          description: "An access token: a JWT signed with HS256, with `sub` (the user) and `exp`.",
        },
        subprotocol: {
          type: "httpApiKey",
          in: "header",
          name: "Sec-WebSocket-Protocol",
          description:
            "`mirubato.v1, bearer.<token>`; the server selects `mirubato.v1`. Keeps the token out of URLs.",
        },
      },
      messages: Object.fromEntries([...FROM_CLIENT, ...FROM_SERVER].map((name) => [name, message(name)])),
      schemas: schemas(),
    },
  };
}

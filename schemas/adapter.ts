import { Type, type Static, type TSchema } from "@sinclair/typebox";
import { ADAPTER_PROTOCOL, ADAPTER_VERBS, type AdapterVerb } from "./adapter-verbs.ts";
import { ENTITY_TYPES } from "./collections.ts";
import { anyObject, oneOf } from "./define.ts";

const text = (description: string) => Type.String({ minLength: 1, description });
const client = text("Which client: the name that it was opened under. One adapter may hold several at once.");
const type = oneOf(ENTITY_TYPES, "The type of entity.");
const id = text("The entity's id, as the client knows it.");
const item = anyObject(
  "The entity, as an app gives it or sees it: without `meta`, and a stamp is the client's own affair.",
);
const none = Type.Object({}, { description: "Nothing: that it was done is all there is to say." });
const object = Type.Object;

/** What each verb is asked with, and answers. */
export const ADAPTER_MESSAGES = {
  capabilities: {
    params: object({}),
    result: object({
      protocol: Type.Literal(ADAPTER_PROTOCOL),
      name: text("The client under test, for reports."),
      version: Type.Optional(text("Its version.")),
      verbs: Type.Array(oneOf(ADAPTER_VERBS, "A verb."), {
        description: "What this adapter does. A check that needs another is not applicable.",
      }),
      clients: Type.Optional(
        Type.Integer({
          minimum: 1,
          description:
            "How many clients one process can have open. One that can have several serves check after check. Default: 1.",
        }),
      ),
      timing: Type.Optional(
        Type.Boolean({
          description: "Whether `open` heeds `secondMs`. Otherwise everything takes its real time.",
        }),
      ),
      realtime: Type.Optional(Type.Boolean({ description: "Whether it opens WebSockets." })),
      socketMutations: Type.Optional(
        Type.Boolean({ description: "Whether it sends the user's writes over the socket, too." }),
      ),
      tabs: Type.Optional(
        Type.Boolean({ description: "Whether clients opened on one `storage` are tabs that share it." }),
      ),
    }),
  },
  open: {
    params: object({
      client,
      url: text("The server's base address, without a trailing slash."),
      user: text("Whose data: the token's `sub`."),
      token: text("The first token. After it was refused there is none until `set-token`."),
      storage: text(
        "Where the client keeps its data: an absolute path that is this client's alone and may not exist yet. The same path again, after a kill too, is the same device.",
      ),
      realtime: Type.Boolean({ description: "Whether it opens a WebSocket. False: HTTP only." }),
      secondMs: Type.Number({
        exclusiveMinimum: 0,
        maximum: 1000,
        description:
          "How long a second of the client's own waiting lasts, in ms: back-off, flushing, polling, heartbeat, Retry-After. Stamps and clocks keep real time. 1000: as the specification has it.",
      }),
    }),
    result: none,
  },
  create: {
    params: object({ client, type, item }),
    result: object({ id: text("The new entity's id, at once the one that a list tells.") }),
  },
  update: {
    params: object({ client, type, id, patch: anyObject("Members to set; the others stay.") }),
    result: none,
  },
  delete: { params: object({ client, type, id }), result: none },
  list: {
    params: object({ client, type }),
    result: object({
      items: Type.Array(item, { description: "What the user sees, without what is deleted." }),
    }),
  },
  pending: {
    params: object({ client }),
    result: object({
      items: Type.Array(object({ type, id }), {
        description: "The entities that have a write which is not acknowledged.",
      }),
      count: Type.Integer({ minimum: 0, description: "Their number, as the client tells it." }),
    }),
  },
  "dead-letters": {
    params: object({ client }),
    result: object({
      items: Type.Array(object({ type, id, code: Type.Optional(text("Why it was refused.")) }), {
        description: "The writes that the server refused for good.",
      }),
    }),
  },
  retry: { params: object({ client, type, id }), result: none },
  discard: { params: object({ client, type, id }), result: none },
  status: {
    params: object({ client }),
    result: object({
      status: oneOf(
        ["connected", "connecting", "disconnected", "reconnecting"],
        "How it stands with the server.",
      ),
    }),
  },
  report: {
    params: object({ client }),
    result: object({
      metrics: Type.Optional(anyObject("The metrics of CLI-044, by their names.")),
      health: Type.Optional(Type.String({ description: "As CLI-045 has it." })),
      settings: Type.Optional(anyObject("realtime, autoSync, notifications, as CLI-046 has them.")),
    }),
  },
  configure: {
    params: object({ client, settings: anyObject("Settings of CLI-046 to change.") }),
    result: none,
  },
  flush: { params: object({ client }), result: none },
  pull: { params: object({ client }), result: none },
  connect: { params: object({ client }), result: none },
  "set-token": { params: object({ client, token: text("The token from now on.") }), result: none },
  offline: { params: object({ client }), result: none },
  online: { params: object({ client }), result: none },
  reload: {
    params: object({
      client: text(
        "Which client: what it runs in is loaded anew as a user would have it, a page reloaded, an activity recreated. Its farewell events are told; then it is gone as after a kill, others stay, and so does what it stored. Answered when `open` can start one there again.",
      ),
    }),
    result: none,
  },
  sleep: {
    params: object({
      client,
      seconds: Type.Number({
        exclusiveMinimum: 0,
        description:
          "How long what it runs in is frozen, in seconds of the client's own waiting: none of its timers fires, none of its code runs, what comes for it waits. Answered when it is awake again.",
      }),
    }),
    result: none,
  },
  "sign-out": { params: object({ client }), result: none },
  close: { params: object({ client }), result: none },
} as const satisfies Record<AdapterVerb, { params: TSchema; result: TSchema }>;

export type Params<V extends AdapterVerb> = Static<(typeof ADAPTER_MESSAGES)[V]["params"]>;
export type Answer<V extends AdapterVerb> = Static<(typeof ADAPTER_MESSAGES)[V]["result"]>;
export type Capabilities = Answer<"capabilities">;

import { COLLECTIONS } from "../../schemas/collections.ts";
import type { EntityType } from "../../schemas/collections.ts";
import { isJsonObject } from "../../schemas/json.ts";
import { validate } from "../../schemas/validators.ts";
import type { SchemaName, Violation } from "../../schemas/validators.ts";
import { isDeletion } from "../../spec/rules/entity-id.ts";
import { normalise } from "../../spec/rules/normalise.ts";
import type { HttpRequest } from "../drivers/transport.ts";
import { itemsOf } from "./messages.ts";
import type { Message } from "./messages.ts";
import { excerpt } from "./reply.ts";
import type { Reply } from "./reply.ts";
import { CheckFailure, HarnessError } from "../verdict.ts";

/** The calls whose bodies have a schema of their own. Errors of any call are problems. */
const CALLS: Record<string, { request?: SchemaName; response: SchemaName }> = {
  "POST /api/sync/pull": { request: "pull_request", response: "pull_response" },
  "POST /api/sync/push": { request: "push_request", response: "push_response" },
  "POST /api/sync/batch": { request: "batch_request", response: "batch_response" },
  "GET /api/sync/status": { response: "status_response" },
  "GET /health": { response: "health_response" },
  "GET /.well-known/mirubato-sync": { response: "discovery_response" },
};

function callOf(request: HttpRequest): { request?: SchemaName; response: SchemaName } | undefined {
  return CALLS[`${request.method} ${request.path.split("?")[0]}`];
}

/** The server did what a sync call asked for, and said so in the shape of its contract. Answers are guarded before. */
export function isServed({ request, status }: Reply): boolean {
  return status === 200 && request.path.startsWith("/api/sync/") && callOf(request) !== undefined;
}

/** Fails the check when an answer breaks the schema of its call (HTTP-009) or is an error but no problem (HTTP-001). */
export function guardReply(reply: Reply): void {
  if (reply.request.method === "HEAD" || reply.request.method === "OPTIONS") return;
  if (reply.status >= 400) {
    demandMediaType(reply, "application/problem+json", "HTTP-001");
    demandSchema(reply, "problem", "HTTP-001");
  } else if (reply.status === 200) {
    const call = callOf(reply.request);
    if (!call) return;
    demandMediaType(reply, "application/json", "HTTP-009");
    demandSchema(reply, call.response, "HTTP-009");
  }
}

function demandMediaType(reply: Reply, mediaType: string, requirement: string): void {
  const actual = reply.headers["content-type"];
  if (actual?.split(";")[0]?.trim().toLowerCase() === mediaType) return;
  throw new CheckFailure(`the answer to ${reply.label} has another content type (${requirement})`, {
    expected: mediaType,
    actual: `${actual ?? "no Content-Type"} with ${reply.summary}`,
  });
}

function demandSchema(reply: Reply, schema: SchemaName, requirement: string): void {
  const body = reply.json;
  const violations = validate(schema, body);
  if (violations.length === 0) return;
  throw new CheckFailure(
    `the ${reply.status} answer to ${reply.label} breaks schema ${schema} (${requirement}): ${describe(violations)}`,
    {
      expected: `a body valid under ${schema}`,
      actual: violations.slice(0, 5).map((one) => found(one, body)),
    },
  );
}

/** A message of our own that breaks its schema is the suite's fault, unless sent by the raw call or on purpose. */
export function guardRequest(request: HttpRequest, json: unknown): void {
  const fault = json === undefined ? undefined : faultOfRequest(request, json);
  if (fault !== undefined) throw ofOurs(`${request.path} ${fault}`);
}

/** The same for a message on a socket. */
export function guardMessage(message: Message): void {
  const fault = faultOfMessage(message);
  if (fault !== undefined) throw ofOurs(`a ${message.type} ${fault}`);
}

function ofOurs(fault: string): HarnessError {
  return new HarnessError(`the suite sent ${fault} (a check that means it says { invalid: "on purpose" })`);
}

/** How the body of a call breaks its schema, in words that follow the call's name. */
export function faultOfRequest(request: HttpRequest, json: unknown): string | undefined {
  const schema = callOf(request)?.request;
  if (!schema) return undefined;
  const violations = validate(schema, json);
  if (violations.length > 0) return `a body that breaks ${schema}: ${describe(violations)}`;
  return faultOfItems(changesIn(json));
}

/** How a message to a server breaks its schema, in words that follow its type. */
export function faultOfMessage(message: Message): string | undefined {
  const violations = validate("client_message", message);
  if (violations.length > 0) return `that breaks its schema: ${describe(violations)}`;
  return faultOfItems(itemsOf(message));
}

/**
 * A frame of the server as a message.
 * @throws CheckFailure when it is none (binary, no JSON) or breaks its schema
 */
export function guardFrame(data: string | Uint8Array, label: string): Message {
  if (typeof data !== "string") {
    throw new CheckFailure(`a binary frame came on ${label} (messages.md)`, {
      expected: "text frames alone",
      actual: `${data.length} bytes`,
    });
  }
  const message = parsed(data);
  if (!isJsonObject(message)) {
    throw new CheckFailure(`a frame on ${label} is no JSON object (messages.md)`, {
      expected: "one JSON object in every frame",
      actual: excerpt(data),
    });
  }
  const violations = validate("server_message", message);
  if (violations.length > 0) {
    const { type } = message;
    throw new CheckFailure(
      `${typeof type === "string" ? excerpt(type, 40) : "a message"} on ${label} breaks schema server_message (messages.md): ${describe(violations)}`,
      {
        expected: "a message valid under server_message",
        actual: violations.slice(0, 5).map((one) => found(one, message)),
      },
    );
  }
  return message as unknown as Message;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface SentItem {
  entityType: EntityType;
  item: unknown;
  pointer: string;
}

function faultOfItems(items: Iterable<SentItem>): string | undefined {
  for (const { entityType, item, pointer } of items) {
    const broken = isJsonObject(item)
      ? validate(isDeletion(item) ? "deletion" : entityType, normalise(entityType, item))
      : [{ pointer: "", keyword: "type", detail: "must be object" }];
    if (broken.length > 0) return `with ${pointer}, which is no ${entityType}: ${describe(broken)}`;
  }
  return undefined;
}

function* changesIn(json: unknown): Generator<SentItem> {
  const { changes } = json as { changes?: Partial<Record<string, unknown>> };
  for (const [member, entityType] of Object.entries(COLLECTIONS)) {
    const items = changes?.[member];
    if (!Array.isArray(items)) continue;
    for (const [index, item] of items.entries())
      yield { entityType, item, pointer: `/changes/${member}/${index}` };
  }
}

function describe(violations: readonly Violation[]): string {
  const told = violations.slice(0, 3).map(({ pointer, detail }) => `${pointer || "the body"} ${detail}`);
  return told.join("; ") + (violations.length > 3 ? `; and ${violations.length - 3} more` : "");
}

function found({ pointer, detail }: Violation, body: unknown): string {
  const value = pointer
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], body);
  return `${pointer || "/"}: ${excerpt(JSON.stringify(value) ?? "missing")} (${detail})`;
}

import { problemType, REQUEST_ERRORS, type RequestErrorCode } from "../error-codes.ts";
import type { Json, JsonObject } from "../json.ts";
import type { SchemaName } from "../registry.ts";
import { MARK, plain, rewriteRefs } from "./json-schema.ts";
import { OPERATIONS, type Operation } from "./operations.ts";

const REQUEST_HEADER_NAMES: Record<string, string> = {
  "x-sync-protocol": "X-Sync-Protocol",
  "x-device-id": "X-Device-ID",
  "x-idempotency-key": "X-Idempotency-Key",
  "idempotency-key": "Idempotency-Key",
  "x-connection-id": "X-Connection-ID",
};

const RESPONSE_HEADER_NAMES: Record<string, string> = {
  "x-idempotent-replay": "X-Idempotent-Replay",
  "retry-after": "Retry-After",
  "www-authenticate": "WWW-Authenticate",
  allow: "Allow",
};

/** Which header an answer with a status carries, in every case. */
const HEADER_OF_STATUS: Record<number, string> = {
  401: "www-authenticate",
  405: "allow",
  409: "retry-after",
  429: "retry-after",
  503: "retry-after",
};

const schemaRef = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` });
const toComponent = (name: SchemaName) => `#/components/schemas/${name}`;

function memberOf(set: SchemaName, member: string): { description: string; schema: JsonObject } {
  const { description, ...schema } = (plain(set)["properties"] as Record<string, JsonObject>)[member]!;
  return { description: String(description), schema };
}

function problemExample(code: RequestErrorCode): JsonObject {
  const { status, title, meaning } = REQUEST_ERRORS.find((error) => error.code === code)!;
  return {
    type: problemType(code),
    title,
    status,
    detail: meaning,
    code,
    error: title,
    ...(code === "UNSUPPORTED_VERSION" ? { supported: ["1"] } : {}),
    ...(code === "INVALID_REQUEST"
      ? { errors: [{ pointer: "/limit", code, detail: "must be a whole number of 1 or more" }] }
      : {}),
  };
}

/** One response per status that the operation may answer with, with an example per code. */
function errorResponses(operation: Operation): JsonObject {
  const byStatus = new Map<number, RequestErrorCode[]>();
  for (const { code, status } of REQUEST_ERRORS) {
    if (!operation.errors.includes(code)) continue;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => {
      const headers = [HEADER_OF_STATUS[status], operation.idempotent ? "x-idempotent-replay" : undefined];
      const replayable = ![401, 403, 404, 405, 409, 415, 429, 500, 503].includes(status);
      const names = headers.filter(
        (name) => name !== undefined && (name !== "x-idempotent-replay" || replayable),
      );
      return [
        String(status),
        {
          description: codes
            .map((code) => `\`${code}\`: ${problemExample(code)["detail"] as string}`)
            .join(" "),
          ...(names.length === 0 ? {} : { headers: headerRefs(names as string[]) }),
          content: {
            "application/problem+json": {
              schema: schemaRef("problem"),
              examples: Object.fromEntries(codes.map((code) => [code, { value: problemExample(code) }])),
            },
          },
        },
      ];
    }),
  );
}

function headerRefs(names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.map((name) => [
      RESPONSE_HEADER_NAMES[name]!,
      { $ref: `#/components/headers/${RESPONSE_HEADER_NAMES[name]!}` },
    ]),
  );
}

function examplesOf(name: SchemaName): JsonObject {
  const examples = (plain(name)["examples"] ?? []) as Json[];
  return Object.fromEntries(examples.map((value, index) => [`example${index + 1}`, { value }]));
}

function operationObject(operation: Operation): JsonObject {
  return {
    operationId: operation.id,
    summary: operation.summary,
    description: operation.description,
    tags: [operation.tag],
    ...(operation.public ? { security: [] } : {}),
    ...(operation.headers.length === 0
      ? {}
      : {
          parameters: operation.headers.map((name) => ({
            $ref: `#/components/parameters/${REQUEST_HEADER_NAMES[name]!}`,
          })),
        }),
    ...(operation.request === undefined
      ? {}
      : {
          requestBody: {
            required: operation.bodyRequired ?? true,
            content: {
              "application/json": {
                schema: schemaRef(operation.request),
                examples: examplesOf(operation.request),
              },
            },
          },
        }),
    responses: {
      "200": {
        description: String(plain(operation.response)["description"]),
        ...(operation.idempotent ? { headers: headerRefs(["x-idempotent-replay"]) } : {}),
        content: {
          "application/json": {
            schema: schemaRef(operation.response),
            examples: examplesOf(operation.response),
          },
        },
      },
      ...errorResponses(operation),
    },
  };
}

/** Every schema that the operations lead to, in alphabetical order. */
function components(): JsonObject {
  const found = new Map<SchemaName, Json>();
  const pending: SchemaName[] = ["problem"];
  for (const operation of OPERATIONS)
    pending.push(operation.response, ...(operation.request ? [operation.request] : []));
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (found.has(name)) continue;
    const { $id: _id, ...schema } = plain(name);
    found.set(
      name,
      rewriteRefs(schema, (target) => {
        pending.push(target);
        return toComponent(target);
      }),
    );
  }
  return Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The HTTP interface as OpenAPI 3.1. */
export function openApi(): JsonObject {
  return {
    openapi: "3.1.0",
    info: {
      title: "Mirubato Sync, profile http",
      version: "1.0.0",
      description:
        "An offline-first sync protocol for several devices of one user. The rules stand in the specification; this document has the shapes.",
      license: { name: "MIT", identifier: "MIT" },
    },
    "x-generated": MARK,
    servers: [{ url: "https://sync.mirubato.com", description: "Any server: discovery tells its address." }],
    security: [{ bearer: [] }, { cookie: [] }],
    tags: [
      { name: "sync", description: "A user's data." },
      { name: "server", description: "The server itself. No authentication." },
    ],
    paths: Object.fromEntries(
      OPERATIONS.map((operation) => [operation.path, { [operation.method]: operationObject(operation) }]),
    ),
    components: {
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description:
            "An access token: a JWT signed with HS256, with `sub` (the user) and `exp`. Decides alone if present.",
        },
        cookie: {
          type: "apiKey",
          in: "cookie",
          name: "auth-token",
          description: "The same token in a cookie; counts from an allowed `Origin` only.",
        },
      },
      parameters: Object.fromEntries(
        Object.entries(REQUEST_HEADER_NAMES).map(([member, name]) => [
          name,
          { name, in: "header", required: false, ...memberOf("request_headers", member) },
        ]),
      ),
      headers: Object.fromEntries(
        Object.entries(RESPONSE_HEADER_NAMES).map(([member, name]) => [
          name,
          memberOf("response_headers", member),
        ]),
      ),
      schemas: components(),
    },
  };
}

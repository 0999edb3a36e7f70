import type { RequestErrorCode } from "../error-codes.ts";
import type { SchemaName } from "../registry.ts";

/** One call of the HTTP interface. */
export interface Operation {
  id: string;
  method: "get" | "post";
  path: string;
  tag: "sync" | "server";
  summary: string;
  description: string;
  /** Needs no token. */
  public?: true;
  /** Takes an idempotency key. */
  idempotent?: true;
  /** Request headers, lower case, authorisation and content type apart. */
  headers: readonly string[];
  request?: SchemaName;
  /** Default true. */
  bodyRequired?: false;
  response: SchemaName;
  errors: readonly RequestErrorCode[];
}

const ALWAYS = ["NOT_FOUND", "METHOD_NOT_ALLOWED", "INTERNAL", "UNAVAILABLE"] as const;
const WITH_TOKEN = [
  ...ALWAYS,
  "TOKEN_MISSING",
  "TOKEN_INVALID",
  "TOKEN_EXPIRED",
  "FORBIDDEN",
  "RATE_LIMITED",
  "UNSUPPORTED_VERSION",
] as const;
const WITH_BODY = [
  ...WITH_TOKEN,
  "UNSUPPORTED_MEDIA_TYPE",
  "BODY_TOO_LARGE",
  "INVALID_JSON",
  "INVALID_REQUEST",
] as const;
const WITH_ITEMS = [
  ...WITH_BODY,
  "INVALID_IDEMPOTENCY_KEY",
  "IDEMPOTENCY_KEY_REUSED",
  "IDEMPOTENCY_IN_FLIGHT",
  "TOO_MANY_ITEMS",
] as const;

const READ_HEADERS = ["x-sync-protocol", "x-device-id"] as const;
const WRITE_HEADERS = [...READ_HEADERS, "x-idempotency-key", "idempotency-key", "x-connection-id"] as const;

/** Every call of profile `http`. */
export const OPERATIONS: readonly Operation[] = [
  {
    id: "pull",
    method: "post",
    path: "/api/sync/pull",
    tag: "sync",
    summary: "Read changes",
    description: "Without `since`: all live entities. With it: what changed after it, deletions included.",
    headers: READ_HEADERS,
    request: "pull_request",
    bodyRequired: false,
    response: "pull_response",
    errors: [...WITH_BODY, "CURSOR_MISMATCH", "CURSOR_EXPIRED"],
  },
  {
    id: "push",
    method: "post",
    path: "/api/sync/push",
    tag: "sync",
    summary: "Write changes",
    description: "Items are judged one by one; those accepted are applied together or not at all.",
    idempotent: true,
    headers: WRITE_HEADERS,
    request: "push",
    response: "push_response",
    errors: WITH_ITEMS,
  },
  {
    id: "batch",
    method: "post",
    path: "/api/sync/batch",
    tag: "sync",
    summary: "Write changes with preconditions",
    description: "As a push; an item may name the version that it is based on.",
    idempotent: true,
    headers: WRITE_HEADERS,
    request: "batch",
    response: "batch_response",
    errors: WITH_ITEMS,
  },
  {
    id: "status",
    method: "get",
    path: "/api/sync/status",
    tag: "sync",
    summary: "Count what is stored",
    description: "How much is stored for the user, and up to where.",
    headers: READ_HEADERS,
    response: "status_response",
    errors: WITH_TOKEN,
  },
  {
    id: "discover",
    method: "get",
    path: "/.well-known/mirubato-sync",
    tag: "server",
    summary: "Discover versions, profiles, endpoints and limits",
    description: "What the server speaks, where, and within which limits.",
    public: true,
    headers: [],
    response: "discovery_response",
    errors: ALWAYS,
  },
  {
    id: "health",
    method: "get",
    path: "/health",
    tag: "server",
    summary: "Ask whether the server serves",
    description: "For load balancers and people.",
    public: true,
    headers: [],
    response: "health_response",
    errors: ALWAYS,
  },
];

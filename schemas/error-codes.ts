/** One error that refuses a whole request. */
export interface RequestError {
  readonly code: string;
  /** The HTTP status that goes with the code, always. */
  readonly status: number;
  /** The problem's `title` and `error`: a few words, the same for every occurrence. */
  readonly title: string;
  readonly meaning: string;
}

/** One error that refuses a single item of a push or batch. */
export interface ItemError {
  readonly code: string;
  readonly meaning: string;
}

/** One error that only a message on a WebSocket can cause. */
export interface MessageError {
  readonly code: string;
  readonly meaning: string;
}

/** Every `code` of a problem, with its status. Closed: a server answers with no other. */
export const REQUEST_ERRORS = [
  {
    code: "INVALID_JSON",
    status: 400,
    title: "The body is not I-JSON",
    meaning:
      "Syntax, a duplicate key, a lone surrogate, a number out of range, bytes that are not UTF-8, or nesting deeper than `maxDepth`.",
  },
  {
    code: "INVALID_REQUEST",
    status: 400,
    title: "The request is malformed",
    meaning: "The envelope, or a header, breaks its schema; `errors` names the members.",
  },
  {
    code: "INVALID_IDEMPOTENCY_KEY",
    status: 400,
    title: "The idempotency key is malformed",
    meaning: "Not 1 to 255 visible ASCII characters, or the key and its alias differ.",
  },
  {
    code: "UNSUPPORTED_VERSION",
    status: 400,
    title: "The protocol version is not supported",
    meaning:
      "`X-Sync-Protocol` names a version that the server does not speak; `supported` lists those it does.",
  },
  {
    code: "CURSOR_MISMATCH",
    status: 400,
    title: "The cursor belongs to other types",
    meaning: "`since` was issued for another set of `types`.",
  },
  {
    code: "TOKEN_MISSING",
    status: 401,
    title: "No access token was sent",
    meaning: "Neither an `Authorization` header nor an acceptable `auth-token` cookie.",
  },
  {
    code: "TOKEN_INVALID",
    status: 401,
    title: "The access token is not valid",
    meaning: "Another scheme or algorithm, a bad signature, a missing or unacceptable claim.",
  },
  {
    code: "TOKEN_EXPIRED",
    status: 401,
    title: "The access token has expired",
    meaning: "`exp` has passed, leeway included.",
  },
  {
    code: "FORBIDDEN",
    status: 403,
    title: "This user may not do that",
    meaning: "The token is valid, but does not grant what was asked for.",
  },
  { code: "NOT_FOUND", status: 404, title: "There is nothing here", meaning: "The path is not an endpoint." },
  {
    code: "METHOD_NOT_ALLOWED",
    status: 405,
    title: "The method is not allowed here",
    meaning: "The path is an endpoint, but not for this method; `Allow` names those it takes.",
  },
  {
    code: "IDEMPOTENCY_IN_FLIGHT",
    status: 409,
    title: "The same request is still being judged",
    meaning:
      "A request with this idempotency key has not been answered yet; `Retry-After` says when to send it again.",
  },
  {
    code: "CURSOR_EXPIRED",
    status: 410,
    title: "The cursor is no longer known",
    meaning: "`since` is foreign, altered, ahead of the log's head, or from before a restore.",
  },
  {
    code: "BODY_TOO_LARGE",
    status: 413,
    title: "The body is too large",
    meaning: "More bytes than `maxBodyBytes`.",
  },
  {
    code: "TOO_MANY_ITEMS",
    status: 413,
    title: "There are too many items",
    meaning: "More items than `maxItems`.",
  },
  {
    code: "UNSUPPORTED_MEDIA_TYPE",
    status: 415,
    title: "The body's media type is not supported",
    meaning: "A body that is not `application/json` in UTF-8, or is encoded.",
  },
  {
    code: "IDEMPOTENCY_KEY_REUSED",
    status: 422,
    title: "The idempotency key was used for another request",
    meaning: "The key is known, and its body was another.",
  },
  {
    code: "UPGRADE_REQUIRED",
    status: 426,
    title: "This is a WebSocket's address",
    meaning: "The request asked for no upgrade to a WebSocket; profile `realtime`.",
  },
  {
    code: "RATE_LIMITED",
    status: 429,
    title: "There are too many requests",
    meaning:
      "More than `requestBurst` and `requestsPerSecond`, or `maxConnections`, allow; `Retry-After` says when to send again.",
  },
  {
    code: "INTERNAL",
    status: 500,
    title: "The server failed",
    meaning: "A fault of the server. Nothing was applied, or all of it.",
  },
  {
    code: "UNAVAILABLE",
    status: 503,
    title: "The server is not available now",
    meaning: "A fault that passes, such as storage that can't be reached. Nothing was applied.",
  },
] as const satisfies readonly RequestError[];

/** Every `code` of a refused item. Closed for version 1. */
export const ITEM_ERRORS = [
  { code: "INCOMPLETE", meaning: "A required member, or the stamp, is missing." },
  {
    code: "INVALID_ITEM",
    meaning: "The item, or a member of it, is not of the shape that its type asks for.",
  },
  { code: "UNKNOWN_COLLECTION", meaning: "The server knows no such collection or type of entity." },
  { code: "ITEM_TOO_LARGE", meaning: "The item's canonical JSON has more bytes than `maxItemBytes`." },
  {
    code: "CLOCK_SKEW",
    meaning: "The stamp is too far ahead of the server's clock; `serverTime` tells the server's.",
  },
  { code: "VERSION_CONFLICT", meaning: "The stored version is greater than the one the batch was based on." },
  { code: "CHECKSUM_MISMATCH", meaning: "The checksum sent is not that of the item sent." },
] as const satisfies readonly ItemError[];

/** Every further `code` of an `ERROR` on a WebSocket, beside those of requests and items. Closed. */
export const MESSAGE_ERRORS = [
  { code: "UNKNOWN_MESSAGE", meaning: "The server knows no such `type` of message from a client." },
  { code: "CATCH_UP_RUNNING", meaning: "A catch-up is running on this socket; one at a time." },
] as const satisfies readonly MessageError[];

/** A code that refuses a whole request. */
export type RequestErrorCode = (typeof REQUEST_ERRORS)[number]["code"];

/** A code that refuses one item. */
export type ItemErrorCode = (typeof ITEM_ERRORS)[number]["code"];

/** A code that only an `ERROR` on a WebSocket has. */
export type MessageErrorCode = (typeof MESSAGE_ERRORS)[number]["code"];

/** Any code; an `ERROR` on a WebSocket may carry each of them. */
export type ErrorCode = RequestErrorCode | ItemErrorCode | MessageErrorCode;

export const REQUEST_ERROR_CODES = REQUEST_ERRORS.map((error) => error.code) as readonly RequestErrorCode[];
export const ITEM_ERROR_CODES = ITEM_ERRORS.map((error) => error.code) as readonly ItemErrorCode[];
export const MESSAGE_ERROR_CODES = MESSAGE_ERRORS.map((error) => error.code) as readonly MessageErrorCode[];
export const ERROR_CODES: readonly ErrorCode[] = [
  ...REQUEST_ERROR_CODES,
  ...ITEM_ERROR_CODES,
  ...MESSAGE_ERROR_CODES,
];

const BY_CODE = new Map<string, (typeof REQUEST_ERRORS)[number]>(
  REQUEST_ERRORS.map((error) => [error.code, error]),
);

/** What is fixed about a request-level code: its status, its title, its meaning. */
export function requestError(code: RequestErrorCode): (typeof REQUEST_ERRORS)[number] {
  return BY_CODE.get(code)!;
}

/** The problem's `type`: an identifier, not an address that has to answer. `TOKEN_MISSING` → `https://mirubato.com/problems/token-missing`. */
export function problemType(code: RequestErrorCode): string {
  return `https://mirubato.com/problems/${code.toLowerCase().replaceAll("_", "-")}`;
}

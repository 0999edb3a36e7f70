import { problemType, requestError } from "../../../schemas/error-codes.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import { decodeUtf8, IJsonError, parseIJson } from "../../../spec/rules/i-json.ts";
import { jsonAnswer } from "../answer.ts";
import type { Answer } from "../answer.ts";
import type { Context, Endpoint } from "../context.ts";
import { Refusal, StorageFailure } from "../refusal.ts";

/** Requests and answers as such: paths, headers, bodies, errors. */
export interface HttpSteps {
  /** Before anything else: an answer here ends the request (faults of every n-th request, maintenance pages). */
  intercept(context: Context): Promise<Answer | undefined>;
  /** Which call a path names; undefined: 404. */
  route(context: Context): Endpoint | undefined;
  /** The methods that an endpoint takes, beside OPTIONS. */
  methodsOf(context: Context, endpoint: Endpoint): readonly string[];
  /** Refuses another method with 405. */
  checkMethod(context: Context, endpoint: Endpoint): void;
  /** A request header's value; undefined: it was not sent. `name` in lower case. */
  fetchHeader(context: Context, name: string): string | undefined;
  /** Whether the peer announced a version; refuses one that is not supported. */
  negotiateVersion(context: Context): boolean;
  /** The versions that the server speaks. */
  versions(context: Context): readonly string[];
  /** Refuses a body of another media type, or an encoded one. */
  checkContentType(context: Context): void;
  /** The body's bytes; refuses more than `bodyLimit`. */
  readBody(context: Context): Promise<Uint8Array>;
  /** Bytes as text; throws where they are not UTF-8. */
  decodeText(context: Context, bytes: Uint8Array): string;
  /** Text as I-JSON; throws where it is not. */
  parseJson(context: Context, text: string): Json;
  /** The body as JSON, or the refusal INVALID_JSON. */
  readJson(context: Context): Json;
  /** A refusal's problem document. */
  problem(context: Context, refusal: Refusal): JsonObject;
  /** A refusal's answer: status, headers, problem. */
  refuse(context: Context, refusal: Refusal): Answer;
  /** What is answered to an error that is no refusal: a fault of the store or of the server. */
  afterCrash(context: Context, error: unknown): Refusal;
  /** `Retry-After`, in seconds. */
  retryAfter(context: Context, ms: number): string;
  /** A success. */
  succeed(context: Context, body: JsonObject): Answer;
  /** Headers of every answer beside those of the answer itself: caching. */
  commonHeaders(context: Context): Record<string, string>;
  /** The last touch on every answer, errors included. */
  finish(context: Context, answer: Answer): Answer;
}

const PATHS = new Map<string, Endpoint>([
  ["/api/sync/pull", "pull"],
  ["/api/sync/push", "push"],
  ["/api/sync/batch", "batch"],
  ["/api/sync/status", "status"],
  ["/health", "health"],
  ["/.well-known/mirubato-sync", "discovery"],
]);

export const http: HttpSteps = {
  async intercept() {
    return undefined;
  },

  route: ({ path }) => PATHS.get(path),

  methodsOf: (_context, endpoint) =>
    endpoint === "pull" || endpoint === "push" || endpoint === "batch" ? ["POST"] : ["GET"],

  checkMethod(context, endpoint) {
    const methods = context.behaviour.methodsOf(context, endpoint);
    if (methods.includes(context.request.method)) return;
    throw new Refusal("METHOD_NOT_ALLOWED", `${context.path} takes ${methods.join(", ")}`, {
      headers: { allow: [...methods, "OPTIONS"].join(", ") },
    });
  },

  fetchHeader: ({ request }, name) =>
    Object.hasOwn(request.headers, name) ? request.headers[name] : undefined,

  negotiateVersion(context) {
    const version = context.behaviour.fetchHeader(context, "x-sync-protocol");
    if (version === undefined) return false;
    const supported = context.behaviour.versions(context);
    if (supported.includes(version)) return true;
    throw new Refusal("UNSUPPORTED_VERSION", `X-Sync-Protocol must be one of: ${supported.join(", ")}`, {
      members: { supported: [...supported] },
    });
  },

  versions: () => ["1"],

  checkContentType(context) {
    if ((context.request.body?.length ?? 0) === 0) return;
    const type = context.behaviour.fetchHeader(context, "content-type") ?? "";
    if (type.split(";")[0]!.trim().toLowerCase() !== "application/json") {
      throw new Refusal(
        "UNSUPPORTED_MEDIA_TYPE",
        "Content-Type must be application/json where there is a body",
      );
    }
    const encoding = context.behaviour.fetchHeader(context, "content-encoding") ?? "identity";
    if (encoding.trim().toLowerCase() !== "identity") {
      throw new Refusal(
        "UNSUPPORTED_MEDIA_TYPE",
        "Content-Encoding is not supported; send the body as it is",
      );
    }
  },

  async readBody(context) {
    const bytes = context.request.body ?? new Uint8Array();
    const limit = context.behaviour.bodyLimit(context);
    if (bytes.length > limit) {
      throw new Refusal("BODY_TOO_LARGE", `the body must have at most ${limit} bytes; split it`);
    }
    return bytes;
  },

  decodeText: (_context, bytes) => decodeUtf8(bytes),

  parseJson: (context, text) => parseIJson(text, { maxDepth: context.behaviour.depthLimit(context) }),

  readJson(context) {
    const { behaviour } = context;
    let text: string;
    try {
      text = behaviour.decodeText(context, context.bytes);
    } catch {
      throw new Refusal("INVALID_JSON", "the body must be UTF-8");
    }
    try {
      return behaviour.parseJson(context, text);
    } catch (error) {
      if (error instanceof SyntaxError) throw new Refusal("INVALID_JSON", "the body must be JSON");
      if (!(error instanceof IJsonError)) throw error;
      // A name with a lone surrogate must not come back in our own JSON.
      const pointer = /\p{Surrogate}/u.test(error.pointer) ? "" : error.pointer;
      const errors = [{ pointer, code: "INVALID_JSON", detail: error.reason }];
      throw new Refusal("INVALID_JSON", `${error.reason}, at character ${error.offset}`, { errors });
    }
  },

  problem(_context, { code, message, extras }) {
    const { status, title } = requestError(code);
    return {
      type: problemType(code),
      title,
      status,
      detail: message,
      code,
      error: title,
      ...(extras.errors === undefined ? {} : { errors: extras.errors.map((error) => ({ ...error })) }),
      ...extras.members,
    };
  },

  refuse(context, refusal) {
    const body = context.behaviour.problem(context, refusal);
    return jsonAnswer(requestError(refusal.code).status, body, {
      mediaType: "application/problem+json",
      headers: refusal.extras.headers ?? {},
      refused: true,
    });
  },

  afterCrash(context, error) {
    if (error instanceof StorageFailure) {
      const headers = { "retry-after": context.behaviour.retryAfter(context, 1000) };
      return new Refusal("UNAVAILABLE", "the store does not answer; send the same request again", {
        headers,
      });
    }
    context.server.lastCrash = error;
    return new Refusal("INTERNAL", "the server failed; send the same request again");
  },

  retryAfter: (_context, ms) => String(Math.max(1, Math.ceil(ms / 1000))),

  succeed: (_context, body) => jsonAnswer(200, body),

  commonHeaders: ({ endpoint }): Record<string, string> =>
    endpoint === "health" || endpoint === "discovery" ? {} : { "cache-control": "no-store" },

  finish(context, answer) {
    const { behaviour } = context;
    const headers = {
      ...answer.headers,
      ...behaviour.commonHeaders(context),
      ...behaviour.corsHeaders(context),
    };
    return { ...answer, headers };
  },
};

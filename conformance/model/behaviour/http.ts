import type { Answer } from "../answer.ts";
import type { Context, Endpoint } from "../context.ts";
import { Refusal } from "../refusal.ts";

/** Requests as such: paths, methods, headers, versions. */
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
}

const PATHS = new Map<string, Endpoint>([
  ["/api/sync/pull", "pull"],
  ["/api/sync/push", "push"],
  ["/api/sync/batch", "batch"],
  ["/api/sync/status", "status"],
  ["/health", "health"],
  ["/.well-known/mirubato-sync", "discovery"],
  ["/sync/ws", "socket"],
]);

export const http: HttpSteps = {
  async intercept() {
    return undefined;
  },

  route({ path, server }) {
    const endpoint = PATHS.get(path);
    return endpoint === "socket" && !server.profiles.includes("realtime") ? undefined : endpoint;
  },

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
};

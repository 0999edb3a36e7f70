import type { Answer } from "../answer.ts";
import type { Context, Endpoint } from "../context.ts";

/** What pages of other origins may do. */
export interface CorsSteps {
  /** Whether an origin is on the allow-list. */
  isAllowedOrigin(context: Context, origin: string): boolean;
  /** The CORS headers of any answer, `Vary` included. */
  corsHeaders(context: Context): Record<string, string>;
  /** The reply headers that a page may read. */
  exposedHeaders(context: Context): readonly string[];
  /** The request headers that a page may send. */
  allowedHeaders(context: Context): readonly string[];
  /** The answer to OPTIONS on a known path. No token is asked for. */
  preflight(context: Context, endpoint: Endpoint): Answer;
}

const REQUEST_HEADERS = [
  "Authorization",
  "Content-Type",
  "X-Idempotency-Key",
  "Idempotency-Key",
  "X-Device-ID",
  "X-Connection-ID",
  "X-Sync-Protocol",
];

export const cors: CorsSteps = {
  isAllowedOrigin: ({ server }, origin) => server.origins.includes(origin),

  corsHeaders(context): Record<string, string> {
    const { behaviour } = context;
    const origin = behaviour.fetchHeader(context, "origin");
    if (origin === undefined || !behaviour.isAllowedOrigin(context, origin)) return { vary: "Origin" };
    return {
      vary: "Origin",
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": behaviour.exposedHeaders(context).join(", "),
    };
  },

  exposedHeaders: () => ["X-Idempotent-Replay", "Retry-After", "WWW-Authenticate"],

  allowedHeaders: () => REQUEST_HEADERS,

  preflight(context, endpoint) {
    const { behaviour } = context;
    const methods = [...behaviour.methodsOf(context, endpoint), "OPTIONS"].join(", ");
    const origin = behaviour.fetchHeader(context, "origin");
    const allowed = origin !== undefined && behaviour.isAllowedOrigin(context, origin);
    const headers: Record<string, string> = !allowed
      ? { allow: methods }
      : {
          allow: methods,
          "access-control-allow-methods": methods,
          "access-control-allow-headers": behaviour.allowedHeaders(context).join(", "),
          "access-control-max-age": "86400",
        };
    return { status: 204, headers, body: new Uint8Array(), refused: false };
  },
};

/** What browsers are told about other origins (CORS-001 to CORS-005). The list is exact: patterns admit look-alikes. */
const REQUEST_HEADERS = [
  "Authorization",
  "Content-Type",
  "X-Idempotency-Key",
  "Idempotency-Key",
  "X-Device-ID",
  "X-Connection-ID",
  "X-Sync-Protocol",
];
const EXPOSED_HEADERS = ["X-Idempotent-Replay", "Retry-After", "WWW-Authenticate"];
const PREFLIGHT_MAX_AGE_S = 600;

/** Adds to every answer what its origin is allowed to see. */
export function addCors(response: Headers, request: Headers, origins: ReadonlySet<string>): void {
  response.append("vary", "Origin");
  const origin = request.get("origin");
  if (origin === null || !origins.has(origin)) return;
  response.set("access-control-allow-origin", origin);
  response.set("access-control-allow-credentials", "true");
  response.set("access-control-expose-headers", EXPOSED_HEADERS.join(", "));
}

/** The answer to OPTIONS on a path that takes these methods; {@link addCors} comes on top. */
export function preflight(
  request: Headers,
  origins: ReadonlySet<string>,
  methods: readonly string[],
): Response {
  const headers = new Headers({ allow: methods.join(", ") });
  if (origins.has(request.get("origin") ?? "")) {
    headers.set("access-control-allow-methods", methods.join(", "));
    headers.set("access-control-allow-headers", REQUEST_HEADERS.join(", "));
    headers.set("access-control-max-age", String(PREFLIGHT_MAX_AGE_S));
  }
  return new Response(null, { status: 204, headers });
}

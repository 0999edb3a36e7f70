import type { HttpRequest, HttpResponse } from "../drivers/transport.ts";
import type { Model } from "../model/model.ts";

/** What a page asks before its request, of its own accord: nothing that a client did. */
export function isPreflight({ method }: HttpRequest): boolean {
  return method === "OPTIONS";
}

/** An answer that is not the model's own, as a page may read it: as what stands before a server allows that, too. */
export function readable({ server }: Model, { headers }: HttpRequest, answer: HttpResponse): HttpResponse {
  const { origin } = headers;
  if (origin === undefined || !server.origins.includes(origin)) return answer;
  return {
    ...answer,
    headers: {
      vary: "Origin",
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "Retry-After, WWW-Authenticate",
      ...answer.headers,
    },
  };
}

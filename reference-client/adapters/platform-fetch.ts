import type { Fetch } from "../ports/transport.ts";

/** `fetch`, as browsers and Node have it. The token goes in a header: no cookie is sent, and no answer kept. */
export const platformFetch: Fetch = (url, request) =>
  fetch(url, { ...request, credentials: "omit", cache: "no-store" });

import type { Behaviour } from "../../model/behaviour.ts";
import type { Answer } from "../../model/answer.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

/** Another idea of which origins are on the list. */
const allowing =
  (isAllowed: (origin: string, listed: string) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    isAllowedOrigin: ({ server }, origin) => server.origins.some((listed) => isAllowed(origin, listed)),
  });

export const answersAnyOriginWithStar = mutant({
  name: "answers-any-origin-with-star",
  story: "The default of a CORS middleware.",
  breaks: ["CORS-001", "CORS-002"],
  deform: (conforming) => ({
    ...conforming,
    corsHeaders: (context) => ({ ...conforming.corsHeaders(context), "access-control-allow-origin": "*" }),
  }),
});

export const forgetsCredentials = mutant({
  name: "forgets-credentials",
  story: "It worked with bearer tokens, so nobody noticed until the cookie came.",
  breaks: ["CORS-001"],
  deform: (conforming) => ({
    ...conforming,
    corsHeaders(context) {
      const { "access-control-allow-credentials": _left, ...headers } = conforming.corsHeaders(context);
      return headers;
    },
  }),
});

export const forgetsCorsOnErrors = mutant({
  name: "forgets-cors-on-errors",
  story: "The error handler makes a new response, and a browser sees a network error instead of the 401.",
  breaks: ["CORS-001"],
  deform: (conforming) => ({
    ...conforming,
    finish(context, answer) {
      const finished = conforming.finish(context, answer);
      if (!answer.refused) return finished;
      const { "access-control-allow-origin": _left, ...headers } = finished.headers;
      return { ...finished, headers };
    },
  }),
});

/** Leaves the headers out of some answers. */
const forgettingCors = (where: (answer: Answer, context: Context) => boolean): Mutant["deform"] => {
  return (conforming) => ({
    ...conforming,
    finish(context, answer) {
      const finished = conforming.finish(context, answer);
      if (!where(answer, context)) return finished;
      const { "access-control-allow-origin": _left, ...headers } = finished.headers;
      return { ...finished, headers };
    },
  });
};

export const forgetsCorsOfUnknownPaths = mutant({
  name: "forgets-cors-of-unknown-paths",
  story: "The router's own 404 and 405 never come by the handler that adds the headers.",
  breaks: ["CORS-001"],
  deform: forgettingCors(({ status }) => status === 404 || status === 405),
});

export const forgetsCorsInReplays = mutant({
  name: "forgets-cors-in-replays",
  story: "A replay is sent as it was recorded, and returns before the headers are added.",
  breaks: ["CORS-001"],
  deform: forgettingCors(({ headers }) => "x-idempotent-replay" in headers),
});

export const forgetsCorsOfPublicCalls = mutant({
  name: "forgets-cors-of-public-calls",
  story: "The headers belong to the router of /api, and discovery is beside it.",
  breaks: ["CORS-001"],
  deform: forgettingCors((_answer, { path }) => !path.startsWith("/api")),
});

export const forgetsCorsOnRefusedBodies = mutant({
  name: "forgets-cors-on-refused-bodies",
  story: "Size and type of a body are judged by a proxy in front, which knows of no origins.",
  breaks: ["CORS-001"],
  deform: forgettingCors(({ status }) => status === 413 || status === 415),
});

export const forgetsCorsOnRefusedCursors = mutant({
  name: "forgets-cors-on-refused-cursors",
  story: "The headers are added to the statuses that somebody thought of.",
  breaks: ["CORS-001"],
  deform: forgettingCors(({ status }) => status === 410 || status === 422),
});

export const reflectsAnyOrigin = mutant({
  name: "reflects-any-origin",
  story: "Origin is copied into the answer to make development easy.",
  breaks: ["CORS-002", "AUTH-011"],
  deform: (conforming) => ({ ...conforming, isAllowedOrigin: () => true }),
});

export const letsNullIn = mutant({
  name: "lets-null-in",
  story: '"null" was allowed for a local file in a demonstration; sandboxed frames of any site send it too.',
  breaks: ["CORS-002", "AUTH-011"],
  deform: (conforming) => ({
    ...conforming,
    isAllowedOrigin: (context, origin) => origin === "null" || conforming.isAllowedOrigin(context, origin),
  }),
});

export const comparesOriginsByPrefix = mutant({
  name: "compares-origins-by-prefix",
  story: "startsWith lets in https://app.example.attacker.example.",
  breaks: ["CORS-002", "AUTH-011"],
  deform: allowing((origin, listed) => origin.startsWith(listed)),
});

export const comparesOriginsBySuffix = mutant({
  name: "compares-origins-by-suffix",
  story: "endsWith was meant for subdomains and lets in https://evilapp.example.",
  breaks: ["CORS-002", "AUTH-011"],
  deform: allowing((origin, listed) => origin.endsWith(new URL(listed).host)),
});

export const ignoresSchemeAndPort = mutant({
  name: "ignores-scheme-and-port",
  story: "Host names are compared, so a page without TLS, or on another port, is let in.",
  breaks: ["CORS-002", "AUTH-011"],
  deform: allowing((origin, listed) => URL.parse(origin)?.hostname === new URL(listed).hostname),
});

export const demandsTokensOfPreflights = mutant({
  name: "demands-tokens-of-preflights",
  story:
    "The authentication middleware stands in front of everything, and browsers send no token with a preflight.",
  breaks: ["CORS-003"],
  deform: (conforming) => ({
    ...conforming,
    preflight(context) {
      throw conforming.missingToken(context);
    },
  }),
});

export const forgetsAHeaderInPreflights = mutant({
  name: "forgets-a-header-in-preflights",
  story: "The list of headers was written before the alias came.",
  breaks: ["CORS-003"],
  deform: (conforming) => ({
    ...conforming,
    allowedHeaders: (context) =>
      conforming.allowedHeaders(context).filter((name) => name !== "Idempotency-Key"),
  }),
});

export const answersPreflightsAsOtherMethods = mutant({
  name: "answers-preflights-as-other-methods",
  story: "OPTIONS is a method that the route does not have.",
  breaks: ["CORS-003"],
  deform: (conforming) => ({
    ...conforming,
    preflight() {
      throw new Refusal("METHOD_NOT_ALLOWED", "use POST", { headers: { allow: "POST" } });
    },
  }),
});

export const exposesNothing = mutant({
  name: "exposes-no-reply-headers",
  story: "Scripts read Retry-After as null, and wait for ever or not at all.",
  breaks: ["CORS-004"],
  deform: (conforming) => ({ ...conforming, exposedHeaders: () => [] }),
});

export const doesNotVary = mutant({
  name: "does-not-vary-by-origin",
  story: "Vary is only set where an origin was allowed, so a cache gives its answer to everybody.",
  breaks: ["CORS-005"],
  deform: (conforming) => ({
    ...conforming,
    corsHeaders(context) {
      const { vary: _left, ...headers } = conforming.corsHeaders(context);
      return headers;
    },
  }),
});

import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

export const findsCookiesWithoutCase = mutant({
  name: "finds-cookies-without-case",
  story:
    "The cookie is looked for as headers are, without regard to case; another application's Auth-Token is taken.",
  breaks: ["AUTH-011"],
  deform: (conforming) => ({
    ...conforming,
    tokenOfCookie: (context) =>
      conforming.cookieCounts(context)
        ? /(?:^|;\s*)auth-token=([^;]+)/i.exec(context.request.headers["cookie"] ?? "")?.[1]
        : undefined,
  }),
});

export const takesTheRefererForTheOrigin = mutant({
  name: "takes-the-referer-for-the-origin",
  story: "Older browsers sent no Origin with a GET, so the origin of the Referer stands in for it.",
  breaks: ["AUTH-011"],
  deform: (conforming) => ({
    ...conforming,
    cookieCounts(context) {
      const { origin, referer } = context.request.headers;
      if (origin !== undefined || referer === undefined) return conforming.cookieCounts(context);
      return URL.canParse(referer) && conforming.isAllowedOrigin(context, new URL(referer).origin);
    },
  }),
});

export const comparesOriginsWithoutCase = mutant({
  name: "compares-origins-without-case",
  story: "Hosts have no case, so both sides are lower-cased; what is named in the answer is what was asked.",
  breaks: ["CORS-002", "AUTH-011"],
  deform: (conforming) => ({
    ...conforming,
    isAllowedOrigin: (context, origin) => conforming.isAllowedOrigin(context, origin.toLowerCase()),
  }),
});

const tellsSome = (name: string, story: string, part: (token: string) => string) =>
  mutant({
    name,
    story,
    breaks: ["AUTH-014"],
    deform: (conforming) => ({
      ...conforming,
      badToken: (_context, code, reason, token) => {
        const headers = { "www-authenticate": 'Bearer error="invalid_token"' };
        return new Refusal(code, `${reason} (${part(token)})`, { headers });
      },
    }),
  });

export const tellsTheTokensBeginning = tellsSome(
  "tells-the-tokens-beginning",
  "A dozen characters are told, so that support can find the token in the log.",
  (token) => `${token.slice(0, 12)}…`,
);
export const tellsTheSignaturesBeginning = tellsSome(
  "tells-the-signatures-beginning",
  "The verifier says which signature it did not like, shortened to a dozen characters.",
  (token) => `signature ${(token.split(".")[2] ?? "").slice(0, 12)}…`,
);

import { mutant } from "../../model/mutant.ts";

export const asksForTokensFirst = mutant({
  name: "asks-for-tokens-first",
  story: "The guard stands before the router, so that whoever has no token learns nothing of the paths.",
  breaks: ["HTTP-002", "HTTP-003", "HTTP-012"],
  deform: (conforming) => ({
    ...conforming,
    route(context) {
      if (context.path.startsWith("/api") && context.request.method !== "OPTIONS")
        context.behaviour.findToken(context);
      return conforming.route(context);
    },
  }),
});

export const judgesTypesBeforeTokens = mutant({
  name: "judges-content-types-before-tokens",
  story: "The parser of bodies is the first in the chain of handlers.",
  breaks: ["AUTH-001", "HTTP-012"],
  deform: (conforming) => ({
    ...conforming,
    findToken(context) {
      context.behaviour.checkContentType(context);
      return conforming.findToken(context);
    },
  }),
});

export const judgesTypesBeforeVersions = mutant({
  name: "judges-content-types-before-versions",
  story: "The version is read where the body is used, behind the parser.",
  breaks: ["HTTP-012"],
  deform: (conforming) => ({
    ...conforming,
    negotiateVersion(context) {
      context.behaviour.checkContentType(context);
      return conforming.negotiateVersion(context);
    },
  }),
});

export const takesEmptyVersionsForNone = mutant({
  name: "takes-empty-versions-for-none",
  story: "`if (version)`.",
  breaks: ["DISC-004"],
  deform: (conforming) => ({
    ...conforming,
    negotiateVersion: (context) =>
      context.behaviour.fetchHeader(context, "x-sync-protocol") !== "" &&
      conforming.negotiateVersion(context),
  }),
});

export const findsPathsWithoutCase = mutant({
  name: "finds-paths-without-case",
  story: "The router of the framework is not told to mind the case.",
  breaks: ["HTTP-002"],
  deform: (conforming) => ({
    ...conforming,
    route: (context) => conforming.route({ ...context, path: context.path.toLowerCase() }),
  }),
});

export const forgivesASlash = mutant({
  name: "forgives-a-slash-at-the-end",
  story: "The router of the framework is not told to be strict.",
  breaks: ["HTTP-002"],
  deform: (conforming) => ({
    ...conforming,
    route: (context) => conforming.route({ ...context, path: context.path.replace(/\/$/, "") }),
  }),
});

export const hidesPublicPathsFromOtherMethods = mutant({
  name: "hides-public-paths-from-other-methods",
  story: "The public paths are two routes of GET, and what is no route is not found.",
  breaks: ["HTTP-003"],
  deform: (conforming) => ({
    ...conforming,
    route: (context) =>
      context.path.startsWith("/api") || ["GET", "HEAD", "OPTIONS"].includes(context.request.method)
        ? conforming.route(context)
        : undefined,
  }),
});

export const takesAnyKindOfJson = mutant({
  name: "takes-any-kind-of-json",
  story: "The framework reads every type that ends in +json as JSON.",
  breaks: ["HTTP-004"],
  deform: (conforming) => ({
    ...conforming,
    checkContentType(context) {
      if (!/\+json\b/.test(context.request.headers["content-type"] ?? ""))
        conforming.checkContentType(context);
    },
  }),
});

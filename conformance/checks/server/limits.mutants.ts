import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";
import { IJsonError } from "../../../spec/rules/i-json.ts";

export const itemLimitOffByOne = mutant({
  name: "item-limit-off-by-one",
  story: "`>=` instead of `>` where items are counted.",
  breaks: ["LIM-001"],
  deform: (conforming) => ({ ...conforming, itemLimit: (context) => conforming.itemLimit(context) - 1 }),
});

export const bodyLimitOffByOne = mutant({
  name: "body-limit-off-by-one",
  story: "`>=` instead of `>` where bytes are counted.",
  breaks: ["LIM-001"],
  deform: (conforming) => ({ ...conforming, bodyLimit: (context) => conforming.bodyLimit(context) - 1 }),
});

export const measuresItemsIndented = mutant({
  name: "measures-items-indented",
  story: "The size of an item is that of its stored form, which is indented for people.",
  breaks: ["LIM-001"],
  deform: (conforming) => ({
    ...conforming,
    itemBytes: (_context, item) => new TextEncoder().encode(JSON.stringify(item, null, 2)).length,
  }),
});

export const hasNoBodyLimit = mutant({
  name: "has-no-body-limit",
  story: "The framework's limit was raised for an import and stayed so.",
  breaks: ["LIM-002"],
  deform: (conforming) => ({ ...conforming, bodyLimit: () => Number.POSITIVE_INFINITY }),
});

export const truncatesBodies = mutant({
  name: "truncates-bodies",
  story: "Reading stops at the limit, and what was read is taken for the body.",
  breaks: ["LIM-002"],
  deform: (conforming) => ({
    ...conforming,
    readBody: async (context) =>
      (context.request.body ?? new Uint8Array()).slice(0, conforming.bodyLimit(context)),
  }),
});

export const failsOnLargeBodies = mutant({
  name: "fails-on-large-bodies",
  story: "The body parser throws its own error, which nothing translates.",
  breaks: ["LIM-002", "HTTP-007"],
  deform: (conforming) => ({
    ...conforming,
    async readBody(context) {
      try {
        return await conforming.readBody(context);
      } catch {
        throw new Error("entity too large");
      }
    },
  }),
});

export const hasNoItemLimit = mutant({
  name: "has-no-item-limit",
  story: "The number of items was never limited, only advertised.",
  breaks: ["LIM-003"],
  deform: (conforming) => ({ ...conforming, checkItemCount() {} }),
});

export const appliesItemsUpToTheLimit = mutant({
  name: "applies-items-up-to-the-limit",
  story: "The list is cut at the limit, and the rest never mentioned.",
  breaks: ["LIM-003", "PUSH-001"],
  deform: (conforming) => ({
    ...conforming,
    checkItemCount() {},
    pushItems: (context, body) => conforming.pushItems(context, body).slice(0, conforming.itemLimit(context)),
  }),
});

export const countsItemsPerCollection = mutant({
  name: "counts-items-per-collection",
  story: "maxItems stands in the schema of each collection instead of being counted over all.",
  breaks: ["LIM-003"],
  deform: (conforming) => ({
    ...conforming,
    checkItemCount(context, count) {
      if (context.endpoint === "batch") conforming.checkItemCount(context, count);
    },
    pushItems(context, body) {
      const items = conforming.pushItems(context, body);
      for (const list of Map.groupBy(items, ({ entityType }) => entityType).values()) {
        conforming.checkItemCount(context, list.length);
      }
      return items;
    },
  }),
});

export const limitsPushesOnly = mutant({
  name: "limits-the-items-of-pushes-only",
  story: "The limit is in the handler of push, and batch has none.",
  breaks: ["LIM-003"],
  deform: (conforming) => ({
    ...conforming,
    checkItemCount(context, count) {
      if (context.endpoint === "push") conforming.checkItemCount(context, count);
    },
  }),
});

export const hasNoItemSizeLimit = mutant({
  name: "has-no-item-size-limit",
  story: "Only the body is limited.",
  breaks: ["LIM-004"],
  deform: (conforming) => ({ ...conforming, checkItemSize() {} }),
});

export const measuresItemsInUtf16 = mutant({
  name: "measures-items-in-utf16",
  story: "The length of a text is taken for its bytes.",
  breaks: ["LIM-004"],
  deform: (conforming) => ({
    ...conforming,
    itemBytes: (context, item) => conforming.canonicalText(context, item).length,
  }),
});

export const refusesPushesWithLargeItems = mutant({
  name: "refuses-pushes-with-large-items",
  story: "One item over the limit is taken for a body over the limit.",
  breaks: ["LIM-004", "PUSH-002"],
  deform: (conforming) => ({
    ...conforming,
    checkItemSize(context, candidate) {
      try {
        conforming.checkItemSize(context, candidate);
      } catch {
        throw new Refusal("BODY_TOO_LARGE", "an item is too large");
      }
    },
  }),
});

export const hasNoDepthLimit = mutant({
  name: "has-no-depth-limit",
  story: "The parser has no limit of its own, and nobody gave it one.",
  breaks: ["LIM-005"],
  deform: (conforming) => ({ ...conforming, depthLimit: () => 2_000 }),
});

export const crashesOnDepth = mutant({
  name: "crashes-on-depth",
  story: "A recursive parser runs out of stack, and the error is answered as one of the server.",
  breaks: ["LIM-005", "HTTP-007"],
  deform: (conforming) => ({
    ...conforming,
    parseJson(context, text) {
      try {
        return conforming.parseJson(context, text);
      } catch (error) {
        if (error instanceof IJsonError && text.length > 50_000)
          throw new Error("stack overflow", { cause: error });
        throw error;
      }
    },
  }),
});

export const limitsDepthTooStrictly = mutant({
  name: "limits-depth-too-strictly",
  story: "The body itself is counted as level 0, and the limit is compared with >=.",
  breaks: ["LIM-005", "LIM-001"],
  deform: (conforming) => ({ ...conforming, depthLimit: (context) => conforming.depthLimit(context) - 1 }),
});

export const hasNoRateLimit = mutant({
  name: "has-no-rate-limit",
  story: "The rate is advertised from a configuration that the gateway in front does not read.",
  breaks: ["LIM-006"],
  deform: (conforming) => ({ ...conforming, checkRate() {} }),
});

export const refusesWithoutRetryAfter = mutant({
  name: "refuses-without-retry-after",
  story: "The gateway answers 429 with a body and no header, so clients guess.",
  breaks: ["LIM-006"],
  deform: (conforming) => ({
    ...conforming,
    checkRate(context) {
      try {
        conforming.checkRate(context);
      } catch {
        throw new Refusal("RATE_LIMITED", "too many requests");
      }
    },
  }),
});

export const limitsForever = mutant({
  name: "limits-for-ever",
  story: "Refused requests empty the bucket too, so a client that retries is never served again.",
  breaks: ["LIM-006"],
  deform: (conforming) => ({
    ...conforming,
    checkRate(context) {
      const slot = `limited ${context.user.id}`;
      if (context.server.scratch.has(slot)) {
        throw new Refusal("RATE_LIMITED", "wait 1 s", { headers: { "retry-after": "1" } });
      }
      try {
        conforming.checkRate(context);
      } catch (error) {
        context.server.scratch.set(slot, true);
        throw error;
      }
    },
  }),
});

export const limitsDeployedPeersLikeAll = mutant({
  name: "limits-deployed-peers-like-all",
  story: "The limits for deployed clients are advertised, and the common ones enforced.",
  breaks: ["LIM-007"],
  deform: (conforming) => ({ ...conforming, itemLimit: ({ server }) => server.limits.maxItems }),
});

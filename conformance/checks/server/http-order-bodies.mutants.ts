import { isJsonObject } from "../../../schemas/json.ts";
import { emptyUser } from "../../model/state.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";
import { parsesBeforeLookingUp } from "./idempotency.mutants.ts";

export { parsesBeforeLookingUp };

export const judgesSizesBeforeTypes = mutant({
  name: "judges-sizes-before-content-types",
  story: "The front server looks at Content-Length, and knows nothing of types.",
  breaks: ["HTTP-012"],
  deform: (conforming) => ({
    ...conforming,
    checkContentType(context) {
      if ((context.request.body?.length ?? 0) > context.behaviour.bodyLimit(context))
        throw new Refusal("BODY_TOO_LARGE", "the body is too long");
      conforming.checkContentType(context);
    },
  }),
});

export const judgesKeysBeforeSizes = mutant({
  name: "judges-keys-before-sizes",
  story: "Headers are all judged first, and the body is touched after that.",
  breaks: ["HTTP-012"],
  deform: (conforming) => ({
    ...conforming,
    async readBody(context) {
      if (context.endpoint !== "pull") context.behaviour.readKey(context);
      return conforming.readBody(context);
    },
  }),
});

export const parsesBeforeReadingKeys = mutant({
  name: "parses-before-reading-keys",
  story: "A middleware parses the body of every request before a handler sees its headers.",
  breaks: ["HTTP-012"],
  deform: (conforming) => ({
    ...conforming,
    readKey(context) {
      context.behaviour.readJson(context);
      return conforming.readKey(context);
    },
  }),
});

export const judgesEnvelopesBeforeRecords = mutant({
  name: "judges-envelopes-before-records",
  story: "The framework validates a body against the route's schema before the handler looks up the key.",
  breaks: ["HTTP-012", "IDEM-003"],
  deform: (conforming) => ({
    ...conforming,
    fingerprint(context) {
      if (context.endpoint === "push" && "json" in context.parsed)
        conforming.checkEnvelope(context, "push_request", context.parsed.json);
      return conforming.fingerprint(context);
    },
  }),
});

export const countsBeforeItValidates = mutant({
  name: "counts-items-before-it-validates",
  story: "The number is limited where the body is read, so that no validator has to walk through too much.",
  breaks: ["HTTP-012"],
  deform: (conforming) => ({
    ...conforming,
    pushItems(context, body) {
      const changes = isJsonObject(body) && isJsonObject(body["changes"]) ? body["changes"] : {};
      const counts = Object.values(changes).map((list) => (Array.isArray(list) ? list.length : 0));
      conforming.checkItemCount(
        context,
        counts.reduce((sum, count) => sum + count, 0),
      );
      return conforming.pushItems(context, body);
    },
  }),
});

export const countsGoodItemsOnly = mutant({
  name: "counts-good-items-only",
  story:
    "Items are validated one by one, and the number of those that passed is limited, being what is stored.",
  breaks: ["HTTP-012", "LIM-003"],
  deform: (conforming) => ({
    ...conforming,
    checkItemCount(context, count) {
      const text = new TextDecoder().decode(context.bytes);
      const bad = text.match(/[[,]5(?=[,\]])/g)?.length ?? 0;
      conforming.checkItemCount(context, count - bad);
    },
  }),
});

export const judgesVersionsBeforeRates = mutant({
  name: "judges-versions-before-rates",
  story: "The version decides which handler serves, and the limiter is within the handler.",
  breaks: ["HTTP-012"],
  deform: (conforming) => ({
    ...conforming,
    checkRate(context) {
      context.behaviour.negotiateVersion(context);
      conforming.checkRate(context);
    },
  }),
});

export const judgesRatesBeforeTokens = mutant({
  name: "judges-rates-before-tokens",
  story: "The limiter counts by address, in front of everything else.",
  breaks: ["HTTP-012"],
  deform: (conforming) => ({
    ...conforming,
    findToken(context) {
      const address = emptyUser("one address", "");
      if (context.path.startsWith("/api")) conforming.checkRate({ ...context, user: address });
      return conforming.findToken(context);
    },
  }),
});

import { isJsonObject } from "../../../schemas/json.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

export { crashesOnNullItems } from "./push-items.mutants.ts";

/** The problem document of each refusal, changed. */
const problems =
  (change: (problem: JsonObject) => JsonObject) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    problem: (context, refusal) => change(conforming.problem(context, refusal)),
  });

/** Another idea of which media types are JSON. */
const readingTypes =
  (isJson: (type: string) => boolean) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    checkContentType(context) {
      const type = conforming.fetchHeader(context, "content-type") ?? "";
      if ((context.request.body?.length ?? 0) === 0 || isJson(type)) return;
      throw new Refusal("UNSUPPORTED_MEDIA_TYPE", "Content-Type must be application/json");
    },
  });

export const ignoresContentType = mutant({
  name: "ignores-content-type",
  story: "Every body is parsed as JSON, so a form of another site reaches the endpoint without a preflight.",
  breaks: ["HTTP-004"],
  deform: readingTypes(() => true),
});

export const comparesContentTypeLiterally = mutant({
  name: "compares-content-type-literally",
  story: '`=== "application/json"` refuses a charset that many clients add.',
  breaks: ["HTTP-004"],
  deform: readingTypes((type) => type === "application/json"),
});

export const acceptsAnythingWithJsonInIt = mutant({
  name: "accepts-anything-with-json-in-it",
  story: 'The header is searched for "json".',
  breaks: ["HTTP-004"],
  deform: readingTypes((type) => type.toLowerCase().includes("json")),
});

export const takesBrokenJsonForEmpty = mutant({
  name: "takes-broken-json-for-empty",
  story: "`await request.json().catch(() => ({}))`.",
  breaks: ["HTTP-005"],
  deform: (conforming) => ({
    ...conforming,
    readJson(context) {
      try {
        return conforming.readJson(context);
      } catch {
        return {};
      }
    },
  }),
});

export const parsesLeniently = mutant({
  name: "parses-leniently",
  story: "A parser that also takes comments and trailing commas.",
  breaks: ["HTTP-005"],
  deform: (conforming) => ({
    ...conforming,
    parseJson: (context, text) =>
      conforming.parseJson(context, text.replaceAll(/^\s*\/\/.*$/gm, "").replaceAll(/,(\s*[}\]])/g, "$1")),
  }),
});

export const leavesOutPointers = mutant({
  name: "leaves-out-pointers",
  story: 'The validator\'s errors go to the log, and the client gets "invalid body".',
  breaks: ["HTTP-006", "PULL-021"],
  deform: problems(({ errors: _left, ...rest }) => rest),
});

export const pointsAtTheBody = mutant({
  name: "points-at-the-body",
  story: "Pointers are made from the validator's schema path, which begins and ends at the root.",
  breaks: ["HTTP-006", "PULL-021"],
  deform: problems((problem) =>
    "errors" in problem
      ? {
          ...problem,
          errors: (problem["errors"] as JsonObject[]).map((error) => ({ ...error, pointer: "" })),
        }
      : problem,
  ),
});

export const crashesOnOddDates = mutant({
  name: "crashes-on-odd-dates",
  story: "A date helper is given an object and throws.",
  breaks: ["HTTP-007", "DATA-014"],
  deform: (conforming) => ({
    ...conforming,
    parseInstant(context, value) {
      if (typeof value !== "string" && typeof value !== "number")
        throw new TypeError("value.split is not a function");
      return conforming.parseInstant(context, value);
    },
  }),
});

export const crashesOnLongIds = mutant({
  name: "crashes-on-long-ids",
  story: "The column of the id has a length, and the store's error is not translated.",
  breaks: ["HTTP-007", "DATA-016"],
  deform: (conforming) => ({
    ...conforming,
    entityId(context, entityType, item) {
      if (Object.values(item).some((value) => typeof value === "string" && value.length > 4_000)) {
        throw new Error("data too long for column");
      }
      return conforming.entityId(context, entityType, item);
    },
  }),
});

export const crashesOnStrangeTokens = mutant({
  name: "crashes-on-strange-tokens",
  story: "The token is split at its dots and each part decoded before anything is verified.",
  breaks: ["HTTP-007", "AUTH-009"],
  deform: (conforming) => ({
    ...conforming,
    verifySignature(context, token) {
      const [, payload] = token.split(".");
      JSON.parse(Buffer.from(payload ?? "", "base64url").toString("utf8"));
      return conforming.verifySignature(context, token);
    },
  }),
});

const MEMBERS = new Set(["changes", "lastSyncToken", "entities", "syncToken", "since", "limit", "types"]);

export const refusesUnknownMembers = mutant({
  name: "refuses-unknown-members",
  story: "`additionalProperties: false` on the bodies of requests locks every newer client out.",
  breaks: ["HTTP-008"],
  deform: (conforming) => ({
    ...conforming,
    checkEnvelope(context, schema, body) {
      conforming.checkEnvelope(context, schema, body);
      if (isJsonObject(body) && Object.keys(body).some((name) => !MEMBERS.has(name))) {
        throw new Refusal("INVALID_REQUEST", "the body has an unknown member");
      }
    },
  }),
});

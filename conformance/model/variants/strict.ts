import { isJsonObject } from "../../../schemas/json.ts";
import type { Json } from "../../../schemas/json.ts";
import type { Context } from "../context.ts";
import { CloseSocket, ItemRefusal, Refusal } from "../refusal.ts";
import type { ErrorDetail } from "../refusal.ts";
import { variant } from "../variant.ts";

const RESERVED = new Set(["__proto__", "constructor", "prototype"]);

function hasReservedName(value: Json): boolean {
  if (Array.isArray(value)) return value.some(hasReservedName);
  if (!isJsonObject(value)) return false;
  return Object.entries(value).some(([name, member]) => RESERVED.has(name) || hasReservedName(member));
}

/** Whether a number stands there in another spelling than that of a whole one. */
function isOddlySpelt({ bytes }: Context, name: string): boolean {
  return new RegExp(String.raw`"${name}"\s*:\s*-?\d+(\.\d|[eE])`).test(new TextDecoder().decode(bytes));
}

const error = (pointer: string, code: string): ErrorDetail[] => [
  { pointer, code, detail: "is not accepted" },
];

export const strict = variant({
  name: "strict",
  story:
    "A typed server that answers a twin at once, parses into records, and refuses whatever it may refuse.",
  uses: [
    { freedom: "409 for a twin in flight, with any seconds in Retry-After", of: ["IDEM-011"] },
    { freedom: "whole numbers in another spelling are refused", of: ["PULL-021", "BATCH-006"] },
    { freedom: "names such as __proto__ are refused with a 4xx", of: ["DATA-011"] },
    { freedom: "INCOMPLETE for an item that lacks one member and has another wrong", of: ["PUSH-007"] },
    { freedom: "the first error alone", of: ["HTTP-006", "PUSH-007"] },
    { freedom: "every frame with U+FFFD is taken for broken", of: ["RT-008"] },
    {
      freedom: "UNKNOWN_MESSAGE for a type that is no text, an item's code for a member that is none",
      of: ["RT-042"],
    },
    { freedom: "TOKEN_EXPIRED as the answer to AUTH", of: ["AUTH-018"] },
    {
      freedom: "no leeway for tokens, a socket closed in the second of its expiry",
      of: ["AUTH-004", "AUTH-019"],
    },
    { freedom: "refused requests do not count as a device's", of: ["STAT-002"] },
    { freedom: "the order in which a token's faults are looked for", of: ["AUTH-009"] },
    { freedom: "an OPTIONS that is no preflight is refused", of: ["HTTP-003"] },
    { freedom: "a preflight from elsewhere is refused", of: ["CORS-002", "CORS-003"] },
    { freedom: "the least limits that people may be given", of: ["DISC-003", "LIM-001"] },
  ],
  options: {
    limits: {
      maxDepth: 32,
      tokenLeewayMs: 0,
      legacyMaxBodyBytes: 1_048_576,
      legacyMaxItems: 500,
      maxPageSize: 1,
      messageBurst: 250,
    },
  },
  deform: (conforming) => ({
    ...conforming,
    async meetTwin() {
      const headers = { "retry-after": "1" };
      throw new Refusal("IDEMPOTENCY_IN_FLIGHT", "the same request is under way", { headers });
    },
    parseJson: (context, text) => {
      const json = conforming.parseJson(context, text);
      if (hasReservedName(json))
        throw new Refusal("INVALID_REQUEST", "a name in it is reserved", {
          errors: error("", "INVALID_REQUEST"),
        });
      return json;
    },
    readQuery: (context, body) => {
      if (isOddlySpelt(context, "limit"))
        throw new Refusal("INVALID_REQUEST", "limit", { errors: error("/limit", "INVALID_REQUEST") });
      return conforming.readQuery(context, body);
    },
    checkFrame: (context, submission, entityType, entityId) => {
      conforming.checkFrame(context, submission, entityType, entityId);
      if ((submission.frame?.["version"] ?? null) !== null && isOddlySpelt(context, "version"))
        throw new ItemRefusal(
          "INVALID_ITEM",
          `${submission.pointer}/version`,
          "must be written as an integer",
        );
    },
    codeOf: (_context, violations) =>
      violations.some(({ keyword }) => keyword === "required") ? "INCOMPLETE" : "INVALID_ITEM",
    problem: (context, refusal) => {
      const errors = refusal.extras.errors?.slice(0, 1);
      return conforming.problem(
        context,
        new Refusal(refusal.code, refusal.message, { ...refusal.extras, ...(errors ? { errors } : {}) }),
      );
    },
    decodeText: (context, bytes) => {
      const text = conforming.decodeText(context, bytes);
      if (context.connection !== undefined && text.includes("\uFFFD"))
        throw new CloseSocket(1007, "a text frame must be UTF-8");
      return text;
    },
    checkMessage: (context, message) => {
      if (typeof message["type"] !== "string")
        return conforming.checkMessage(context, { ...message, type: "?" });
      try {
        conforming.checkMessage(context, message);
      } catch (refusal) {
        if (!(refusal instanceof Refusal) || refusal.code !== "INVALID_REQUEST") throw refusal;
        const missing = ["entry", "piece", "plan", "occurrence", "item"].find((name) =>
          refusal.message.startsWith(`/${name} `),
        );
        throw missing === undefined
          ? refusal
          : new ItemRefusal("INVALID_ITEM", `/${missing}`, "must be an object");
      }
    },
    reauthenticate: async (context, connection, message) => {
      try {
        await conforming.authenticateSocket(context, message["token"] as string);
      } catch (refusal) {
        if (refusal instanceof Refusal && refusal.code === "TOKEN_EXPIRED") throw refusal;
      }
      await conforming.reauthenticate(context, connection, message);
    },
    noteDevice: () => {},
    negotiateVersion: (context) => {
      const announced = conforming.negotiateVersion(context);
      conforming.noteDevice(context);
      return announced;
    },
    checkClaims: (context, claims, token) => {
      const { behaviour } = context;
      behaviour.checkPurpose(context, claims, token);
      behaviour.checkSubject(context, claims, token);
      behaviour.checkNotBefore(context, claims, token);
      behaviour.checkExpiry(context, claims, token);
    },
    preflight: (context, endpoint) => {
      const { behaviour, request } = context;
      const origin = behaviour.fetchHeader(context, "origin");
      if (!Object.hasOwn(request.headers, "access-control-request-method")) {
        behaviour.checkMethod(context, endpoint);
        return conforming.preflight(context, endpoint);
      }
      if (origin === undefined || !behaviour.isAllowedOrigin(context, origin))
        throw new Refusal("FORBIDDEN", "not from there");
      return conforming.preflight(context, endpoint);
    },
  }),
});

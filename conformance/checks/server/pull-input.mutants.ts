import { ENTITY_TYPES, isEntityType } from "../../../schemas/collections.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";
import { remembered } from "./pull-history.ts";

/** A server that reads the body otherwise: `change` gives what it takes it for. */
function reading(conforming: Behaviour, change: (body: JsonObject) => JsonObject): Behaviour {
  return {
    ...conforming,
    readQuery: (context, body) =>
      conforming.readQuery(context, isJsonObject(body) ? change({ ...body }) : body),
  };
}

function refusingNull(conforming: Behaviour, member: string): Behaviour {
  return reading(conforming, (body) => {
    if (body[member] !== null) return body;
    const errors = [{ pointer: `/${member}`, code: "INVALID_REQUEST", detail: "must not be null" }];
    throw new Refusal("INVALID_REQUEST", `${member} must not be null`, { errors });
  });
}

export const refusesNullSince = mutant({
  name: "refuses-a-null-since",
  story: "The schema has an optional member, which is not the same as one that may be null.",
  breaks: ["PULL-020"],
  deform: (conforming) => refusingNull(conforming, "since"),
});

export const refusesNullLimit = mutant({
  name: "refuses-a-null-limit",
  story: "The schema has an optional member, which is not the same as one that may be null.",
  breaks: ["PULL-020"],
  deform: (conforming) => refusingNull(conforming, "limit"),
});

export const refusesNullTypes = mutant({
  name: "refuses-null-types",
  story: "The schema has an optional member, which is not the same as one that may be null.",
  breaks: ["PULL-020"],
  deform: (conforming) => refusingNull(conforming, "types"),
});

export const nullLimitIsOne = mutant({
  name: "null-limit-is-one",
  story: "The limit goes through Number(), which makes 0 of null, and then through max(1, …).",
  breaks: ["PULL-020"],
  deform: (conforming) =>
    reading(conforming, (body) => (body["limit"] === null ? { ...body, limit: 1 } : body)),
});

export const refusesEmptyBodies = mutant({
  name: "refuses-empty-bodies",
  story: "The body is parsed before anybody asks whether there is one.",
  breaks: ["PULL-020"],
  deform: (conforming) => ({
    ...conforming,
    async readBody(context) {
      const bytes = await conforming.readBody(context);
      if (bytes.length > 0) return bytes;
      throw new Refusal("INVALID_JSON", "unexpected end of the body");
    },
  }),
});

export const demandsAContentType = mutant({
  name: "demands-a-content-type-without-a-body",
  story: "The framework looks at Content-Type of every POST.",
  breaks: ["PULL-020"],
  deform: (conforming) => ({
    ...conforming,
    checkContentType(context) {
      if (!conforming.fetchHeader(context, "content-type")?.startsWith("application/json")) {
        throw new Refusal("UNSUPPORTED_MEDIA_TYPE", "Content-Type must be application/json");
      }
      conforming.checkContentType(context);
    },
  }),
});

export const limitZeroIsServed = mutant({
  name: "limit-0-is-no-limit",
  story: "The limit is tested by truth, and 0 is false.",
  breaks: ["PULL-021"],
  deform: (conforming) =>
    reading(conforming, (body) => (body["limit"] === 0 ? { ...body, limit: null } : body)),
});

export const negativeLimitsAreServed = mutant({
  name: "negative-limits-are-no-limit",
  story: "The limit goes into the query as it is, where -1 means none.",
  breaks: ["PULL-021"],
  deform: (conforming) =>
    reading(conforming, (body) =>
      Number.isInteger(body["limit"]) && (body["limit"] as number) < 0 ? { ...body, limit: null } : body,
    ),
});

export const roundsLimits = mutant({
  name: "rounds-limits",
  story: "The limit goes through Math.ceil.",
  breaks: ["PULL-021"],
  deform: (conforming) =>
    reading(conforming, (body) =>
      typeof body["limit"] === "number" ? { ...body, limit: Math.ceil(body["limit"]) } : body,
    ),
});

export const readsLimitsFromText = mutant({
  name: "reads-limits-from-text",
  story: "The limit goes through parseInt, since it came from a query string once.",
  breaks: ["PULL-021"],
  deform: (conforming) =>
    reading(conforming, (body) => {
      const number = typeof body["limit"] === "string" ? Number.parseInt(body["limit"], 10) : Number.NaN;
      return number >= 1 ? { ...body, limit: number } : body;
    }),
});

export const clampsLimits = mutant({
  name: "clamps-limits-to-1",
  story: "A limit that is too small is raised to the least that works.",
  breaks: ["PULL-021"],
  deform: (conforming) =>
    reading(conforming, (body) =>
      typeof body["limit"] === "number" && body["limit"] < 1 ? { ...body, limit: 1 } : body,
    ),
});

export const refusesWithoutAPointer = mutant({
  name: "refuses-pulls-without-a-pointer",
  story: "The validator's findings are logged and not answered.",
  breaks: ["PULL-021", "HTTP-006"],
  deform: (conforming) => ({
    ...conforming,
    checkEnvelope(context, schema, body) {
      try {
        conforming.checkEnvelope(context, schema, body);
      } catch (error) {
        if (context.endpoint !== "pull") throw error;
        throw new Refusal("INVALID_REQUEST", "the request is not valid");
      }
    },
  }),
});

export const falsySinceIsNone = mutant({
  name: "falsy-since-is-none",
  story: "since is tested by truth, and 0 and false are false.",
  breaks: ["PULL-021"],
  deform: (conforming) =>
    reading(conforming, (body) =>
      body["since"] === 0 || body["since"] === false ? { ...body, since: null } : body,
    ),
});

export const sinceMayBeANumber = mutant({
  name: "since-may-be-a-number",
  story: "The first version had times as cursors, and they are still taken for no cursor at all.",
  breaks: ["PULL-021"],
  deform: (conforming) =>
    reading(conforming, (body) => (typeof body["since"] === "number" ? { ...body, since: null } : body)),
});

export const sinceOfAnyTypeIsExpired = mutant({
  name: "since-of-any-type-is-expired",
  story: "Whatever cannot be decoded is an expired cursor.",
  breaks: ["PULL-021"],
  deform: (conforming) =>
    reading(conforming, (body) =>
      body["since"] === undefined || body["since"] === null
        ? body
        : { ...body, since: String(body["since"]) },
    ),
});

export const unknownTypesAreSkipped = mutant({
  name: "unknown-types-are-skipped",
  story: "The list of types is filtered by those that are known.",
  breaks: ["PULL-021"],
  deform: (conforming) =>
    reading(conforming, (body) => {
      const known = Array.isArray(body["types"]) ? body["types"].filter(isEntityType) : [];
      return known.length > 0 ? { ...body, types: known } : body;
    }),
});

export const emptyTypesAreAll = mutant({
  name: "empty-types-are-all",
  story: "A filter without conditions filters nothing.",
  breaks: ["PULL-021"],
  deform: (conforming) =>
    reading(conforming, (body) =>
      Array.isArray(body["types"]) && body["types"].length === 0 ? { ...body, types: null } : body,
    ),
});

export const oneTypeNeedsNoList = mutant({
  name: "one-type-needs-no-list",
  story: "The parameter parser makes a list of a single value.",
  breaks: ["PULL-021"],
  deform: (conforming) =>
    reading(conforming, (body) => (isEntityType(body["types"]) ? { ...body, types: [body["types"]] } : body)),
});

export const typesAreComparedWithoutCase = mutant({
  name: "types-are-compared-without-case",
  story: "The column's collation is NOCASE and the values are trimmed.",
  breaks: ["PULL-021"],
  deform: (conforming) =>
    reading(conforming, (body) =>
      Array.isArray(body["types"])
        ? {
            ...body,
            types: body["types"].map((type) => (typeof type === "string" ? type.trim().toLowerCase() : type)),
          }
        : body,
    ),
});

export const inheritedNamesAreTypes = mutant({
  name: "inherited-names-are-types",
  story: "Whether a type is known is asked with the operator in, which finds constructor and toString too.",
  breaks: ["PULL-021"],
  deform: (conforming) =>
    reading(conforming, (body) => {
      const known: object = Object.fromEntries(ENTITY_TYPES.map((type) => [type, true]));
      const types = Array.isArray(body["types"]) ? body["types"] : [];
      if (types.length === 0 || !types.every((type) => typeof type === "string" && type in known))
        return body;
      const own = types.filter(isEntityType);
      return { ...body, types: own.length > 0 ? own : null };
    }),
});

export const remembersWhereARefusedPullWas = mutant({
  name: "a-refused-pull-uses-its-cursor-up",
  story: "The cursor is marked as delivered before the other parameters are looked at.",
  breaks: ["PULL-021", "PULL-002"],
  deform: (conforming) => ({
    ...conforming,
    readQuery(context, body) {
      try {
        return conforming.readQuery(context, body);
      } catch (error) {
        if (isJsonObject(body)) remembered(context, "delivered").add(body["since"]);
        throw error;
      }
    },
    startWalk(context, query) {
      const walk = conforming.startWalk(context, query);
      const delivered = query.since !== null && remembered(context, "delivered").has(query.since);
      return delivered ? { ...walk, after: context.user.head } : walk;
    },
  }),
});

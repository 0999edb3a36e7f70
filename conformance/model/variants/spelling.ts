import { isJsonObject } from "../../../schemas/json.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import type { Answer } from "../answer.ts";
import { variant } from "../variant.ts";

/** The same JSON in other bytes: members the other way round, blanks, escapes, whole numbers with a fraction. */
function spelt(value: Json): string {
  if (typeof value === "number")
    return Number.isInteger(value) && Math.abs(value) < 1e20 ? `${value}.0` : JSON.stringify(value);
  if (typeof value === "string") return escaped(value);
  if (Array.isArray(value)) return `[ ${value.map(spelt).join("\r\n, ")} ]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).toReversed();
  return `{\t${members.map(([name, member]) => `${escaped(name)} : ${spelt(member)}`).join(",\n ")} }\n`;
}

function escaped(text: string): string {
  return JSON.stringify(text)
    .replaceAll("/", String.raw`\/`)
    .replaceAll(/[^\x20-\x7e]/g, (one) => String.raw`\u` + one.charCodeAt(0).toString(16).padStart(4, "0"));
}

function respelt(answer: Answer): Answer {
  const json = JSON.parse(new TextDecoder().decode(answer.body)) as Json;
  const type = answer.headers["content-type"]!;
  return {
    ...answer,
    headers: { ...answer.headers, "content-type": `${type.replace("json", "JSON")} ; charset=UTF-8` },
    body: new TextEncoder().encode(` ${spelt(json)}`),
  };
}

/** The server's own time, told in the offset of where it stands. */
function offsetTime(unixMs: number): string {
  return new Date(unixMs - 19_800_000).toISOString().replace("Z", "-05:30");
}

const MORE = { "x-served-by": "cache-7", server: "other/3", "x-request-id": "b7f1-22" };

export const spellsOtherwise = variant({
  name: "spells-otherwise",
  story: "Another language's JSON library and framework, with members, texts and headers of its own.",
  uses: [
    { freedom: "white space, escapes, the order of members and the spelling of numbers", of: ["HTTP-009"] },
    { freedom: "members that a peer does not know, in everything but items", of: ["HTTP-009", "RT-011"] },
    { freedom: "every text for people", of: ["HTTP-001", "AUTH-014", "RT-009", "RT-013"] },
    { freedom: "parameters of content types and challenges", of: ["HTTP-009", "AUTH-001", "AUTH-009"] },
    { freedom: "the offset of its own timestamps", of: ["STAT-004", "DISC-006"] },
    { freedom: "more headers, and more that pages may read", of: ["CORS-004", "CORS-005", "HTTP-010"] },
    {
      freedom: "an epoch, cursors and connection ids of any characters",
      of: ["PULL-008", "PULL-018", "RT-005"],
    },
  ],
  manners: {
    chunked: true,
    closes: true,
    spelling: (name) => name.replaceAll(/(^|-)[a-z]/g, (one) => one.toUpperCase()),
  },
  deform: (conforming) => ({
    ...conforming,
    succeed: (context, body) =>
      respelt(
        conforming.succeed(context, {
          ...body,
          ...("timestamp" in body ? { timestamp: offsetTime(context.server.now()) } : {}),
          served: { by: ["node", 7], "": null },
        }),
      ),
    refuse: (context, refusal) => respelt(conforming.refuse(context, refusal)),
    problem: (context, refusal) => ({
      ...conforming.problem(context, refusal),
      type: `urn:problem:${refusal.code.toLowerCase()}`,
      title: "Das geht so nicht",
      error: "Das geht so nicht",
      detail: "",
      instance: `/answers/${context.server.requests}`,
      errors: (refusal.extras.errors ?? []).map((error) => ({
        ...error,
        detail: "nein",
        hint: "see the spec",
      })),
    }),
    missingToken: (context) => {
      const refusal = conforming.missingToken(context);
      refusal.extras.headers!["www-authenticate"] = 'Bearer realm="sync"';
      return refusal;
    },
    badToken: (context, code, reason, token) => {
      const refusal = conforming.badToken(context, code, reason, token);
      const challenge =
        'bearer realm="sync", error_description="no, \\"this\\" is not good", error="invalid_token"';
      refusal.extras.headers!["www-authenticate"] = challenge;
      return refusal;
    },
    commonHeaders: (context) => {
      const { "cache-control": cached } = conforming.commonHeaders(context);
      return {
        ...MORE,
        ...(cached === undefined ? {} : { "cache-control": "private, No-Store, max-age=0" }),
      };
    },
    corsHeaders: (context) => {
      const headers = conforming.corsHeaders(context);
      return { ...headers, vary: "Accept-Encoding, origin" };
    },
    exposedHeaders: (context) => [
      "etag",
      ...conforming.exposedHeaders(context).map((name) => name.toLowerCase()),
    ],
    allowedHeaders: (context) => [
      ...conforming.allowedHeaders(context).map((name) => name.toLowerCase()),
      "x-more",
    ],
    lastSyncTime: ({ user }) => (user.lastWriteAt === null ? null : offsetTime(user.lastWriteAt)),
    tellMeta: (context, row) => ({
      ...conforming.tellMeta(context, row),
      shard: "s-4",
      writtenAt: row.writtenAt,
    }),
    result: (context, judgement) => {
      const told = conforming.result(context, judgement);
      const { errors } = told;
      return {
        ...told,
        ...(Array.isArray(errors)
          ? { errors: errors.map((error) => ({ ...(error as JsonObject), detail: "nein", rule: 4 })) }
          : {}),
        took: 0.25,
      };
    },
    pushConflicts: (context, judgements) =>
      conforming
        .pushConflicts(context, judgements)
        .map((conflict) => ({ ...conflict, reason: "nein", help: null })),
    batchConflicts: (context, judgements) =>
      conforming.batchConflicts(context, judgements).map((conflict) => ({ ...conflict, help: null })),
    stats: (context, judgements) => ({ ...conforming.stats(context, judgements), tookMs: 3 }),
    openUser: (context, id) => {
      const known = context.server.users.has(id);
      const user = conforming.openUser(context, id);
      if (!known) user.epoch = `Ära №${user.epoch} 🎻 "q"`;
      return user;
    },
    encodeCursor: (context, cursor) => `${"🎼/".repeat(300)} "${conforming.encodeCursor(context, cursor)}"\n`,
    decodeCursor: (context, token) => {
      const [, inner] = /^(?:🎼\/){300} "(.*)"\n$/u.exec(token) ?? [];
      return inner === undefined ? undefined : conforming.decodeCursor(context, inner);
    },
    connectionId: (context) => `${conforming.connectionId(context)}/${"~;,=\"'".repeat(30)}`,
    welcomeFrame: (context, connection) => ({
      ...conforming.welcomeFrame(context, connection),
      message: "Grüß Gott",
      region: { near: true },
    }),
    ackFrame: (context, connection, judgements) => {
      const frame = conforming.ackFrame(context, connection, judgements);
      return "message" in frame ? { ...frame, message: "erledigt" } : { ...frame, error: "nein" };
    },
    errorFrame: (context, refusal) => ({
      ...conforming.errorFrame(context, refusal),
      error: "nein",
      title: "",
    }),
    endFrame: (context, connection, told) => ({
      ...conforming.endFrame(context, connection, told),
      message: "das war alles",
      tookMs: 4,
    }),
    frameText: ({ server }, frame) => spelt({ ...frame, timestamp: server.now(), node: ["a", { b: null }] }),
  }),
});

import { isMember, MEMBERS } from "../../../schemas/collections.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { parseInstant } from "../../../spec/rules/instant.ts";
import type { HttpResponse } from "../../drivers/transport.ts";
import type { Context } from "../context.ts";
import { paired } from "../told.ts";
import type { Call } from "./announcing.ts";

/** An answer of the protocol. */
export interface Answer {
  status: number;
  body: JsonObject;
  /** Of a problem. */
  code: string | undefined;
  /** Whether it repeats an earlier one: its times are not of now. */
  replay: boolean;
}

/** What becomes of a request after its answer. */
export type Fate = "settle" | "same-again" | "new-token" | "new-key" | "split" | "full-pull" | "stop";

/** What becomes of an item that was refused. */
export type ItemFate = "dead-letter" | "try-again" | "restamp" | "conflict";

/** What answers mean. */
export interface AnswerSteps {
  /** The answer, or undefined for what counts as none (CLI-042). */
  readAnswer(context: Context, call: Call, response: HttpResponse): Answer | undefined;
  /** Whether a body of status 200 is one of this call. */
  isBodyOf(context: Context, call: Call, body: JsonObject): boolean;
  /** What becomes of the request (CLI-009, CLI-014, CLI-028, CLI-035). */
  fateOf(context: Context, call: Call, answer: Answer): Fate;
  /** Whether a code of an item is for good (CLI-029). */
  isPermanent(context: Context, code: string): boolean;
  /** How often an item with an unknown code is tried. */
  mostTries(context: Context): number;
  /** Whether a refusal of this code counts as a try (CLI-030). */
  countsAsTry(context: Context, code: string): boolean;
  /** What becomes of a refused item; `tries` counts this one. */
  itemFateOf(context: Context, code: string, tries: number): ItemFate;
  /** How long the server asks to wait, in ms. */
  retryAfterMs(context: Context, response: HttpResponse): number | undefined;
}

const PERMANENT = ["INCOMPLETE", "INVALID_ITEM", "UNKNOWN_COLLECTION", "ITEM_TOO_LARGE"];

export const answers: AnswerSteps = {
  readAnswer(context, call, { status, headers, body: bytes }) {
    const bearer = /^bearer\b/i.test(headers["www-authenticate"] ?? "");
    // RFC 6750 says it without a body, too.
    if (status === 401 && bearer) return { status, body: {}, code: "TOKEN_INVALID", replay: false };
    const mediaType = (headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
    if (mediaType !== (status === 200 ? "application/json" : "application/problem+json")) return undefined;
    let body: unknown;
    try {
      body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch {
      return undefined;
    }
    if (!isJsonObject(body)) return undefined;
    const replay = headers["x-idempotent-replay"] === "true";
    if (status !== 200)
      return typeof body["code"] === "string" ? { status, body, code: body["code"], replay } : undefined;
    return context.behaviour.isBodyOf(context, call, body)
      ? { status, body, code: undefined, replay }
      : undefined;
  },

  isBodyOf(_context, call, body) {
    if (typeof body[call === "batch" ? "newSyncToken" : "syncToken"] !== "string") return false;
    if (call === "status") return typeof body["entityCount"] === "number";
    if (call !== "pull") return Array.isArray(body["results"]) && body["results"].every(isJsonObject);
    if (parseInstant(body["timestamp"]) === undefined) return false;
    const { meta, mode, hasMore, epoch, deleted } = body;
    if (mode !== "full" && mode !== "delta") return false;
    if (typeof hasMore !== "boolean" || typeof epoch !== "string" || !Array.isArray(deleted)) return false;
    if (!isJsonObject(meta)) return false;
    if (mode === "full" && !hasMore && !Number.isInteger(body["through"])) return false;
    return MEMBERS.every((member) => paired(body[member], meta[member]) !== undefined);
  },

  fateOf(_context, call, { status, code }) {
    if (status === 200) return "settle";
    if (status === 401) return "new-token";
    if (status === 409 || status === 429 || status >= 500) return "same-again";
    if (call === "pull") {
      if (status === 410 || code === "CURSOR_MISMATCH") return "full-pull";
      return "stop";
    }
    if (code === "IDEMPOTENCY_KEY_REUSED" || code === "INVALID_IDEMPOTENCY_KEY") return "new-key";
    if (code === "UNSUPPORTED_VERSION") return "stop";
    return [400, 413, 422].includes(status) ? "split" : "stop";
  },

  isPermanent: (_context, code) => PERMANENT.includes(code),

  mostTries: () => 3,

  countsAsTry: (_context, code) => code !== "CLOCK_SKEW" && code !== "VERSION_CONFLICT",

  itemFateOf(context, code, tries) {
    if (code === "CLOCK_SKEW") return "restamp";
    if (code === "VERSION_CONFLICT") return "conflict";
    const { behaviour } = context;
    return behaviour.isPermanent(context, code) || tries >= behaviour.mostTries(context)
      ? "dead-letter"
      : "try-again";
  },

  retryAfterMs(_context, { headers }) {
    const text = headers["retry-after"]?.trim() ?? "";
    return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : undefined;
  },
};

/** Every item of a pull's page that has a type we know. */
export function itemsOfPage(body: JsonObject) {
  const meta = body["meta"];
  return Object.keys(body)
    .filter(isMember)
    .flatMap((member) => paired(body[member], isJsonObject(meta) ? meta[member] : undefined) ?? []);
}

import { ENTITY_TYPES, type EntityType } from "../../schemas/collections.ts";
import { fromBase64Url, toBase64Url } from "./base64url.ts";
import type { Identity } from "./ports.ts";
import { Problem } from "./problem.ts";

/** A place in the log of a user. On the wire: base64url of its JSON, a dot, and an HMAC-SHA-256 under the user's cursor key. */
export interface Cursor {
  epoch: string;
  /** Everything up to this `seq` has been read. */
  after: number;
  /** The types it was made for, in the order of ENTITY_TYPES; undefined: all. */
  types: readonly EntityType[] | undefined;
  /** Present in the page tokens of a full pull. */
  full: { startHead: number; startedAt: number } | undefined;
}

interface Payload {
  e: string;
  s: number;
  t?: number[];
  f?: [startHead: number, startedAt: number];
}

const encoder = new TextEncoder();

/** The token of a cursor. */
export async function mintCursor(identity: Identity, cursor: Omit<Cursor, "epoch">): Promise<string> {
  const payload: Payload = {
    e: identity.epoch,
    s: cursor.after,
    ...(cursor.types && { t: cursor.types.map((type) => ENTITY_TYPES.indexOf(type)) }),
    ...(cursor.full && { f: [cursor.full.startHead, cursor.full.startedAt] as [number, number] }),
  };
  const text = toBase64Url(encoder.encode(JSON.stringify(payload)));
  return `${text}.${await authenticate(identity, text)}`;
}

/**
 * What a token says, without any proof that it is genuine: enough to ask the store for a page, never to answer with it.
 * Undefined if the text can't be a token.
 */
export function peekCursor(token: string): Cursor | undefined {
  const bytes = fromBase64Url(token.split(".")[0] ?? "");
  if (bytes === undefined) return undefined;
  try {
    const payload = JSON.parse(new TextDecoder().decode(bytes)) as Payload;
    if (!Number.isSafeInteger(payload.s) || typeof payload.e !== "string") return undefined;
    const full = payload.f;
    if (full && !(Number.isSafeInteger(full[0]) && Number.isSafeInteger(full[1]))) return undefined;
    return {
      epoch: payload.e,
      after: payload.s,
      types: payload.t?.map((index) => ENTITY_TYPES[index]!),
      full: full && { startHead: full[0], startedAt: full[1] },
    };
  } catch {
    return undefined;
  }
}

/** Throws CURSOR_EXPIRED unless this server issued the token for this data (PULL-018, PULL-019). */
export async function verifyCursor(identity: Identity, token: string, cursor: Cursor): Promise<void> {
  const [text = "", code = "", ...rest] = token.split(".");
  const genuine = rest.length === 0 && equalInConstantTime(code, await authenticate(identity, text));
  if (!genuine || cursor.epoch !== identity.epoch || cursor.after > identity.head) throw cursorExpired();
}

export function cursorExpired(): Problem {
  return new Problem(
    "CURSOR_EXPIRED",
    "/since is not a cursor of this user's present data; pull again without it.",
    {
      errors: [
        { pointer: "/since", code: "CURSOR_EXPIRED", detail: "is not a cursor of this user's present data" },
      ],
    },
  );
}

async function authenticate(identity: Identity, text: string): Promise<string> {
  const raw = fromBase64Url(identity.cursorKey) ?? new Uint8Array();
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return toBase64Url(new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text))));
}

function equalInConstantTime(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < b.length; index++)
    difference |= (a.charCodeAt(index) || 0) ^ b.charCodeAt(index);
  return difference === 0;
}

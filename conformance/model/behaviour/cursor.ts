import { base64url } from "jose";
import { ENTITY_TYPES } from "../../../schemas/collections.ts";
import type { EntityType } from "../../../schemas/collections.ts";
import type { Context } from "../context.ts";
import { Refusal } from "../refusal.ts";
import { hmacSha256 } from "../sha-256.ts";

/** What a sync token says. */
export interface Cursor {
  user: string;
  epoch: string;
  /** The place in the log: everything up to it was told. */
  seq: number;
  /** Sorted, each once; null: all types. */
  types: EntityType[] | null;
  /** The token of an unfinished full pull: the head and the server's time (Unix ms) at its start. */
  full: { head: number; at: number } | null;
}

/** Sync tokens: opaque, and bound to user, epoch and types. */
export interface CursorSteps {
  /** A cursor as text. */
  encodeCursor(context: Context, cursor: Cursor): string;
  /** A text as cursor; undefined: this server did not make it. */
  decodeCursor(context: Context, token: string): Cursor | undefined;
  /** What proves that this server made a payload. */
  cursorMac(context: Context, payload: string): string;
  /** Refuses a cursor that is not good for this pull. */
  checkCursor(context: Context, cursor: Cursor, types: EntityType[] | null): void;
  /** Whether a cursor was made for this user. */
  isOwnCursor(context: Context, cursor: Cursor): boolean;
  /** Whether a cursor is of the present epoch. */
  isOfEpoch(context: Context, cursor: Cursor): boolean;
  /** Whether a cursor is ahead of the head. */
  isAhead(context: Context, cursor: Cursor): boolean;
  /** Whether a cursor was made for these types. */
  isOfTypes(context: Context, cursor: Cursor, types: EntityType[] | null): boolean;
  /** The refusal CURSOR_EXPIRED. */
  refuseCursor(context: Context): Refusal;
  /** The form of `types` that is compared: sorted, each once; null: all. */
  canonicalTypes(context: Context, types: readonly EntityType[] | null): EntityType[] | null;
  /** A cursor at the head, for all types. */
  headToken(context: Context, head: number): string;
}

export const cursor: CursorSteps = {
  encodeCursor(context, value) {
    const payload = base64url.encode(JSON.stringify(value));
    return `${payload}.${context.behaviour.cursorMac(context, payload)}`;
  },

  decodeCursor(context, token) {
    const [payload = "", mac, ...rest] = token.split(".");
    if (rest.length > 0 || mac !== context.behaviour.cursorMac(context, payload)) return undefined;
    return JSON.parse(new TextDecoder().decode(base64url.decode(payload))) as Cursor;
  },

  cursorMac: ({ server }, payload) => hmacSha256(server.secret, `cursor ${payload}`).slice(0, 32),

  checkCursor(context, value, types) {
    const { behaviour } = context;
    const known =
      behaviour.isOwnCursor(context, value) &&
      behaviour.isOfEpoch(context, value) &&
      !behaviour.isAhead(context, value);
    if (!known) throw behaviour.refuseCursor(context);
    if (behaviour.isOfTypes(context, value, types)) return;
    const detail = "since was made for other types; make a full pull, or ask for the same types";
    throw new Refusal("CURSOR_MISMATCH", detail, {
      errors: [{ pointer: "/types", code: "CURSOR_MISMATCH", detail: "must be those of the cursor" }],
    });
  },

  isOwnCursor: ({ user }, value) => value.user === user.id,

  isOfEpoch: ({ user }, value) => value.epoch === user.epoch,

  isAhead: ({ user }, value) => value.seq > user.head,

  isOfTypes: (_context, value, types) => JSON.stringify(value.types) === JSON.stringify(types),

  refuseCursor: () =>
    new Refusal("CURSOR_EXPIRED", "since is not a token of this server for this user; make a full pull", {
      errors: [{ pointer: "/since", code: "CURSOR_EXPIRED", detail: "must be a token of the last pull" }],
    }),

  canonicalTypes: (_context, types) =>
    types === null ? null : ENTITY_TYPES.filter((type) => types.includes(type)),

  headToken: (context, head) =>
    context.behaviour.encodeCursor(context, {
      user: context.user.id,
      epoch: context.user.epoch,
      seq: head,
      types: null,
      full: null,
    }),
};

import { CARRIED } from "../../../schemas/realtime/carried.ts";
import { isEntityType } from "../../../schemas/collections.ts";
import { isJsonObject } from "../../../schemas/json.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import type { Context, Session } from "../context.ts";
import type { Change } from "../store.ts";
import { deletions, isMeta, paired } from "../told.ts";
import type { Told } from "../told.ts";

/** What a message from the server is to this client. */
export type Kind =
  | "welcome"
  | "pong"
  | "error"
  | "acknowledgement"
  | "catch-up-end"
  | "chunk"
  | "event"
  | "unknown";

/** What is said and heard on a socket. */
export interface RealtimeSteps {
  /** Asks for what was missed, from the stored cursor (CLI-037). Undefined: not now, a full pull comes first. */
  syncRequest(context: Context): JsonObject | undefined;
  /** What a message is; by its members, not by its texts. */
  kindOf(context: Context, message: JsonObject): Kind;
  /** What a chunk or event tells. */
  toldByMessage(context: Context, message: JsonObject): Told[];
  /** Takes in a chunk of a catch-up, in one transaction with the cursor. */
  onChunk(context: Context, session: Session, message: JsonObject): void | Promise<void>;
  /** Takes in a live event, in one transaction with the cursor (CLI-038). */
  onEvent(context: Context, session: Session, message: JsonObject): void | Promise<void>;
  /** The end of a catch-up: from now on events move the cursor. */
  onCatchUpEnd(context: Context, session: Session, message: JsonObject): void;
  /** Where a chunk, or the end of a catch-up, brings the cursor. */
  cursorOfCatchUp(context: Context, message: JsonObject): number | undefined;
  /** Where an event brings the cursor; undefined: nowhere (CLI-038). */
  cursorOfEvent(context: Context, session: Session, message: JsonObject): number | undefined;
  /** Where an acknowledgement brings the cursor: nowhere (CLI-010). */
  cursorOfAcknowledgement(context: Context, message: JsonObject): number | undefined;
  /** What a message of a type that is not known does: nothing (CLI-041). */
  onUnknown(context: Context, session: Session, message: JsonObject): void;
  /** Whether a new write goes over the socket. */
  carriesBySocket(context: Context, change: Change): boolean;
  /** The message that carries a write. */
  mutation(context: Context, change: Change, clientChangeId: string): JsonObject;
}

const ONE: Record<string, string> = { ENTRY_DELETED: "entryId", PIECE_REMOVED: "scoreId" };
const integer = (value: Json | undefined): number | undefined =>
  Number.isInteger(value) ? (value as number) : undefined;

export const realtime: RealtimeSteps = {
  syncRequest({ store }) {
    const { seq, epoch } = store.state;
    return seq === null ? undefined : { type: "SYNC_REQUEST", lastSeq: seq, epoch };
  },

  kindOf(_context, { type, ...message }) {
    if (type === "WELCOME") return "welcome";
    if (type === "PONG") return "pong";
    if (type === "ERROR") return "error";
    if (type === "SYNC_RESPONSE")
      return "outcome" in message || "results" in message || "clientChangeId" in message
        ? "acknowledgement"
        : "catch-up-end";
    if (type === "BULK_SYNC" || type === "REPERTOIRE_BULK_SYNC") return "chunk";
    if (typeof type !== "string") return "unknown";
    return type === "ENTITY_CHANGED" || Object.hasOwn(ONE, type) || Object.hasOwn(CARRIED, type)
      ? "event"
      : "unknown";
  },

  toldByMessage(_context, message) {
    const type = String(message["type"]);
    const meta = message["meta"];
    if (type === "ENTITY_CHANGED" || Object.hasOwn(ONE, type)) {
      const item = message["item"] ?? null;
      return isMeta(meta) && (item === null || isJsonObject(item)) ? [{ meta, item }] : [];
    }
    const carried = Object.entries(CARRIED[type as keyof typeof CARRIED]);
    return carried
      .flatMap(([member, entityType]) => {
        const value = message[member];
        if (value === undefined || !isEntityType(entityType)) return [];
        const of = isMeta(meta) ? meta : isJsonObject(meta) ? meta[member] : undefined;
        if (Array.isArray(value)) return paired(value, of) ?? [];
        return isJsonObject(value) && isMeta(of) ? [{ meta: of, item: value }] : [];
      })
      .concat(deletions(message["deleted"]));
  },

  onChunk(context, _session, message) {
    const { behaviour, store } = context;
    store.transaction(() => {
      for (const told of behaviour.toldByMessage(context, message))
        behaviour.applyTold(context, told, "catch-up");
      advance(context, behaviour.cursorOfCatchUp(context, message));
    });
  },

  onEvent(context, session, message) {
    const { behaviour, store } = context;
    store.transaction(() => {
      const told = behaviour.toldByMessage(context, message);
      for (const one of told) behaviour.applyTold(context, one, "event");
      if (told.length > 0) advance(context, behaviour.cursorOfEvent(context, session, message));
    });
  },

  onCatchUpEnd(context, session, message) {
    session.phase = "live";
    advance(context, context.behaviour.cursorOfCatchUp(context, message));
  },

  cursorOfCatchUp: (_context, message) => integer(message["lastSeq"]),

  cursorOfEvent: (_context, { phase }, message) => (phase === "live" ? integer(message["seq"]) : undefined),

  cursorOfAcknowledgement: () => undefined,

  onUnknown() {},

  carriesBySocket: ({ socketMutations, session }) => socketMutations && session?.phase === "live",

  mutation: (context, change, clientChangeId) => ({
    type: "ENTITY_CHANGED",
    clientChangeId,
    entityType: change.type,
    item: context.behaviour.itemToSend(context, change),
  }),
};

/** The cursor never goes back. */
export function advance({ store }: Context, seq: number | undefined): void {
  if (seq !== undefined && seq > (store.state.seq ?? -1)) store.put({ seq });
}

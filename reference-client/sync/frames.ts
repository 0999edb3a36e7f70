import { isJsonObject, type JsonObject } from "../../schemas/json.ts";
import type { ServerMessage } from "../../schemas/realtime/messages.ts";
import type { Told } from "../replica/apply.ts";
import { listed, rowsOf } from "./read.ts";

type Carrying = Exclude<ServerMessage["type"], "WELCOME" | "PONG" | "ERROR" | "SYNC_RESPONSE">;

/** The member of a message that carries its one entity. What tells a deletion carries none. */
const ONE: Partial<Record<Carrying, string>> = {
  ENTRY_CREATED: "entry",
  ENTRY_UPDATED: "entry",
  ENTRY_DELETED: "",
  PIECE_ADDED: "piece",
  PIECE_UPDATED: "piece",
  PIECE_REMOVED: "",
  PLAN_OCCURRENCE_COMPLETED: "occurrence",
  ENTITY_CHANGED: "item",
};
const CHUNKS: Partial<Record<Carrying, readonly string[]>> = {
  BULK_SYNC: ["entries", "goals", "practicePlans", "planOccurrences", "planTemplates", "preferences"],
  REPERTOIRE_BULK_SYNC: ["pieces"],
};

/** What a frame says to a client. */
export type Frame =
  | {
      kind: "rows";
      chunk: boolean;
      rows: Told[];
      /** What the frame covers, if it says so. */ place: number | undefined;
    }
  | { kind: "end"; lastSeq: number; epoch: string | undefined }
  | { kind: "welcome"; connectionId: string | undefined }
  | { kind: "error"; code: string; text: string }
  /** Nothing to do: `PONG`, acknowledgements, what this client does not know (CLI-041). */
  | { kind: "other" }
  /** A known message that can't be read: something was told, and is missing. */
  | { kind: "unreadable" };

/** A text frame as the JSON object that it should be. */
export function messageOf(text: string): JsonObject | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return isJsonObject(message) && typeof message["type"] === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}

/** What a message says. */
export function frameOf(message: JsonObject): Frame {
  const type = message["type"] as Carrying;
  if (Object.hasOwn(CHUNKS, type)) return rowsFrame(listed(message, CHUNKS[type]!), true, message["lastSeq"]);
  if (Object.hasOwn(ONE, type))
    return rowsFrame([[message["meta"], message[ONE[type]!]]], false, message["seq"]);
  if (type === "PLAN_CREATED" || type === "PLAN_UPDATED")
    return rowsFrame(planOf(message), false, message["seq"]);
  return sessionFrame(message);
}

function sessionFrame(message: JsonObject): Frame {
  const { type, lastSeq, epoch, code, error, connectionId } = message;
  const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
  if (type === "WELCOME") return { kind: "welcome", connectionId: text(connectionId) };
  if (type === "ERROR") return { kind: "error", code: text(code) ?? "", text: text(error) ?? "" };
  if (type !== "SYNC_RESPONSE") return { kind: "other" };
  const acknowledges = ["outcome", "results", "clientChangeId"].some(
    (member) => message[member] !== undefined,
  );
  if (acknowledges) return { kind: "other" };
  if (typeof lastSeq !== "number") return { kind: "unreadable" };
  return { kind: "end", lastSeq, epoch: text(epoch) };
}

type Pairs = readonly (readonly [unknown, unknown])[];

function rowsFrame(pairs: Pairs | undefined, chunk: boolean, place: unknown): Frame {
  const rows = pairs && rowsOf(pairs);
  if (rows === undefined) return { kind: "unreadable" };
  return { kind: "rows", chunk, rows, place: typeof place === "number" ? place : undefined };
}

/** A plan's message has one `meta`, or with occurrences one for each (RT-019). */
function planOf(message: JsonObject): Pairs | undefined {
  const { plan, occurrences, meta } = message;
  if (!isJsonObject(meta)) return undefined;
  if (meta["entityType"] !== undefined) return [[meta, plan]];
  const metas = meta["occurrences"] ?? [];
  const items = occurrences ?? [];
  if (!Array.isArray(metas) || !Array.isArray(items) || metas.length !== items.length) return undefined;
  return [[meta["plan"], plan], ...items.map((item, at) => [metas[at], item] as const)];
}

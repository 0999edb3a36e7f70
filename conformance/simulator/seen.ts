import type { EntityType } from "../../schemas/collections.ts";
import { COLLECTIONS } from "../../schemas/collections.ts";
import type { Member } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import type { HttpRequest, HttpResponse } from "../drivers/transport.ts";

/** The calls that a client makes over HTTP. */
export type CallName = "pull" | "push" | "batch" | "status" | "discovery" | "other";

/** What became of a request: the server's answer reached the client, another did, none did, or it is held back. */
export type Fate = "answered" | "tampered" | "lost" | "held";

/** One request as the simulator saw it. */
export interface SeenRequest {
  /** Its place among all that was seen, from 1. */
  readonly n: number;
  /** When it came, by `performance.now()`. */
  readonly at: number;
  readonly call: CallName;
  readonly request: HttpRequest;
  /** The body, where it is JSON. */
  readonly json: unknown;
  readonly token: string | undefined;
  /** X-Idempotency-Key. */
  readonly key: string | undefined;
  fate: Fate | undefined;
  /** What the server answered, whether or not it was told. */
  answer: HttpResponse | undefined;
  /** What the client was told. */
  told: HttpResponse | undefined;
  /** The client ended its connection before there was an answer. */
  givenUp: boolean;
  /** When it was told, or lost. */
  endedAt: number | undefined;
}

/** One frame of a socket, in either direction. */
export interface SeenFrame {
  readonly n: number;
  readonly at: number;
  readonly from: "client" | "server";
  readonly text: string;
  /** The message, where it is a JSON object. */
  readonly message: JsonObject | undefined;
}

/** An item that a request or frame carried. */
export interface SentItem {
  type: EntityType;
  id: string;
  item: JsonObject;
  /** Of a deletion. */
  deleted: boolean;
}

/** A push or batch. */
export function isWrite({ call }: Pick<SeenRequest, "call">): boolean {
  return call === "push" || call === "batch";
}

/** The cursor that a pull goes on from; undefined: from the beginning. */
export function sinceOf({ json }: Pick<SeenRequest, "json">): unknown {
  return (json as { since?: unknown } | undefined)?.since ?? undefined;
}

/** The id member of an item: repertoire is known by its score. */
export function idOf(type: EntityType, item: JsonObject): string {
  const { scoreId, id } = item;
  return String(type === "repertoire_item" ? (scoreId ?? id) : id);
}

/** The items of a push or batch, in the order in which they were sent. */
export function itemsOf({ call, json }: Pick<SeenRequest, "call" | "json">): SentItem[] {
  const body = json as { changes?: Record<string, JsonObject[]>; entities?: JsonObject[] } | undefined;
  if (call === "batch")
    return (body?.entities ?? []).map(({ type, id, data }) => {
      const sent = sentItem(type as EntityType, data as JsonObject);
      return typeof id === "string" ? { ...sent, id } : sent;
    });
  if (call !== "push") return [];
  return Object.entries(body?.changes ?? {}).flatMap(([member, items]) =>
    Object.hasOwn(COLLECTIONS, member)
      ? items.map((item) => sentItem(COLLECTIONS[member as Member], item))
      : [],
  );
}

function sentItem(type: EntityType, item: JsonObject): SentItem {
  const deleted = item["deletedAt"] !== undefined && item["deletedAt"] !== null;
  return { type, id: idOf(type, item), item, deleted };
}

export function callOf(path: string): CallName {
  const bare = path.split("?")[0]!;
  const call = /^\/api\/sync\/(pull|push|batch|status)$/.exec(bare)?.[1];
  if (call !== undefined) return call as CallName;
  return bare === "/.well-known/mirubato-sync" ? "discovery" : "other";
}

import type { EntityType } from "../../schemas/collections.ts";
import { isJsonObject } from "../../schemas/json.ts";
import { seenOf } from "../histories/device.ts";
import type { Channel, History, Operation, Seen, Written } from "../histories/record.ts";
import type { SeenRequest } from "../simulator/seen.ts";
import { isWrite, itemsOf } from "../simulator/seen.ts";
import type { Simulator } from "../simulator/simulator.ts";
import type { SeenSocket } from "../simulator/socket.ts";
import type { Meta, Result } from "../wire/shapes.ts";
import { stampOf } from "./situations.ts";

/** Which member of an item tells one write from all others. */
export const MARK = { goal: "title", logbook_entry: "notes", repertoire_item: "title" } as const;

/** The write that an item shows. */
export function markOf(type: EntityType, item: Readonly<Record<string, unknown>>): string {
  return String(item[MARK[type as keyof typeof MARK]]);
}

export const entityOf = (type: string, id: string): string => `${type}/${id}`;

/** Something that a user did, on whichever device. */
export interface Edit {
  device: string;
  entity: string;
  /** Unlike any other; null: a deletion. */
  mark: string | null;
  /** By `performance.now()`, as all moments here. */
  began: number;
}

/** What one device showed its user. */
export interface Listed {
  device: string;
  began: number;
  ended: number;
  items: readonly { entity: string; mark: string }[];
  /** All there is, at rest. */
  final?: boolean;
}

/** A write on its way to the server, and the server's word on each item, whether or not it was told. */
export interface Carried extends Pick<Operation, "device" | "channel" | "began" | "ended" | "replay"> {
  items: readonly {
    entity: string;
    mark: string | null;
    /** Of its stamp, Unix ms. */
    updatedAt: number;
    result: Pick<Result, "outcome" | "meta"> | undefined;
  }[];
}

/** What the users of clients under test did and saw, and what another device of theirs sent and read. */
export interface Lived {
  edits: readonly Edit[];
  elsewhere: readonly Carried[];
  lists: readonly Listed[];
  /** What the server has in the end. */
  stored: { began: number; ended: number; metas: readonly Meta[] };
}

/**
 * Lives, one after the other, as a history for the checker that judges servers: here client and server together are what is judged. A write is
 * what a user did, and has one stamp, the first that the server accepted it under; what a client lists is what its user read. It is at rest
 * where the last life is.
 */
export function historyOf(lives: readonly Lived[], simulator: Simulator): History {
  const edits = lives.flatMap((life) => life.edits);
  const carried = [
    ...lives.flatMap(({ elsewhere }) => elsewhere),
    ...simulator.requests.flatMap(carriedBy),
    ...simulator.sockets.flatMap(acknowledgedOn),
  ];
  const accepted = new Map<string, Seen>();
  for (const { entity, mark, result } of carried.toSorted(byBeginning).flatMap(({ items }) => items)) {
    const key = `${entity} ${mark}`;
    if (mark !== null && isAccepted(result) && !accepted.has(key)) accepted.set(key, seenOf(result.meta));
  }
  const written = (entity: string, mark: string | null, updatedAt = 0): Written => ({
    entity,
    item: null,
    stamp:
      mark === null
        ? { updatedAt, deleted: true, checksum: "" }
        : // What was never accepted has a stamp that nothing else has.
          (accepted.get(`${entity} ${mark}`)?.stamp ?? { updatedAt, deleted: false, checksum: mark }),
  });
  const did = new Set(edits.map(({ mark }) => mark));
  const rowOf = ({ entity, mark }: Listed["items"][number], final: boolean): Seen[] => {
    const row = accepted.get(`${entity} ${mark}`);
    if (row) return [row];
    // Its user's own edit, on its way; at rest there is none.
    return did.has(mark) && !final ? [] : [{ ...written(entity, mark), version: 0, seq: 0 }];
  };
  const calls = edits.flatMap(({ device, entity, mark, began }) =>
    mark === null ? [] : happened(device, "edit", began, Infinity, { writes: [written(entity, mark)] }),
  );
  const requests = carried.map(({ device, channel, began, ended, replay, items }) => {
    const writes = items.map(({ entity, mark, updatedAt }) => written(entity, mark, updatedAt));
    const results = items.map(({ result }) => answered(result));
    return items.some(({ result }) => result)
      ? happened(device, channel, began, ended, { writes, results, ...(replay ? { replay } : {}) })
      : happened(device, channel, began, Infinity, { writes, why: "no word on any item" });
  });
  const reads = lives.flatMap(({ lists, stored }, index) => {
    const isLast = index === lives.length - 1;
    return [
      ...lists.map(({ device, began, ended, items, final: whole = false }) => {
        const final = whole && isLast;
        const rows = items.flatMap((item) => rowOf(item, final));
        return happened(device, "list", began, ended, {
          read: { rows, pages: 1 },
          ...(final ? { final } : {}),
        });
      }),
      happened("another device", "full pull", stored.began, stored.ended, {
        read: { rows: stored.metas.map((meta) => seenOf(meta)), pages: 1 },
        ...(isLast ? { final: true } : {}),
      }),
    ];
  });
  return {
    users: 1,
    sockets: [],
    events: [],
    operations: [...calls, ...requests, ...reads]
      .toSorted(byBeginning)
      .map((one, index) => ({ ...one, id: index + 1, beganMs: one.began, endedMs: one.ended })),
  };
}

type Happened = Omit<Operation, "id" | "beganMs" | "endedMs">;

function happened(
  device: string,
  channel: Channel,
  began: number,
  ended: number,
  more: Partial<Happened>,
): Happened {
  const outcome = ended === Infinity ? "unknown" : "ok";
  return { user: 0, device, channel, began, ended, outcome, writes: [], ...more };
}

const byBeginning = (a: { began: number }, b: { began: number }): number => a.began - b.began;

function isAccepted(
  result: Carried["items"][number]["result"],
): result is { outcome: "applied"; meta: Meta } {
  return result?.outcome === "applied" && result.meta !== undefined;
}

/** The stored state only where it is this write's: what another's is, that one's own answer says. */
function answered(result: Carried["items"][number]["result"]): NonNullable<Operation["results"]>[number] {
  const { outcome = "refused" } = result ?? {};
  return isAccepted(result) ? { outcome, stored: seenOf(result.meta) } : { outcome };
}

/** A push or batch; what has no answer may have arrived. */
export function carriedBy(seen: SeenRequest): Carried[] {
  if (!isWrite(seen)) return [];
  const { answer, request, call, at, endedAt = Infinity } = seen;
  const { results } =
    answer?.status === 200
      ? (JSON.parse(new TextDecoder().decode(answer.body)) as { results: Result[] })
      : { results: [] };
  return [
    {
      device: request.headers["x-device-id"] ?? "a client",
      channel: call as "push" | "batch",
      began: at,
      ended: endedAt,
      replay: answer?.headers["x-idempotent-replay"] === "true",
      items: itemsOf(seen).map((sent, index) => ({
        entity: entityOf(sent.type, sent.id),
        mark: sent.deleted ? null : markOf(sent.type, sent.item),
        updatedAt: stampOf(sent),
        result: results[index],
      })),
    },
  ];
}

/** What a client wrote on its socket and was answered there; what was not answered goes by HTTP, too (CLI-027). */
export function acknowledgedOn({ frames, request }: SeenSocket): Carried[] {
  const sent = new Map(
    frames.flatMap(({ from, message, at }) =>
      from === "client" && message?.["clientChangeId"] !== undefined
        ? [[message["clientChangeId"], { message, at }] as const]
        : [],
    ),
  );
  return frames.flatMap(({ from, message, at: ended }) => {
    const { type, clientChangeId, outcome, meta } = message ?? {};
    const asked = sent.get(clientChangeId!);
    if (from !== "server" || type !== "SYNC_RESPONSE" || !asked || !isJsonObject(meta)) return [];
    const result = { outcome, meta } as unknown as Pick<Result, "outcome" | "meta">;
    const { entityType, entityId, deletedAt, updatedAt } = meta as unknown as Meta;
    const item = [asked.message["item"], asked.message["entry"], asked.message["piece"]].find(isJsonObject);
    const deleted = item === undefined || (item["deletedAt"] ?? null) !== null;
    return {
      device: request.headers["x-device-id"] ?? "a client",
      channel: "mutation" as const,
      began: asked.at,
      ended,
      items: [
        {
          entity: entityOf(entityType, entityId),
          mark: deleted ? null : markOf(entityType, item),
          updatedAt: Date.parse(deletedAt ?? updatedAt),
          result,
        },
      ],
    };
  });
}

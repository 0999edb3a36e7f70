import { isJsonObject } from "../../../schemas/json.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { normalise } from "../../../spec/rules/normalise.ts";
import { parseInstant } from "../../../spec/rules/instant.ts";
import type { EntityType } from "../../../schemas/collections.ts";
import type { Context } from "../context.ts";
import { entityKey } from "../store.ts";
import type { Change, Frozen } from "../store.ts";
import { isMeta } from "../told.ts";
import type { Told } from "../told.ts";
import type { Answer } from "./answers.ts";

/** What a judgement changed. */
export interface Settled {
  /** How many left the outbox. */
  settled: number;
  /** What has to be sent again. */
  refused: Change[];
  /** Those of them that wait for a pull. */
  conflicts: Change[];
  /** Those of them that wait for a full pull, and were refused at this time of the server's, Unix ms (CLI-053). */
  ahead?: { change: Change; serverTime: number }[];
}

/** From answers to an outbox that is empty. */
export interface SettlingSteps {
  /** Settles what an answer to a push names, and gives up its key; all in one transaction (CLI-005, CLI-008, CLI-018). */
  settle(context: Context, frozen: Frozen, answer: Answer): Settled | Promise<Settled>;
  /** Settles one change by its result. Part of a transaction. */
  settleOne(context: Context, change: Change, result: JsonObject, tally: Settled): void;
  /** Whether an outcome is to be taken for a refusal: one that is not known is, too (CLI-029). */
  isRefusal(context: Context, outcome: unknown): boolean;
  /** What an accepted result tells of the entity: its `item`, or what was sent (CLI-005). */
  toldByResult(context: Context, change: Change, result: JsonObject): Told | undefined;
  /** Applies what a result told: by ordinary comparison. */
  applyResult(context: Context, told: Told): void;
  /** Takes a settled change off the outbox. */
  dequeue(context: Context, change: Change): void;
  /** An entity that the server names otherwise (CLI-006). */
  rekey(context: Context, type: EntityType, from: string, to: string): void;
  /** An item that was refused. */
  settleRefused(context: Context, change: Change, result: JsonObject, tally: Settled): void;
  /** Whether the server's clock was set back since the last full pull, so that another one has to come (CLI-053). */
  isRewound(context: Context, serverTime: number): boolean;
  /** After that pull: stamps the change once more. */
  stampAnew(context: Context, change: Change, serverTime: number): void;
  /** A refused change goes on as one that waits, and joins its successor (CLI-019). */
  putBack(context: Context, change: Change): void;
  /** A write that is refused for good: visible, and out of the way (CLI-029). */
  bury(context: Context, change: Change, code: string): void;
  /** What no answer, 409, 429 and a 5xx do to what was sent: nothing (CLI-030). */
  afterFailure(context: Context, frozen: Frozen): void;
  /** Takes in what a VERSION_CONFLICT tells of the stored entity; a pull tells the rest (CLI-031). */
  applyConflict(context: Context, change: Change, result: JsonObject): void;
  /** After the pull that follows a VERSION_CONFLICT: drops the edit if it lost (CLI-031). */
  resolveConflict(context: Context, change: Change): void;
  /** The parts that a request refused as a whole is sent in (CLI-028). */
  split(context: Context, changes: Change[]): Change[][];
  /** A dead letter goes back into the outbox. */
  revive(context: Context, change: Change): Change;
}

export const settling: SettlingSteps = {
  settle(context, frozen, answer) {
    const { behaviour, store } = context;
    const results = new Map(
      (answer.body["results"] as JsonObject[]).map((result) => [result["pointer"], result]),
    );
    const told = frozen.call === "batch" ? answer.body["conflicts"] : [];
    const conflicts = Array.isArray(told) ? told.filter(isJsonObject) : [];
    const tally: Settled = { settled: 0, refused: [], conflicts: [] };
    store.transaction(() => {
      for (const { pointer, n } of frozen.items) {
        const [change, result] = [store.changes.get(String(n)), results.get(pointer)];
        if (!change || !result) continue;
        const conflict = conflicts.find(
          ({ entityType, entityId }) => entityType === change.type && entityId === result["entityId"],
        );
        behaviour.settleOne(context, change, conflict ? { ...result, conflict } : result, tally);
      }
      // What was not named keeps its stamp and goes under another key.
      store.requests.delete(frozen.key);
    });
    return tally;
  },

  settleOne(context, change, result, tally) {
    const { behaviour } = context;
    if (behaviour.isRefusal(context, result["outcome"]))
      return behaviour.settleRefused(context, change, result, tally);
    const told = behaviour.toldByResult(context, change, result);
    if (told === undefined) return;
    if (told.meta.entityId !== change.id)
      behaviour.rekey(context, change.type, change.id, told.meta.entityId);
    behaviour.applyResult(context, told);
    behaviour.dequeue(context, change);
    tally.settled += 1;
    if (result["outcome"] === "superseded") context.metrics.conflicts += 1;
  },

  isRefusal: (_context, outcome) =>
    typeof outcome === "string" && !["applied", "duplicate", "superseded"].includes(outcome),

  toldByResult(_context, change, { meta, item }) {
    if (!isMeta(meta)) return undefined;
    if (meta.deletedAt !== null || item === null) return { meta, item: null };
    return { meta, item: isJsonObject(item) ? item : normalise(change.type, change.item) };
  },

  applyResult: (context, told) => context.behaviour.applyTold(context, told, "acknowledgement"),

  dequeue: ({ store }, change) => void store.changes.delete(String(change.n)),

  rekey(context, type, from, to) {
    const { behaviour, store } = context;
    const name = type === "repertoire_item" ? "scoreId" : "id";
    store.aliases.set(entityKey(type, from), to);
    for (const change of behaviour.outbox(context)) {
      if (change.type !== type || change.id !== from) continue;
      const item = change.sent ? change.item : { ...change.item, [name]: to };
      store.changes.set(String(change.n), { ...change, id: to, item });
    }
    const row = store.rows.get(entityKey(type, from));
    store.rows.delete(entityKey(type, from));
    if (row && !store.rows.has(entityKey(type, to))) store.rows.set(entityKey(type, to), { ...row, id: to });
  },

  settleRefused(context, change, result, tally) {
    const { behaviour, store } = context;
    const code = String(result["code"] ?? result["outcome"]);
    const tries = change.tries + (behaviour.countsAsTry(context, code) ? 1 : 0);
    const fate = behaviour.itemFateOf(context, code, tries);
    if (fate === "dead-letter") {
      tally.settled += 1;
      return behaviour.bury(context, change, code);
    }
    tally.refused.push(change);
    if (fate === "restamp") {
      const serverTime = parseInstant(result["serverTime"]) ?? behaviour.correctedNow(context);
      for (const other of behaviour.outbox(context)) {
        if (other.type !== change.type || other.id !== change.id) continue;
        if (!behaviour.mayRestamp(context, other, other.n === change.n)) continue;
        const at = behaviour.restamp(context, other, serverTime);
        store.changes.set(String(other.n), behaviour.withStamp(context, other, at));
      }
      if (behaviour.isRewound(context, serverTime)) {
        store.put({ token: null });
        (tally.ahead ??= []).push({ change, serverTime });
      }
    }
    const current = store.changes.get(String(change.n)) ?? change;
    if (fate === "conflict") {
      tally.conflicts.push(change);
      context.metrics.conflicts += 1;
      behaviour.applyConflict(context, current, result);
      return;
    }
    behaviour.putBack(context, { ...current, tries });
  },

  isRewound: ({ store }, serverTime) => [...store.floors.values()].some(({ at }) => serverTime < at),

  stampAnew(context, { n }, serverTime) {
    const { behaviour, store } = context;
    store.transaction(() => {
      const change = store.changes.get(String(n));
      if (!change || change.sent) return;
      const at = behaviour.restamp(context, change, serverTime);
      store.changes.set(String(n), behaviour.withStamp(context, change, at));
    });
  },

  putBack(context, change) {
    const { behaviour, store } = context;
    const newer = behaviour
      .outbox(context)
      .some(({ n, type, id }) => n > change.n && type === change.type && id === change.id);
    if (newer) store.changes.delete(String(change.n));
    else store.changes.set(String(change.n), { ...change, sent: false });
  },

  bury(context, change, code) {
    const { behaviour, store } = context;
    store.changes.delete(String(change.n));
    const newer = behaviour
      .outbox(context)
      .some(({ n, type, id }) => n > change.n && type === change.type && id === change.id);
    if (!newer || !behaviour.replacesDeadLetter(context, change))
      store.dead.set(entityKey(change.type, change.id), { change, code });
  },

  afterFailure() {},

  applyConflict(context, { type, id }, { meta, item, conflict }) {
    if (isMeta(meta))
      context.behaviour.applyTold(
        context,
        { meta, item: isJsonObject(item) ? item : null },
        "acknowledgement",
      );
    if (!isJsonObject(conflict)) return;
    const key = entityKey(type, id);
    const known = context.store.known.get(key) ?? { seen: -Infinity, version: 0 };
    const at = isJsonObject(conflict["server"]) ? parseInstant(conflict["server"]["updatedAt"]) : undefined;
    context.store.known.set(key, {
      seen: Math.max(known.seen, at ?? -Infinity),
      version: Math.max(known.version, Number(conflict["remoteVersion"] ?? 0)),
    });
  },

  resolveConflict(context, { n }) {
    const { behaviour, store } = context;
    store.transaction(() => {
      const change = store.changes.get(String(n));
      const row = change && store.rows.get(entityKey(change.type, change.id));
      if (!change) return;
      if (row && !behaviour.outranks(context, change, row)) behaviour.dequeue(context, change);
      else behaviour.putBack(context, change);
    });
  },

  split: (_context, changes) => {
    const half = Math.ceil(changes.length / 2);
    return [changes.slice(0, half), changes.slice(half)];
  },

  revive: (_context, change) => ({ ...change, sent: false, tries: 0 }),
};

import type { EntityType } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Context, Metrics } from "../context.ts";
import { leaderOf } from "../context.ts";
import { entityKey } from "../store.ts";
import type { Change, Row, Settings } from "../store.ts";

export type Status = "connected" | "connecting" | "disconnected" | "reconnecting";

/** What the app is shown. */
export interface SeeingSteps {
  /** Whether an unacknowledged write shows above what is confirmed: it ranks below every other of equal time and kind (CLI-007). */
  outranks(context: Context, change: Change, row: Row): boolean;
  /** What the user sees of an entity; null: nothing (CLI-024). */
  visible(context: Context, type: EntityType, id: string): JsonObject | null;
  /** What the user sees of a type. */
  list(context: Context, type: EntityType): JsonObject[];
  /** An item without what is the client's own affair. */
  shown(context: Context, item: JsonObject): JsonObject;
  /** The entities with a write that is not acknowledged, and their number (CLI-043). */
  pending(context: Context): { items: { type: EntityType; id: string }[]; count: number };
  /** The dead letters (CLI-029, CLI-043). */
  deadLetters(context: Context): { type: EntityType; id: string; code: string }[];
  /** CLI-043. */
  status(context: Context): Status;
  /** CLI-044. */
  metrics(context: Context): Record<string, number | string | null>;
  /** CLI-045. */
  health(context: Context): string;
  /** The settings that are kept after a change (CLI-046). */
  configured(context: Context, change: Partial<Settings>): Settings;
}

export const seeing: SeeingSteps = {
  outranks: (_context, change, { stamp }) =>
    change.at > stamp.updatedAt || (change.at === stamp.updatedAt && change.deleted && !stamp.deleted),

  visible(context, type, id) {
    const { behaviour, store } = context;
    const row = store.rows.get(entityKey(type, id));
    const changes = behaviour.outbox(context).filter((change) => change.type === type && change.id === id);
    const change = changes.at(-1) ?? store.dead.get(entityKey(type, id))?.change;
    if (change && (row === undefined || behaviour.outranks(context, change, row)))
      return change.deleted ? null : change.item;
    return row?.item ?? null;
  },

  list(context, type) {
    const { behaviour, store } = context;
    const overlaid = [...behaviour.outbox(context), ...[...store.dead.values()].map(({ change }) => change)];
    const ids = [...store.rows.values(), ...overlaid].filter((of) => of.type === type).map(({ id }) => id);
    return [...new Set(ids)]
      .map((id) => behaviour.visible(context, type, id))
      .filter((item) => item !== null)
      .map((item) => behaviour.shown(context, item));
  },

  shown(_context, item) {
    const { updatedAt, ...rest } = item;
    return updatedAt === undefined ? item : rest;
  },

  pending(context) {
    const of = new Map(
      context.behaviour.outbox(context).map(({ type, id }) => [entityKey(type, id), { type, id }] as const),
    );
    return { items: [...of.values()], count: of.size };
  },

  deadLetters: ({ store }) =>
    [...store.dead.values()].map(({ change: { type, id }, code }) => ({ type, id, code })),

  status(context) {
    const { life, online, token, stopped, session, lanes, reached, metrics, behaviour } = leaderOf(context);
    if (!life.alive || !online || token === null || stopped !== null) return "disconnected";
    if (session !== null && session.phase === "live") return "connected";
    if (!behaviour.syncsByItself(context)) return "disconnected";
    if (behaviour.wantsSocket(context))
      return lanes.socket.attempts + metrics.connectionsLost > 0 ? "reconnecting" : "connecting";
    if (reached === null) return "connecting";
    return reached ? "connected" : "reconnecting";
  },

  metrics(context) {
    const { latencySum, latencies, ...counted }: Metrics = leaderOf(context).metrics;
    return {
      ...counted,
      averageLatency: latencies === 0 ? 0 : latencySum / latencies,
      queueSize: context.behaviour.pending(context).count,
    };
  },

  health(context) {
    const { totalSyncs, successfulSyncs } = leaderOf(context).metrics;
    const rate = totalSyncs === 0 ? 1 : successfulSyncs / totalSyncs;
    return rate > 0.95 ? "healthy" : rate > 0.8 ? "degraded" : "unhealthy";
  },

  configured: ({ store }, change) => ({ ...store.state.settings, ...change }),
};

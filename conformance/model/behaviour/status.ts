import type { JsonObject } from "../../../schemas/json.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";
import type { Context } from "../context.ts";

/** Counts, and which devices were seen. */
export interface StatusSteps {
  /** The device that a request names; undefined: none, or none that counts. */
  deviceOf(context: Context): string | undefined;
  /** Remembers the device of an authenticated sync request. */
  noteDevice(context: Context): void;
  /** How many devices were seen within the window. */
  deviceCount(context: Context): number;
  /** How many live entities there are. */
  entityCount(context: Context): number;
  /** `lastSyncTime`: of the last accepted write, in text form, or null. */
  lastSyncTime(context: Context): string | null;
  /** The answer's body. */
  statusAnswer(context: Context): JsonObject;
}

export const status: StatusSteps = {
  deviceOf(context) {
    const id = context.behaviour.fetchHeader(context, "x-device-id");
    return id !== undefined && /^[\x21-\x7e]{1,255}$/.test(id) ? id : undefined;
  },

  noteDevice(context) {
    const device = context.behaviour.deviceOf(context);
    if (device !== undefined) context.user.devices.set(device, context.now);
  },

  deviceCount({ server, user, now }) {
    const since = now - server.limits.deviceWindowMs;
    return [...user.devices.values()].filter((seenAt) => seenAt >= since).length;
  },

  entityCount: ({ user }) => [...user.rows.values()].filter(({ item }) => item !== null).length,

  lastSyncTime: ({ user }) => (user.lastWriteAt === null ? null : formatInstant(user.lastWriteAt)),

  statusAnswer(context) {
    const { behaviour } = context;
    return {
      lastSyncTime: behaviour.lastSyncTime(context),
      syncToken: behaviour.headToken(context, behaviour.tellHead(context)),
      pendingChanges: 0,
      deviceCount: behaviour.deviceCount(context),
      entityCount: behaviour.entityCount(context),
    };
  },
};

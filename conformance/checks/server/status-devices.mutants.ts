import { isJsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

/** A server that takes notice of devices in some requests only. */
function noticing(conforming: Behaviour, notices: (context: Context) => boolean): Behaviour {
  return {
    ...conforming,
    noteDevice(context) {
      if (notices(context)) conforming.noteDevice(context);
    },
  };
}

export const countsRequests = mutant({
  name: "counts-requests-as-devices",
  story: "Each request inserts a row, and the count is not DISTINCT.",
  breaks: ["STAT-002"],
  deform: (conforming) => ({
    ...conforming,
    noteDevice(context) {
      if (conforming.deviceOf(context))
        context.user.devices.set(`request ${context.server.requests}`, context.now);
    },
  }),
});

export const countsDevicesThatPushed = mutant({
  name: "counts-devices-that-pushed",
  story: "The device is a column of what was written.",
  breaks: ["STAT-002"],
  deform: (conforming) => noticing(conforming, ({ endpoint }) => endpoint === "push" || endpoint === "batch"),
});

export const countsDevicesThatPulled = mutant({
  name: "counts-devices-that-pulled",
  story: "The device is noted where its cursor is made.",
  breaks: ["STAT-002"],
  deform: (conforming) => noticing(conforming, ({ endpoint }) => endpoint === "pull"),
});

export const countsAnnouncedDevicesOnly = mutant({
  name: "counts-announced-devices-only",
  story: "The devices of deployed clients were thought to have no names.",
  breaks: ["STAT-002"],
  deform: (conforming) =>
    noticing(conforming, (context) => conforming.fetchHeader(context, "x-sync-protocol") !== undefined),
});

export const countsNamelessRequests = mutant({
  name: "counts-nameless-requests",
  story: "A device without a name is called unknown, and that is a name like another.",
  breaks: ["STAT-002"],
  deform: (conforming) => ({
    ...conforming,
    deviceOf: (context) => conforming.deviceOf(context) ?? "unknown",
  }),
});

export const countsEverybodysDevices = mutant({
  name: "devices-are-counted-over-all-users",
  story: "The table of devices has no column for the user.",
  breaks: ["STAT-002", "ISO-001"],
  deform: (conforming) => ({
    ...conforming,
    deviceCount: ({ server }) =>
      new Set([...server.users.values()].flatMap(({ devices }) => [...devices.keys()])).size,
  }),
});

export const lowerCasesDeviceNames = mutant({
  name: "lower-cases-device-names",
  story: "The column's collation is NOCASE.",
  breaks: ["STAT-002"],
  deform: (conforming) => ({
    ...conforming,
    deviceOf: (context) => conforming.deviceOf(context)?.toLowerCase(),
  }),
});

export const notesTheDeviceAfterTheAnswer = mutant({
  name: "notes-the-device-after-the-answer",
  story: "The visit is written down once the request has been served.",
  breaks: ["STAT-002"],
  deform: (conforming) => ({
    ...conforming,
    noteDevice() {},
    finish(context, answer) {
      if (context.user.id !== "") conforming.noteDevice(context);
      return conforming.finish(context, answer);
    },
  }),
});

export const anyDeviceNameCounts = mutant({
  name: "any-device-name-counts",
  story: "Whatever the header says is a name.",
  breaks: ["STAT-002"],
  deform: (conforming) => ({
    ...conforming,
    deviceOf: (context) => conforming.fetchHeader(context, "x-device-id"),
  }),
});

export const cutsLongDeviceNames = mutant({
  name: "cuts-long-device-names",
  story: "A name is cut to the width of the column.",
  breaks: ["STAT-002"],
  deform: (conforming) => ({
    ...conforming,
    deviceOf(context) {
      const name = conforming.fetchHeader(context, "x-device-id");
      return name && /^[\x21-\x7e]+$/.test(name) ? name.slice(0, 255) : undefined;
    },
  }),
});

export const refusesBadDeviceNames = mutant({
  name: "refuses-bad-device-names",
  story: "The header has a schema, and what breaks a schema is refused.",
  breaks: ["STAT-002"],
  deform: (conforming) => ({
    ...conforming,
    noteDevice(context) {
      const name = conforming.fetchHeader(context, "x-device-id");
      if (name !== undefined && conforming.deviceOf(context) === undefined) {
        throw new Refusal("INVALID_REQUEST", "X-Device-ID must be 1 to 255 visible ASCII characters");
      }
      conforming.noteDevice(context);
    },
  }),
});

export const countsDevicesBeforeTheToken = mutant({
  name: "counts-devices-before-the-token-is-verified",
  story: "A middleware notes the device of the token's sub, and the signature is looked at after it.",
  breaks: ["STAT-002", "AUTH-013"],
  deform: (conforming) => ({
    ...conforming,
    async authenticate(context) {
      const payload = conforming.fetchHeader(context, "authorization")?.split(".")[1];
      const claims: unknown = payload && JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
      const device = conforming.deviceOf(context);
      if (isJsonObject(claims) && typeof claims["sub"] === "string" && device) {
        conforming.openUser(context, claims["sub"]).devices.set(device, context.now);
      }
      return conforming.authenticate(context);
    },
  }),
});

export const remembersDevicesForEver = mutant({
  name: "remembers-devices-for-ever",
  story: "Nothing ever looks at when a device was seen.",
  breaks: ["STAT-002"],
  deform: (conforming) => ({ ...conforming, deviceCount: ({ user }) => user.devices.size }),
});

export const windowBeginsAtTheFirstVisit = mutant({
  name: "device-window-begins-at-the-first-visit",
  story: "INSERT OR IGNORE keeps the time of the first visit.",
  breaks: ["STAT-002"],
  deform: (conforming) =>
    noticing(conforming, (context) => !context.user.devices.has(conforming.deviceOf(context) ?? "")),
});

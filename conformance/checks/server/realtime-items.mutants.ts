import { isJsonObject } from "../../../schemas/json.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { afterNormalising, mapObjects } from "../../model/deform.ts";
import { onlyOnSockets } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";
import { ItemRefusal, Refusal } from "../../model/refusal.ts";

/** The members of an item as events tell it. */
function tellingItems(change: (item: JsonObject) => JsonObject) {
  return (conforming: Behaviour): Behaviour => ({
    ...conforming,
    eventBody(context, row) {
      const item = context.behaviour.tellItem(context, row);
      if (item === null) return conforming.eventBody(context, row);
      return conforming.eventBody(context, { ...row, item: change(item) });
    },
  });
}

export const limitsFramesToTheItem = mutant({
  name: "limits-frames-to-the-size-of-an-item",
  story: "The library's greatest frame was set to maxItemBytes, and the envelope around the item forgotten.",
  breaks: ["RT-010"],
  deform: (conforming) => ({ ...conforming, messageLimit: ({ server }) => server.limits.maxItemBytes }),
});

export const leavesLittleRoomBesideItems = mutant({
  name: "leaves-little-room-beside-items",
  story:
    "The greatest frame is an item and the envelope as today's client sends it; a longer name for the change is too much.",
  breaks: ["RT-010"],
  deform: (conforming) => ({
    ...conforming,
    messageLimit: ({ server }) => server.limits.maxItemBytes + 1_024,
  }),
});

export const storesSmallItemsOnly = mutant({
  name: "takes-items-of-128-kib-on-sockets",
  story: "What comes on a socket is kept in a store whose values have 128 KiB at most.",
  breaks: ["RT-004", "RT-010"],
  deform: onlyOnSockets(
    (conforming) => ({
      ...conforming,
      checkItemSize(context, candidate) {
        if (conforming.itemBytes(context, candidate.item) > 131_072)
          throw new ItemRefusal("ITEM_TOO_LARGE", candidate.submission.pointer, "is too large");
      },
    }),
    ["checkItemSize"],
  ),
});

export const countsEscapesOfItems = mutant({
  name: "counts-escapes-of-items-on-sockets",
  story: "The size is that of the item as the server's own library writes it, which escapes all but ASCII.",
  breaks: ["RT-004", "RT-010"],
  deform: onlyOnSockets(
    (conforming) => ({
      ...conforming,
      itemBytes: (context, item) =>
        conforming
          .canonicalText(context, item)
          // Every character that is not ASCII becomes six.
          .replaceAll(/[^\u0020-\u007e]/g, "\\u0000").length,
    }),
    ["itemBytes"],
  ),
});

export const closesOnLargeItems = mutant({
  name: "closes-on-items-that-are-too-large",
  story: "Too large is too large: 1009 for items as for frames.",
  breaks: ["RT-010", "RT-014"],
  deform: (conforming) => ({
    ...conforming,
    send(context, connection, frame) {
      if (frame["type"] === "ERROR" && frame["code"] === "ITEM_TOO_LARGE")
        return conforming.closeSocket(context, connection, 1009, "too large");
      conforming.send(context, connection, frame);
    },
  }),
});

const KNOWN = new Set(
  "id scoreId title composer status targetTempo timestamp duration type instrument notes tags targetValue currentValue schedule visibility planId scheduledStart templateVersion authorId theme primaryInstrument description goalIds updatedAt deviceId".split(
    " ",
  ),
);

export const tellsKnownMembersOnly = mutant({
  name: "tells-known-members-only",
  story: "Events are built by a typed serialiser, which drops what its class has no field for.",
  breaks: ["RT-011", "RT-018"],
  deform: tellingItems((item) =>
    Object.fromEntries(Object.entries(item).filter(([name]) => KNOWN.has(name))),
  ),
});

export const tellsNoNulls = mutant({
  name: "tells-no-nulls",
  story: "The serialiser of events leaves out members that are null.",
  breaks: ["RT-011", "RT-018"],
  deform: tellingItems((item) =>
    Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null)),
  ),
});

export const tellsShallowItems = mutant({
  name: "tells-items-down-to-some-depth",
  story: "The broadcast's encoder stops at a depth that no item of the first app ever had.",
  breaks: ["RT-011", "RT-018"],
  deform: tellingItems((item) => cut(item, 3) as JsonObject),
});

function cut(value: unknown, levels: number): unknown {
  if (Array.isArray(value)) return levels === 0 ? [] : value.map((one) => cut(one, levels - 1));
  if (!isJsonObject(value)) return value;
  if (levels === 0) return {};
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, cut(one, levels - 1)]));
}

export const tellsDefaults = mutant({
  name: "tells-defaults",
  story: "Events go through the class of the type, whose constructor fills in what is missing.",
  breaks: ["RT-011", "RT-018"],
  deform: tellingItems((item) => ({ tags: [], isArchived: false, ...item })),
});

export const renamesDeeplyOnSockets = mutant({
  name: "renames-deeply-on-sockets",
  story: "The library that turns snake case into camel case for messages goes through everything.",
  breaks: ["RT-004", "RT-011"],
  deform: onlyOnSockets(
    afterNormalising(
      (item) =>
        mapObjects(item, (object) =>
          Object.fromEntries(
            Object.entries(object).map(([name, value]) => [
              name.replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase()),
              value,
            ]),
          ),
        ) as JsonObject,
    ),
    ["normalise"],
  ),
});

export const refusesUnknownMembersOfMessages = mutant({
  name: "refuses-unknown-members-of-messages",
  story: "The schemas of messages are closed, as generators make them.",
  breaks: ["RT-011"],
  deform: (conforming) => ({
    ...conforming,
    checkMessage(context, message) {
      conforming.checkMessage(context, message);
      if (Object.hasOwn(message, "traceId")) throw new Refusal("INVALID_REQUEST", "/traceId is not known");
    },
  }),
});

export const takesEnvelopesForItems = mutant({
  name: "mixes-the-envelope-into-items",
  story: "`{ ...message, ...item }` was written to have the timestamp at hand.",
  breaks: ["RT-004", "RT-011"],
  deform: (conforming) => ({
    ...conforming,
    withEnvelopeStamp(context, submission, item) {
      const { traceId } = submission.message ?? {};
      const whole = traceId === undefined ? item : { traceId, ...item };
      return conforming.withEnvelopeStamp(context, submission, whole);
    },
  }),
});

export const relaysWhatItWasSent = mutant({
  name: "relays-items-as-they-were-sent",
  story: "The event is the message that came in, passed on; only the stored item is normalised.",
  breaks: ["RT-011", "RT-018"],
  deform: tellingItems((item) =>
    typeof item["instrument"] === "string" ? { ...item, instrument: item["instrument"].toUpperCase() } : item,
  ),
});

import type { Behaviour } from "../../model/behaviour.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

/** SYNC_REQUEST is read as if it said something else. */
const reading =
  (change: (message: JsonObject, context: Context) => JsonObject) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    baselineOf: (context, connection, message) =>
      conforming.baselineOf(context, connection, change(message, context)),
  });

export const refusesNullPlaces = mutant({
  name: "refuses-a-last-seq-of-null",
  story: "The schema says that lastSeq is optional, which is another thing than null.",
  breaks: ["RT-031"],
  deform: reading((message) => {
    if (message["lastSeq"] === null) throw new Refusal("INVALID_REQUEST", "/lastSeq must be a whole number");
    return message;
  }),
});

export const nullIsTheHead = mutant({
  name: "last-seq-of-null-brings-nothing",
  story: "`seq > NULL` is true of no row.",
  breaks: ["RT-031"],
  deform: reading((message, { user }) =>
    message["lastSeq"] === null ? { ...message, lastSeq: user.head } : message,
  ),
});

export const nullIsTheBeginning = mutant({
  name: "last-seq-of-null-wins-over-the-time",
  story: "`'lastSeq' in message`, and Number(null) is 0.",
  breaks: ["RT-031"],
  deform: reading((message) => (message["lastSeq"] === null ? { ...message, lastSeq: 0 } : message)),
});

export const nullIsAnotherEpoch = mutant({
  name: "epoch-of-null-is-another-epoch",
  story: "`message.epoch !== undefined && message.epoch !== epoch`.",
  breaks: ["RT-031", "RT-030"],
  deform: reading((message) => {
    if (message["epoch"] === null) throw new Refusal("CURSOR_EXPIRED", "epoch is not the present one");
    return message;
  }),
});

export const nullIsNoInstant = mutant({
  name: "last-sync-time-of-null-is-no-instant",
  story: "null goes to the parser of instants, and what that can't read counts as a week ago.",
  breaks: ["RT-031", "RT-032"],
  deform: reading((message) =>
    message["lastSyncTime"] === null ? { ...message, lastSyncTime: "null" } : message,
  ),
});

export const zeroIsAbsent = mutant({
  name: "takes-a-last-seq-of-zero-for-none",
  story: "`if (message.lastSeq)`, and a time stands beside it.",
  breaks: ["RT-032", "RT-026"],
  deform: reading((message) => (message["lastSeq"] === 0 ? { ...message, lastSeq: null } : message)),
});

export const timeNarrowsThePlace = mutant({
  name: "brings-what-is-after-the-place-and-after-the-time",
  story: "Both members become conditions of one query.",
  breaks: ["RT-032", "RT-026"],
  deform: (conforming) => ({
    ...conforming,
    baselineOf(context, connection, message) {
      const baseline = conforming.baselineOf(context, connection, message);
      const { lastSyncTime = null } = message;
      if (lastSyncTime === null) return baseline;
      return { ...baseline, receivedSince: conforming.receivedSince(context, lastSyncTime) };
    },
  }),
});

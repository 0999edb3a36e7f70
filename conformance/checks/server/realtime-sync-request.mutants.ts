import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { changingMessages } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

const DAY_MS = 86_400_000;

/** Catch-ups begin elsewhere: `where` may answer in place of the conforming behaviour, with the seq to begin after. */
const beginning =
  (where: (message: Parameters<Behaviour["baselineOf"]>[2], context: Context) => number | undefined) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    baselineOf(context, connection, message) {
      const after = where(message, context);
      return after === undefined
        ? conforming.baselineOf(context, connection, message)
        : { after, receivedSince: null };
    },
  });

const isAhead = (message: Parameters<Behaviour["baselineOf"]>[2], { user }: Context): boolean =>
  typeof message["lastSeq"] === "number" && message["lastSeq"] > user.head;

export const ignoresTheEpoch = mutant({
  name: "sync-request-ignores-the-epoch",
  story: "The epoch is compared in pulls only.",
  breaks: ["RT-030"],
  deform: (conforming) => ({ ...conforming, isOtherEpoch: () => false }),
});

export const epochOfAnnouncedOnly = mutant({
  name: "epoch-is-compared-for-announced-peers-only",
  story: "Deployed peers are thought to know of no epoch, even where they send one.",
  breaks: ["RT-030"],
  deform: (conforming) => ({
    ...conforming,
    isOtherEpoch: (context, epoch) => context.announced && conforming.isOtherEpoch(context, epoch),
  }),
});

export const epochBesideAPlaceOnly = mutant({
  name: "epoch-is-compared-beside-last-seq-only",
  story: "Without a lastSeq there is nothing that could be of another epoch, it seemed.",
  breaks: ["RT-030"],
  deform: (conforming) => ({
    ...conforming,
    isOtherEpoch: (context, epoch) =>
      typeof context.message?.["lastSeq"] === "number" && conforming.isOtherEpoch(context, epoch),
  }),
});

export const otherEpochIsInvalid = mutant({
  name: "other-epoch-is-an-invalid-request",
  story: "A request that can't be served is answered with the general code.",
  breaks: ["RT-030"],
  deform: changingMessages(["ERROR"], (frame) =>
    frame["code"] === "CURSOR_EXPIRED" ? { ...frame, code: "INVALID_REQUEST" } : frame,
  ),
});

export const refusesEveryEpoch = mutant({
  name: "any-epoch-is-another-one",
  story: "The epoch is compared with that of the process, which no client can know.",
  breaks: ["RT-030"],
  deform: (conforming) => ({ ...conforming, isOtherEpoch: () => true }),
});

export const aheadIsTheHead = mutant({
  name: "last-seq-ahead-is-an-empty-catch-up",
  story: "WHERE seq > lastSeq finds nothing, and nothing is what the client is told.",
  breaks: ["RT-030", "RT-031"],
  deform: beginning((message, context) => (isAhead(message, context) ? context.user.head : undefined)),
});

export const aheadIsAbsentForAll = mutant({
  name: "last-seq-ahead-is-absent-for-announced-peers-too",
  story: "The rule for deployed peers is applied to all.",
  breaks: ["RT-030"],
  deform: (conforming) => ({
    ...conforming,
    baselineOf: (context, connection, message) =>
      conforming.baselineOf({ ...context, announced: false }, connection, message),
  }),
});

export const oneAheadIsTheHead = mutant({
  name: "last-seq-one-ahead-of-the-head-is-fine",
  story: "The place is compared with the number that will be given next.",
  breaks: ["RT-030", "RT-031"],
  deform: beginning((message, { user }) => (message["lastSeq"] === user.head + 1 ? user.head : undefined)),
});

export const theHeadIsRefused = mutant({
  name: "last-seq-at-the-head-is-expired",
  story: "The place is compared with >= where > is meant.",
  breaks: ["RT-026", "RT-030"],
  deform: (conforming) => ({
    ...conforming,
    baselineOf(context, connection, message) {
      if (message["lastSeq"] === context.user.head)
        throw new Refusal("CURSOR_EXPIRED", "lastSeq is ahead of the server");
      return conforming.baselineOf(context, connection, message);
    },
  }),
});

export const aheadIsRefusedForAll = mutant({
  name: "last-seq-ahead-is-expired-for-deployed-peers-too",
  story: "No exception is made for deployed peers, which do not know the error.",
  breaks: ["RT-031"],
  deform: (conforming) => ({
    ...conforming,
    baselineOf: (context, connection, message) =>
      conforming.baselineOf({ ...context, announced: true }, connection, message),
  }),
});

export const aheadForgetsTheTime = mutant({
  name: "last-seq-ahead-makes-last-sync-time-count-for-nothing",
  story: "Once there is a lastSeq, the branch for lastSyncTime is never reached.",
  breaks: ["RT-031"],
  deform: beginning((message, context) => (isAhead(message, context) && !context.announced ? 0 : undefined)),
});

export const nothingAskedBringsNothing = mutant({
  name: "sync-request-without-a-place-brings-nothing",
  story: "A client that names no place is taken to be content with what comes.",
  breaks: ["RT-022", "RT-031"],
  deform: beginning(({ lastSeq = null, lastSyncTime = null }, { user }) =>
    lastSeq === null && lastSyncTime === null ? user.head : undefined,
  ),
});

export const nothingAskedBringsAWeek = mutant({
  name: "sync-request-without-a-place-brings-seven-days",
  story: "A missing lastSyncTime is no instant, and so counts as 7 days ago.",
  breaks: ["RT-022", "RT-031"],
  deform: (conforming) => ({
    ...conforming,
    baselineOf: (context, connection, message) =>
      conforming.baselineOf(
        context,
        connection,
        (message["lastSeq"] ?? message["lastSyncTime"] ?? null) === null
          ? { ...message, lastSyncTime: "none" }
          : message,
      ),
  }),
});

export const comparesStamps = mutant({
  name: "last-sync-time-is-compared-with-stamps",
  story: "WHERE updatedAt > lastSyncTime leaves out what was written long ago on a device that was offline.",
  breaks: ["RT-022", "RT-032"],
  deform: (conforming) => ({
    ...conforming,
    isInCatchUp: (_context, { stamp }, { receivedSince }) =>
      receivedSince === null || stamp.updatedAt >= receivedSince,
  }),
});

export const timeIsIgnored = mutant({
  name: "last-sync-time-is-ignored",
  story: "Without lastSeq everything is told.",
  breaks: ["RT-032"],
  deform: beginning(({ lastSeq = null }) => (lastSeq === null ? 0 : undefined)),
});

export const futureIsBelieved = mutant({
  name: "last-sync-time-in-the-future-is-believed",
  story: "A client whose clock is ahead asks for nothing, and gets it.",
  breaks: ["RT-022", "RT-032"],
  deform: (conforming) => ({
    ...conforming,
    receivedSince: (context, lastSyncTime) =>
      conforming.parseInstant(context, lastSyncTime) ?? conforming.receivedSince(context, lastSyncTime),
  }),
});

export const noInstantIsNow = mutant({
  name: "last-sync-time-that-is-no-instant-is-now",
  story: "NaN is replaced by the present time.",
  breaks: ["RT-022", "RT-032"],
  deform: (conforming) => ({
    ...conforming,
    receivedSince: (context, lastSyncTime) =>
      conforming.parseInstant(context, lastSyncTime) === undefined
        ? context.now + 1
        : conforming.receivedSince(context, lastSyncTime),
  }),
});

export const noInstantIsRefused = mutant({
  name: "last-sync-time-that-is-no-instant-is-refused",
  story: "The schema demands a date-time.",
  breaks: ["RT-032"],
  deform: (conforming) => ({
    ...conforming,
    receivedSince(context, lastSyncTime) {
      if (conforming.parseInstant(context, lastSyncTime) !== undefined)
        return conforming.receivedSince(context, lastSyncTime);
      throw new Refusal("INVALID_REQUEST", "lastSyncTime must be an instant");
    },
  }),
});

export const noInstantIsTheBeginning = mutant({
  name: "last-sync-time-that-is-no-instant-is-the-beginning",
  story: "NaN becomes 0, which is 1970.",
  breaks: ["RT-032"],
  deform: (conforming) => ({
    ...conforming,
    receivedSince: (context, lastSyncTime) =>
      conforming.parseInstant(context, lastSyncTime) === undefined
        ? 0
        : conforming.receivedSince(context, lastSyncTime),
  }),
});

export const futureIsOneDay = mutant({
  name: "last-sync-time-in-the-future-is-a-day-ago",
  story: "A clock is taken to be wrong by no more than its zone.",
  breaks: ["RT-022", "RT-032"],
  deform: (conforming) => ({
    ...conforming,
    receivedSince(context, lastSyncTime) {
      const instant = conforming.parseInstant(context, lastSyncTime);
      return instant !== undefined && instant > context.now
        ? context.now - DAY_MS
        : conforming.receivedSince(context, lastSyncTime);
    },
  }),
});

export const timeWinsOverThePlace = mutant({
  name: "last-sync-time-wins-over-last-seq",
  story: "The older member is read first.",
  breaks: ["RT-026", "RT-032"],
  deform: (conforming) => ({
    ...conforming,
    baselineOf: (context, connection, message) =>
      conforming.baselineOf(
        context,
        connection,
        (message["lastSyncTime"] ?? null) === null ? message : { ...message, lastSeq: null },
      ),
  }),
});

export const bothRunAtOnce = mutant({
  name: "catch-ups-run-side-by-side",
  story: "Each SYNC_REQUEST starts a walk of its own, whatever runs.",
  breaks: ["RT-033"],
  deform: (conforming) => ({ ...conforming, checkCatchUp: () => {} }),
});

export const theSecondIsIgnored = mutant({
  name: "second-sync-request-is-ignored",
  story: "A flag says that a catch-up runs already, and nobody answers the other.",
  breaks: ["RT-033"],
  deform: (conforming) => ({
    ...conforming,
    interceptMessage: async (context, connection, message) =>
      (message["type"] === "SYNC_REQUEST" && connection.catchingUp) ||
      conforming.interceptMessage(context, connection, message),
  }),
});

export const theSecondIsRefusedOtherwise = mutant({
  name: "second-sync-request-is-rate-limited",
  story: "Two requests at once are taken for a flood.",
  breaks: ["RT-033"],
  deform: changingMessages(["ERROR"], (frame) =>
    frame["code"] === "CATCH_UP_RUNNING" ? { ...frame, code: "RATE_LIMITED" } : frame,
  ),
});

export const theSecondEndsTheFirst = mutant({
  name: "second-sync-request-ends-the-first",
  story: "A new request aborts what runs, and only the latest is brought to its end.",
  breaks: ["RT-033"],
  deform: (conforming) => ({
    ...conforming,
    checkCatchUp: () => {},
    beginCatchUp(context, connection, baseline) {
      connection.memory.set("latest request", context);
      conforming.beginCatchUp(context, connection, baseline);
    },
    takeChunk: (context, baseline, position) =>
      context.connection?.memory.get("latest request") === context
        ? conforming.takeChunk(context, baseline, position)
        : { rows: [], through: position },
    endCatchUp(context, connection, told) {
      if (connection.memory.get("latest request") === context)
        conforming.endCatchUp(context, connection, told);
    },
  }),
});

import { serverCheck } from "../../check.ts";
import type { Property } from "../../histories/checker/words.ts";
import { demandOfHistories } from "../../histories/search.ts";
import type { Kind } from "../../histories/workload.ts";
import type { ServerCheck } from "../../check.ts";
import * as contested from "./histories-contested.mutants.ts";
import * as faulty from "./histories.mutants.ts";
import * as onReads from "./histories-reads.mutants.ts";
import * as onSockets from "./histories-sockets.mutants.ts";

/** One property, judged of the histories that all these checks share. */
function ofHistories(
  requirement: string,
  name: string,
  kind: Kind,
  properties: readonly Property[],
  brokenBy: ServerCheck["brokenBy"],
): ServerCheck {
  const id = `${requirement}/random-histories`;
  return serverCheck({
    id,
    name,
    brokenBy,
    plays: "histories",
    run: (context) => demandOfHistories(context, id, kind, properties),
  });
}

const http: Kind = { profile: "http" };
const realtime: Kind = { profile: "realtime" };

export const nothingLost = ofHistories(
  "CONS-001",
  "in random histories nothing acknowledged is lost",
  http,
  ["nothing-lost"],
  [faulty.compactsAwayOfBusyEntities, contested.dropsFromTheIndexOfTheLiving],
);

export const oneEffect = ofHistories(
  "CONS-002",
  "in random histories each write takes effect once",
  http,
  ["one-effect"],
  [
    faulty.forgetsStampsOfLongLivedEntities,
    faulty.keepsTheLastKeysOfAUser,
    contested.countsVersionsForAllUsers,
  ],
);

export const greatestStamp = ofHistories(
  "CONS-003",
  "in random histories the greatest stamp wins, for everybody",
  http,
  ["greatest-stamp"],
  [faulty.tiesByArrivalWhenBusy, faulty.roundsTimesWhenBusy, contested.believesTheSameDevice],
);

export const gapFreeCursors = ofHistories(
  "CONS-004",
  "in random histories what one device's pulls tell has no gap",
  http,
  ["gap-free-cursors"],
  [onReads.sparesDevicesTheirOwn, onReads.skipsReturnedInDeltas, contested.countsAnswersAsTold],
);

export const sessions = ofHistories(
  "CONS-005",
  "in random histories no pull is behind what was acknowledged or read before",
  http,
  ["sessions"],
  [
    onReads.alternatesBetweenReplicas,
    onReads.readsFromReplicaBesideWrites,
    contested.readsFromReplicaAfterLosses,
  ],
);

export const noInvention = ofHistories(
  "CONS-006",
  "in random histories nothing is told that nobody wrote",
  http,
  ["no-invention"],
  [
    faulty.mergesNumbersWhenBusy,
    faulty.storesTheLosersItem,
    contested.mixesContentAtTies,
    contested.showsLosersTheirOwn,
  ],
);

export const isolation = ofHistories(
  "CONS-007",
  "in random histories no user is told of another's",
  http,
  ["isolation"],
  [onReads.sharesHotRows],
);

export const allOrNothing = ofHistories(
  "CONS-008",
  "in random histories what was refused has no effect, and no part of a push shows",
  http,
  ["all-or-nothing"],
  [faulty.insertsWithTheNextWrite, faulty.storesRewritesThatAreTooFarAhead],
);

export const oneOrder = ofHistories(
  "CONS-009",
  "random histories have one order of accepted writes",
  http,
  ["one-order"],
  [faulty.numbersLateWritersBelow, faulty.reusesSeqAfterConflicts, contested.countsHandsNotWrites],
);

export const replicasAgree = ofHistories(
  "CONS-010",
  "after random histories every socket has made its device what a pull reads",
  realtime,
  ["replicas-agree"],
  [onSockets.tellsNoLosersAgain, onSockets.coalescesForSlowReaders, onSockets.reusesPlacesOfSockets],
);

export const gapFreeDelivery = ofHistories(
  "CONS-011",
  "in random histories no number on a socket runs ahead of what was told",
  realtime,
  ["gap-free-delivery"],
  [onSockets.leavesOutOfTheDead, onSockets.catchesUpFromTheBestPlace, onSockets.leavesOutHttpOverSocket],
);

export const bothChannels = ofHistories(
  "CONS-012",
  "random histories over both channels keep what those over HTTP do",
  realtime,
  [
    "nothing-lost",
    "one-effect",
    "greatest-stamp",
    "gap-free-cursors",
    "sessions",
    "no-invention",
    "all-or-nothing",
    "one-order",
  ],
  [onSockets.judgesFromTheSocketsCache, onSockets.deltasMissSocketOverHttp],
);

export const nothingInventedOnSockets = ofHistories(
  "CONS-013",
  "in random histories no socket is told what nobody of its user wrote",
  realtime,
  ["no-invention-on-sockets", "isolation"],
  [onSockets.tellsTheLosersItem, onSockets.catchesUpWithDrafts],
);

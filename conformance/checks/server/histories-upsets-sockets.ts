import { throughUpsets } from "./histories-upsets.ts";
import * as faulty from "./histories-upsets-sockets.mutants.ts";

export const socketsThroughEvictions = throughUpsets("CONS-015", "evictions", "evict", [
  faulty.forgetsSocketsThatCaughtUpTwice,
]);

export const socketsThroughFailedWrites = throughUpsets("CONS-015", "failed-writes", "fail-next-write", [
  faulty.tellsRewritesThatFailed,
]);

import { serverCheck } from "../../check.ts";
import { demandOfHistories } from "../../histories/search.ts";
import type { Kind } from "../../histories/workload.ts";
import { REALTIME, throughUpsets } from "./histories-upsets.ts";
import { losesSocketRewritesOfARestart } from "./histories-upsets.mutants.ts";
import * as faulty from "./histories-upsets-sockets.mutants.ts";

export const socketsThroughEvictions = throughUpsets("CONS-015", "evictions", "evict", [
  faulty.forgetsSocketsThatCaughtUpTwice,
]);

export const socketsThroughFailedWrites = throughUpsets("CONS-015", "failed-writes", "fail-next-write", [
  faulty.tellsSharedRewritesThatFailed,
]);

const tokenEnds: Kind = { profile: "realtime", upset: "token-end" };

export const throughTokenEnds = serverCheck({
  id: "CONS-010/histories-through-token-ends",
  name: "random histories in which a token ends on a live socket leave its device with what a pull reads",
  brokenBy: [faulty.resumesAtTheHead],
  needs: ["forge-token"],
  plays: "histories",
  timeoutMs: 90_000,
  // So that a token can be taken and end soon.
  model: { limits: { tokenLeewayMs: 60_000 } },
  run: (context) => demandOfHistories(context, "CONS-010/histories-through-token-ends", tokenEnds, REALTIME),
});

export const throughRestarts = throughUpsets("CONS-014", "restarts", "restart", [faulty.countsVersionsAnew]);
export const socketsThroughRestarts = throughUpsets("CONS-015", "restarts", "restart", [
  losesSocketRewritesOfARestart,
]);

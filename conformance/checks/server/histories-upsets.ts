import { serverCheck } from "../../check.ts";
import type { Need, ServerCheck } from "../../check.ts";
import type { Property } from "../../histories/checker/words.ts";
import { demandOfHistories } from "../../histories/search.ts";
import type { Upset } from "../../histories/schedule.ts";
import * as faulty from "./histories-upsets.mutants.ts";

const HTTP: readonly Property[] = [
  ...([
    "nothing-lost",
    "one-effect",
    "greatest-stamp",
    "gap-free-cursors",
    "sessions",
    "no-invention",
  ] as const),
  ...(["isolation", "all-or-nothing", "one-order"] as const),
];
export const REALTIME: readonly Property[] = [
  ...HTTP,
  "replicas-agree",
  "gap-free-delivery",
  "no-invention-on-sockets",
];

export function throughUpsets(
  requirement: "CONS-014" | "CONS-015",
  slug: string,
  upset: Exclude<Upset, "token-end">,
  brokenBy: ServerCheck["brokenBy"],
): ServerCheck {
  const id = `${requirement}/histories-through-${slug}`;
  const profile = requirement === "CONS-014" ? "http" : "realtime";
  const needs: Need[] = [`control:${upset}`];
  return serverCheck({
    id,
    name: `random histories${profile === "http" ? "" : " on both channels"} stay consistent through ${slug}`,
    brokenBy,
    needs,
    plays: "histories",
    timeoutMs: 60_000,
    run: (context) =>
      demandOfHistories(context, id, { profile, upset }, profile === "http" ? HTTP : REALTIME),
  });
}

export const throughKills = throughUpsets("CONS-014", "kills", "kill", [faulty.keepsRewritesInMemory]);
export const throughEvictions = throughUpsets("CONS-014", "evictions", "evict", [faulty.writesReturnsBehind]);
export const throughFailedWrites = throughUpsets("CONS-014", "failed-writes", "fail-next-write", [
  faulty.undoesOneTooMany,
]);
export const socketsThroughKills = throughUpsets("CONS-015", "kills", "kill", [
  faulty.losesSocketRewritesOfARestart,
]);

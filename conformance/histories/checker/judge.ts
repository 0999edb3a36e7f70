import type { History } from "../record.ts";
import { acknowledged } from "./acknowledged.ts";
import { allOrNothing } from "./all-or-nothing.ts";
import { gapFreeCursors } from "./cursors.ts";
import { gapFreeDelivery, replicasAgree } from "./delivery.ts";
import { gather } from "./facts.ts";
import { greatestStamp } from "./greatest-stamp.ts";
import { invention } from "./invention.ts";
import { oneEffect } from "./one-effect.ts";
import { oneOrder } from "./one-order.ts";
import { monotonicReads } from "./sessions.ts";
import type { Violation } from "./words.ts";

const PROPERTIES = [
  acknowledged,
  oneEffect,
  greatestStamp,
  gapFreeCursors,
  monotonicReads,
  invention,
  allOrNothing,
  oneOrder,
  replicasAgree,
  gapFreeDelivery,
];

/** Everything in a history that no conforming server does: of each property the first. Time grows nearly in line with the history. */
export function judge(history: History): Violation[] {
  const facts = gather(history);
  return PROPERTIES.flatMap((property) => property(facts));
}

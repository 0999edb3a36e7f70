import type { Operation, Seen } from "../record.ts";
import type { Facts, Logged } from "./facts.ts";
import { firstAtLeast } from "./facts.ts";
import { replay } from "./replicas.ts";
import { lines, name, source, state, told } from "./words.ts";
import type { Violation } from "./words.ts";

/**
 * A cursor stands for everything before it: what one device's pulls told together has every change up to the place that the last one
 * ended at (PULL-002, PULL-010, ORD-022).
 */
export function gapFreeCursors(facts: Facts): Violation[] {
  const found: Violation[] = [];
  replay(facts, ({ read, replica, earlier }) => {
    const { head } = read.read!;
    if (head === undefined || found.length > 0) return;
    const log = facts.logs[read.user]!;
    const after =
      read.channel === "full pull" ? 0 : firstAtLeast(log, (earlier.head ?? 0) + 1, ({ seq }) => seq);
    for (let at = after; at < log.length && log[at]!.seq <= head; at += 1) {
      const one = log[at]!;
      const held = replica.rows.get(one.entity);
      if (isCovered(facts, one, held, read)) continue;
      found.push({
        property: "gap-free-cursors",
        message: `${name(read)} ended at seq ${head}, so ${read.device} has everything up to there, yet no pull has told it ${state(one)}${held ? `; what it was told last is ${state(held)}` : ""}`,
        operations: lines(...(earlier.last ? [told(earlier.last)] : []), source(one.known), told(read)),
      });
      return;
    }
  });
  return [...found, ...differsFromFull(facts)].slice(0, 1);
}

function isCovered(
  facts: Facts,
  { entity, seq, stamp }: Logged,
  held: Seen | undefined,
  read: Operation,
): boolean {
  if (held && held.seq >= seq) return true;
  if (held && !held.stamp.deleted) return false;
  return facts.mayBeDeleted(read.user, entity, stamp, read.ended);
}

/** At rest, what a device's deltas made of its replica is what a full pull tells. */
function* differsFromFull(facts: Facts): Generator<Violation> {
  const last = new Map<string, { read: Operation; live: Map<string, Seen> }>();
  const found: Violation[] = [];
  replay(facts, ({ read, replica }) => {
    if (!read.final) return;
    const live = new Map([...replica.rows].filter(([, row]) => !row.stamp.deleted));
    const before = last.get(read.device);
    if (read.channel === "delta pull") last.set(read.device, { read, live });
    if (!before || read.channel !== "full pull") return;
    for (const entity of new Set([...before.live.keys(), ...live.keys()])) {
      const [deltas, full] = [before.live.get(entity), live.get(entity)];
      if (deltas?.seq === full?.seq) continue;
      found.push({
        property: "gap-free-cursors",
        message: `with nothing under way, ${read.device} holds ${deltas ? state(deltas) : `no ${entity}`} by its delta pulls, and ${full ? state(full) : "nothing of it"} by a full pull`,
        operations: lines(told(before.read), told(read)),
      });
    }
  });
  yield* found;
}

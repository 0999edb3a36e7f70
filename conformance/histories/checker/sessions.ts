import { compareStamps } from "../../../spec/rules/stamp.ts";
import type { Seen } from "../record.ts";
import type { Facts } from "./facts.ts";
import { replay } from "./replicas.ts";
import { lines, name, state, told } from "./words.ts";
import type { Violation } from "./words.ts";

/** Monotonic reads: what a device reads never goes back, neither an entity nor the place in the log. */
export function monotonicReads(facts: Facts): Violation[] {
  const found: Violation[] = [];
  replay(facts, ({ read, before, gone, earlier }) => {
    const last = earlier.last ? [told(earlier.last)] : [];
    for (const row of read.read!.rows) {
      const old = before.get(row.entity);
      if (!old || !goesBack(old, row)) continue;
      found.push({
        property: "sessions",
        message: `${read.device} had read ${state(old)}, then ${name(read)} told it ${state(row)}: its reads went back`,
        operations: lines(...last, told(read)),
      });
    }
    for (const old of gone) {
      if (facts.mayBeDeleted(read.user, old.entity, old.stamp, read.ended)) continue;
      found.push({
        property: "sessions",
        message: `${read.device} had read ${state(old)}, which ${name(read)} no longer has, and no deletion can have come after it`,
        operations: lines(...last, told(read)),
      });
    }
    const { head } = read.read!;
    if (head !== undefined && earlier.head !== undefined && head < earlier.head) {
      found.push({
        property: "sessions",
        message: `${read.device} had read up to seq ${earlier.head}, then ${name(read)} ended at ${head}: its reads went back`,
        operations: lines(...last, told(read)),
      });
    }
  });
  return found.slice(0, 1);
}

function goesBack(old: Seen, row: Seen): boolean {
  return row.version < old.version || row.seq < old.seq || compareStamps(row.stamp, old.stamp) < 0;
}

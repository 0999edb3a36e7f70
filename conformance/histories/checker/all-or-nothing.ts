import type { Operation, Seen } from "../record.ts";
import { stampKey } from "../record.ts";
import type { Facts, Logged } from "./facts.ts";
import { replay } from "./replicas.ts";
import { lines, name, state, told } from "./words.ts";
import type { Violation } from "./words.ts";

interface Together {
  operation: Operation;
  parts: Logged[];
}

/** A push takes effect as a whole: a state that has one of its accepted items has the others, or what came after them (PUSH-009, PULL-011). */
export function allOrNothing(facts: Facts): Violation[] {
  const parts = partsOf(facts);
  const found: Violation[] = [];
  replay(facts, ({ read, replica }) => {
    if (found.length > 0) return;
    for (const row of read.read!.rows) {
      for (const together of parts.get(keyOf(read.user, row)) ?? []) {
        const missing = together.parts.find((part) => !has(facts, part, replica.rows.get(part.entity), read));
        if (!missing) continue;
        const { operation } = together;
        found.push({
          property: "all-or-nothing",
          message: `${name(read)} has ${state(row)} of ${name(operation)}, but not ${state(missing)}, which came with it: half of a request was seen`,
          operations: lines(told(operation), told(read)),
        });
        return;
      }
    }
  });
  return found;
}

function has(facts: Facts, { entity, seq, stamp }: Logged, held: Seen | undefined, read: Operation): boolean {
  if (held && held.seq >= seq) return true;
  return !(held && !held.stamp.deleted) && facts.mayBeDeleted(read.user, entity, stamp, read.ended);
}

/**
 * Of every accepted item the others that were accepted with it: those that came by this request alone, over HTTP. However often it
 * was sent, they took effect at one moment.
 */
function partsOf(facts: Facts): Map<string, Together[]> {
  const requests = new Map<string, Operation[]>();
  for (const operation of facts.history.operations) {
    if (operation.request === undefined) continue;
    const key = `${operation.user} ${operation.device} ${operation.request}`;
    const copies = requests.get(key);
    if (copies) copies.push(operation);
    else requests.set(key, [operation]);
  }
  const parts = new Map<string, Together[]>();
  for (const copies of requests.values()) {
    const [operation] = copies as [Operation];
    if (operation.writes.length < 2 || copies.some(({ channel }) => channel === "mutation")) continue;
    const { user } = operation;
    const accepted = operation.writes.flatMap(({ entity, stamp }) => {
      const change = facts.change(user, entity, stamp)!;
      const alone = change.carriers.every((carrier) => copies.includes(carrier));
      return alone ? facts.acceptedAs(user, entity, stamp) : [];
    });
    if (accepted.length < 2) continue;
    for (const one of accepted) {
      const key = keyOf(user, one);
      parts.set(key, [...(parts.get(key) ?? []), { operation, parts: accepted }]);
    }
  }
  return parts;
}

function keyOf(user: number, { entity, stamp, seq }: Pick<Seen, "entity" | "stamp" | "seq">): string {
  return `${user} ${entity} ${seq} ${stampKey(stamp)}`;
}

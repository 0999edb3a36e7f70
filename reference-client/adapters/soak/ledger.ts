import type { Order } from "./device.ts";
import type { Told } from "./devices.ts";

/** One attempt to write an entry: its notes, or null for a deletion. */
interface Attempt {
  value: string | null;
  /** The device said that it is durable. */
  resolved: boolean;
  /** The device said that it wrote nothing. */
  refused: boolean;
}

/** What was tried with each entry, in order, and what may have become of it. */
export class Ledger {
  readonly #attempts = new Map<string, Attempt[]>();

  /** Before the order goes out; the result takes what was told. */
  begin(order: Order & { id: string }): (told: Told) => void {
    const attempt: Attempt = {
      value: order.do === "write" ? order.notes : null,
      resolved: false,
      refused: false,
    };
    const attempts = this.#attempts.get(order.id) ?? [];
    this.#attempts.set(order.id, attempts);
    attempts.push(attempt);
    return (told) => {
      attempt.resolved = told?.kind === "done";
      attempt.refused = told?.kind === "refused";
    };
  }

  count(of: "resolved" | "refused" | "interrupted"): number {
    return [...this.#attempts.values()]
      .flat()
      .filter((attempt) => (of === "interrupted" ? !attempt.resolved && !attempt.refused : attempt[of]))
      .length;
  }

  /** What is wrong with what all devices and the server agree on. */
  faults(notes: Record<string, string>, versions: Record<string, number>): string[] {
    const faults: string[] = [];
    for (const [id, attempts] of this.#attempts) {
      const value = notes[id] ?? null;
      const possible = id.startsWith("own-") ? possibleOfOne(attempts) : possibleOfMany(attempts);
      if (!possible.has(value)) faults.push(`${id} is ${value}, not one of ${[...possible].join(", ")}`);
      if ((versions[id] ?? 0) > attempts.length)
        faults.push(`${id} was accepted ${versions[id]} times, and written ${attempts.length} times`);
    }
    for (const id of Object.keys(notes))
      if (!this.#attempts.has(id)) faults.push(`${id} was written by nobody`);
    return faults;
  }
}

/** Only one device wrote: the last one that was resolved stands, or one after it that was interrupted. */
function possibleOfOne(attempts: readonly Attempt[]): Set<string | null> {
  const last = attempts.findLastIndex(({ resolved }) => resolved);
  const later = attempts.slice(last + 1).filter(({ refused }) => !refused);
  const stands = last < 0 ? null : attempts[last]!.value;
  return new Set([stands, ...later.map(({ value }) => value)]);
}

/** Devices wrote at will, one of them wins: gone it is only if somebody removed it, or nobody's write was resolved. */
function possibleOfMany(attempts: readonly Attempt[]): Set<string | null> {
  const values = attempts.filter(({ refused }) => !refused).map(({ value }) => value);
  const mayBeGone = !attempts.some(({ resolved, value }) => resolved && value !== null);
  return new Set([...values, ...(mayBeGone ? [null] : [])]);
}

import type { Facts, Logged } from "./facts.ts";
import { lines, name, source, state, told } from "./words.ts";
import type { Violation } from "./words.ts";

/**
 * One order of all accepted writes of a user that fits what everybody was told: no seq twice, versions ascending with it, and a
 * write that began after another was known gets a greater seq: monotonic writes, and writes follow reads (ORD-021).
 */
export function oneOrder(facts: Facts): Violation[] {
  return facts.logs.flatMap((log, user) =>
    [...sharedSeq(log), ...versionsFall(facts, log, user), ...outOfTime(log)].slice(0, 1),
  );
}

function* sharedSeq(log: readonly Logged[]): Generator<Violation> {
  for (const [index, one] of log.entries()) {
    const before = log[index - 1];
    if (before?.seq !== one.seq) continue;
    yield {
      property: "one-order",
      message: `two changes have one seq: ${state(before)} and ${state(one)}`,
      operations: lines(source(before.known), source(one.known)),
    };
  }
}

function* versionsFall(facts: Facts, log: readonly Logged[], user: number): Generator<Violation> {
  for (const entity of new Set(log.map((one) => one.entity))) {
    const own = facts.acceptedOf(user, entity);
    for (const [index, one] of own.entries()) {
      const before = own[index - 1];
      if (!before || one.version > before.version) continue;
      yield {
        property: "one-order",
        message: `${state(one)} comes after ${state(before)} by its seq, yet not by its version`,
        operations: lines(source(before.known), source(one.known)),
      };
    }
  }
}

/** What was told before a write began had been accepted before it. */
function* outOfTime(log: readonly Logged[]): Generator<Violation> {
  const known = log.toSorted((a, b) => a.known.at - b.known.at);
  const begun = log.flatMap((one) => (one.change ? [{ one, began: one.change.carriers[0]!.began }] : []));
  begun.sort((a, b) => a.began - b.began);
  let next = 0;
  let top: Logged | undefined;
  for (const { one, began } of begun) {
    for (; next < known.length && known[next]!.known.at < began; next += 1) {
      if (!top || known[next]!.seq > top.seq) top = known[next]!;
    }
    if (!top || top.seq <= one.seq) continue;
    const carrier = one.change!.carriers[0]!;
    yield {
      property: "one-order",
      message: `${state(top)} was told before ${name(carrier)} began, yet the write of that came to stand before it: ${state(one)}`,
      operations: lines(source(top.known), told(carrier), source(one.known)),
    };
  }
}

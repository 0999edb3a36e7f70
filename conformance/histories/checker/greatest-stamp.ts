import { compareStamps } from "../../../spec/rules/stamp.ts";
import { isWhole, stampKey } from "../record.ts";
import type { Operation, Seen } from "../record.ts";
import type { Facts, Sighting } from "./facts.ts";
import { lines, name, source, state, told } from "./words.ts";
import type { Violation } from "./words.ts";

/** At rest each entity's state is the greatest stamp of what took effect, and every device reads the same (ORD-001). */
export function greatestStamp(facts: Facts): Violation[] {
  return facts.sightings.flatMap((sightings, user) => {
    const ends = facts.history.operations.filter(
      (one) => one.final && one.user === user && isWhole(one) && one.read,
    );
    return [
      ...differing(ends),
      ...tooSmall(facts, user, ends, sightings),
      ...judgedWrongly(facts, user),
    ].slice(0, 1);
  });
}

function* differing(ends: readonly Operation[]): Generator<Violation> {
  const [first, ...others] = ends;
  if (!first) return;
  const known = new Map(first.read!.rows.map((row) => [row.entity, row]));
  for (const other of others) {
    const theirs = new Map(other.read!.rows.map((row) => [row.entity, row]));
    for (const entity of new Set([...known.keys(), ...theirs.keys()])) {
      const [a, b] = [known.get(entity), theirs.get(entity)];
      if (idOf(a) === idOf(b) || (isGone(a) && isGone(b))) continue;
      yield {
        property: "greatest-stamp",
        message: `with nothing under way ${name(first)} and ${name(other)} differ in ${entity}: ${a ? state(a) : "not there"} and ${b ? state(b) : "not there"}`,
        operations: lines(told(first), told(other)),
      };
    }
  }
}

const idOf = (row: Seen | undefined): string =>
  row ? `${stampKey(row.stamp)} ${row.version} ${row.seq}` : "";
const isGone = (row: Seen | undefined): boolean => row === undefined || row.stamp.deleted;

/** No state that anybody was ever told is greater than the last. */
function* tooSmall(
  facts: Facts,
  user: number,
  ends: readonly Operation[],
  sightings: readonly Sighting[],
): Generator<Violation> {
  const [end] = ends;
  if (!end) return;
  const rows = new Map(end.read!.rows.map((row) => [row.entity, row]));
  const top = new Map<string, Sighting>();
  for (const one of sightings) {
    const before = top.get(one.seen.entity);
    if (!before || compareStamps(one.seen.stamp, before.seen.stamp) > 0) top.set(one.seen.entity, one);
  }
  for (const [entity, greatest] of top) {
    const row = rows.get(entity);
    const holds = row
      ? compareStamps(row.stamp, greatest.seen.stamp) >= 0
      : facts.mayBeDeleted(user, entity, greatest.seen.stamp, end.ended);
    if (holds) continue;
    yield {
      property: "greatest-stamp",
      message: `${state(greatest.seen)} took effect, yet at the end ${row ? `a smaller stamp stands there: ${state(row)}` : "it is not there, and no deletion can have come after it"}`,
      operations: lines(source(greatest), told(end)),
    };
  }
}

/** What each answer says of its write fits the stamps: the stored state is at least as great, and versions ascend with stamps. */
function* judgedWrongly(facts: Facts, user: number): Generator<Violation> {
  for (const operation of facts.history.operations) {
    if (operation.user !== user) continue;
    for (const [index, { entity, stamp }] of operation.writes.entries()) {
      const answer = operation.results?.[index];
      if (!answer?.stored) continue;
      const order = compareStamps(answer.stored.stamp, stamp);
      // What is stored after an accepted write may be a later one's already.
      const fits = answer.outcome === "superseded" ? order > 0 : order >= 0;
      if (fits) continue;
      yield {
        property: "greatest-stamp",
        message: `${name(operation)} was answered ${answer.outcome} for ${state({ entity, stamp })}, yet what it says is stored is ${state(answer.stored)}`,
        operations: [told(operation)],
      };
    }
  }
  for (const entity of new Set(facts.logs[user]!.map((one) => one.entity))) {
    const accepted = facts.acceptedOf(user, entity);
    for (const [index, one] of accepted.entries()) {
      const before = accepted[index - 1];
      if (!before || compareStamps(one.stamp, before.stamp) > 0) continue;
      yield {
        property: "greatest-stamp",
        message: `${state(one)} took the place of ${state(before)}, whose stamp is not smaller`,
        operations: lines(source(before.known), source(one.known)),
      };
    }
  }
}

import { isDeepStrictEqual } from "node:util";
import type { Facts, Sighting } from "./facts.ts";
import { isRefused } from "./facts.ts";
import { lines, name, source, state, told } from "./words.ts";
import type { Violation } from "./words.ts";

/**
 * Nothing is told that nobody wrote: every state is that of a write which had begun by then, with its content; what was refused is
 * never told; and no user is told of another's.
 */
export function invention(facts: Facts): Violation[] {
  const { users } = facts.history;
  const found: Violation[] = [];
  for (const sightings of facts.sightings) {
    for (const sighting of sightings) {
      const wrong = flawOf(facts, sighting, users);
      if (wrong && !found.some(({ property }) => property === wrong.property)) found.push(wrong);
    }
  }
  return found;
}

function flawOf(facts: Facts, sighting: Sighting, users: number): Violation | undefined {
  const { seen, user, at, operation } = sighting;
  const { entity, stamp, item } = seen;
  const own = facts.change(user, entity, stamp);
  // What one may know: that the write had begun. An operation's own answer tells of itself.
  const known = own !== undefined && own.carriers[0]!.began < at;
  if (known && own.possibleFrom < at) {
    if (item === undefined || isDeepStrictEqual(item, own.written.item)) return undefined;
    return (
      otherUsers(facts, sighting, users) ??
      invented(sighting, `its content is not what ${name(own.carriers[0]!)} wrote`)
    );
  }
  const other = otherUsers(facts, sighting, users);
  if (other) return other;
  if (known) {
    const refused = own.carriers.filter((carrier) =>
      carrier.writes.some((written, index) => written.entity === entity && isRefused(carrier, index)),
    );
    return {
      property: "all-or-nothing",
      message: `${state(seen)} was told, although every request that carried it had been refused: ${refused.map(name).join(", ")}`,
      operations: lines(...refused.map(told), source(sighting)),
    };
  }
  return operation || sighting.socket
    ? invented(sighting, own ? "the first write of it began later" : "nobody ever wrote it with this stamp")
    : undefined;
}

function otherUsers(facts: Facts, sighting: Sighting, users: number): Violation | undefined {
  const { seen, user } = sighting;
  for (let other = 0; other < users; other += 1) {
    if (other === user) continue;
    // By its content, whatever stamp it was told under; without content by the stamp. Deletions cannot be told apart.
    const theirs = seen.item
      ? facts.changesOf(other, seen.entity).find(({ written }) => isDeepStrictEqual(seen.item, written.item))
      : facts.change(other, seen.entity, seen.stamp);
    if (!theirs || facts.change(user, seen.entity, theirs.stamp)) continue;
    return {
      property: "isolation",
      message: `${sighting.device} was told ${state(seen)}, which another user wrote: ${name(theirs.carriers[0]!)}`,
      operations: lines(told(theirs.carriers[0]!), source(sighting)),
    };
  }
  return undefined;
}

function invented(sighting: Sighting, why: string): Violation {
  const property = sighting.socket ? "no-invention-on-sockets" : "no-invention";
  return {
    property,
    message: `${state(sighting.seen)} was told to ${sighting.device}, and ${why}`,
    operations: [source(sighting)],
  };
}

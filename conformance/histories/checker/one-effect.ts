import { stampKey } from "../record.ts";
import type { Operation } from "../record.ts";
import type { Facts, Logged } from "./facts.ts";
import { lines, name, source, state, told } from "./words.ts";
import type { Violation } from "./words.ts";

/** Each write takes effect at most once, whatever copies of it arrive: one version, one seq, one answer `applied` (ORD-006, ORD-020). */
export function oneEffect(facts: Facts): Violation[] {
  return [
    ...numberedTwice(facts),
    ...tooManyVersions(facts),
    ...appliedTwice(facts),
    ...replaysDiffer(facts),
  ].slice(0, 1);
}

/** A change is told under one version and one seq. */
function* numberedTwice({ logs }: Facts): Generator<Violation> {
  for (const log of logs) {
    const first = new Map<string, Logged>();
    for (const one of log) {
      const key = `${one.entity} ${stampKey(one.stamp)}`;
      const other = first.get(key);
      if (other)
        yield both(one, other, "one write was told under two versions or seqs, so it took effect twice");
      else first.set(key, one);
    }
  }
}

/** An entity has no more versions than there were writes that may have taken effect. */
function* tooManyVersions(facts: Facts): Generator<Violation> {
  for (const [user, log] of facts.logs.entries()) {
    const top = new Map<string, Logged>();
    for (const one of log) if (one.version > (top.get(one.entity)?.version ?? 0)) top.set(one.entity, one);
    for (const one of top.values()) {
      const writes = facts
        .changesOf(user, one.entity)
        .filter(({ possibleFrom }) => possibleFrom !== Number.POSITIVE_INFINITY);
      if (one.version <= writes.length) continue;
      yield {
        property: "one-effect",
        message: `${state(one)} has had ${one.version} effects by its version, yet only ${writes.length} different writes of it can have taken effect`,
        operations: lines(
          source(one.known),
          ...writes.flatMap(({ carriers }) => carriers.map(told)).slice(0, 12),
        ),
      };
    }
  }
}

/** Beside recorded answers, one answer at most says `applied`; copies of one request count as one. */
function* appliedTwice({ history }: Facts): Generator<Violation> {
  const first = new Map<string, Operation>();
  for (const operation of history.operations) {
    for (const [index, { entity, stamp }] of operation.writes.entries()) {
      if (operation.results?.[index]?.outcome !== "applied" || operation.replay) continue;
      const key = `${operation.user} ${entity} ${stampKey(stamp)}`;
      const other = first.get(key);
      if (!other) first.set(key, operation);
      else
        yield {
          property: "one-effect",
          message: `${name(other)} and ${name(operation)} were both answered that they applied ${state({ entity, stamp })}`,
          operations: lines(told(other), told(operation)),
        };
    }
  }
}

/** All answers to one key and body say the same. */
function* replaysDiffer({ history }: Facts): Generator<Violation> {
  const first = new Map<string, Operation>();
  for (const operation of history.operations) {
    if (operation.request === undefined || !operation.results || operation.channel === "mutation") continue;
    const key = `${operation.user} ${operation.request} ${operation.channel}`;
    const other = first.get(key);
    if (!other) first.set(key, operation);
    else if (JSON.stringify(other.results) !== JSON.stringify(operation.results))
      yield {
        property: "one-effect",
        message: `${name(other)} and ${name(operation)} are one request with one key, yet they were answered differently: it was judged twice`,
        operations: lines(told(other), told(operation)),
      };
  }
}

function both(one: Logged, other: Logged, message: string): Violation {
  return {
    property: "one-effect",
    message: `${message}: ${state(other)} and ${state(one)}`,
    operations: lines(source(other.known), source(one.known)),
  };
}

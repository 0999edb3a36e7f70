import type { Stamp } from "../../../spec/rules/stamp.ts";
import { compareStamps } from "../../../spec/rules/stamp.ts";
import { isWhole } from "../record.ts";
import type { Operation } from "../record.ts";
import type { Facts } from "./facts.ts";
import { firstAtLeast } from "./facts.ts";
import { covers, replay } from "./replicas.ts";
import type { Step } from "./replicas.ts";
import { lines, name, state, told } from "./words.ts";
import type { Violation } from "./words.ts";

interface Acknowledged {
  entity: string;
  stamp: Stamp;
  operation: Operation;
}

/**
 * Nothing acknowledged is lost, and no pull is stale: a pull that began after an acknowledgement has it, or what is greater
 * (PULL-005). Where it is missing to the end, it is lost; where a later pull has it, that one was stale.
 */
export function acknowledged(facts: Facts): Violation[] {
  const acks = facts.history.operations.reduce<Acknowledged[][]>(
    (all, operation) => {
      for (const [index, { entity, stamp }] of operation.writes.entries()) {
        const answer = operation.results?.[index];
        if (!answer?.stored) continue;
        // What was superseded is covered by what the answer says is stored.
        all[operation.user]!.push(
          { entity, stamp, operation },
          { entity, stamp: answer.stored.stamp, operation },
        );
      }
      return all;
    },
    Array.from({ length: facts.history.users }, () => []),
  );
  for (const own of acks) own.sort((a, b) => a.operation.ended - b.operation.ended);

  const tops = acks.map(greatestOf);

  const missing = new Map<string, { ack: Acknowledged; read: Operation }>();
  const lost: { ack: Acknowledged; read: Operation }[] = [];
  const looked = new Map<string, number>();
  replay(facts, (step) => {
    // A client shows what it knows, which is all at rest.
    if (step.read.channel === "list" && !step.read.final) return;
    const own = acks[step.read.user]!;
    const until = firstAtLeast(own, step.read.began, ({ operation }) => operation.ended);
    const due = isWhole(step.read)
      ? greatestBefore(tops[step.read.user]!, step.read.began)
      : own.slice(looked.get(step.read.device) ?? 0, until);
    looked.set(step.read.device, until);
    for (const ack of due) {
      if (covers(facts, step, ack.entity, ack.stamp)) continue;
      if (step.read.final && isWhole(step.read)) lost.push({ ack, read: step.read });
      else keepFirst(missing, step, ack);
    }
  });
  const isLost = new Set(lost.map(({ ack }) => `${ack.operation.user} ${ack.entity}`));
  const stale = [...missing.values()].filter(({ ack }) => !isLost.has(`${ack.operation.user} ${ack.entity}`));
  return [
    ...lost
      .slice(0, 1)
      .map(({ ack, read }) => violationOf("nothing-lost", ack, read, "and nothing ever has it again")),
    ...stale
      .slice(0, 1)
      .map(({ ack, read }) => violationOf("sessions", ack, read, "though a later pull has it")),
  ];
}

type Greatest = ReadonlyMap<string, readonly { ended: number; ack: Acknowledged }[]>;

/** Of each entity, the greatest acknowledgement from each moment on. */
function greatestOf(own: readonly Acknowledged[]): Greatest {
  const all = new Map<string, { ended: number; ack: Acknowledged }[]>();
  for (const ack of own) {
    let steps = all.get(ack.entity);
    if (!steps) all.set(ack.entity, (steps = []));
    const top = steps.at(-1);
    if (!top || compareStamps(ack.stamp, top.ack.stamp) > 0) steps.push({ ended: ack.operation.ended, ack });
  }
  return all;
}

function greatestBefore(greatest: Greatest, moment: number): Acknowledged[] {
  return [...greatest.values()].flatMap(
    (steps) => steps[firstAtLeast(steps, moment, ({ ended }) => ended) - 1]?.ack ?? [],
  );
}

function keepFirst(
  missing: Map<string, { ack: Acknowledged; read: Operation }>,
  { read }: Step,
  ack: Acknowledged,
): void {
  const key = `${read.user} ${ack.entity}`;
  if (!missing.has(key)) missing.set(key, { ack, read });
}

function violationOf(
  property: Violation["property"],
  ack: Acknowledged,
  read: Operation,
  end: string,
): Violation {
  const { operation, entity, stamp } = ack;
  const held = read.read!.rows.find((row) => row.entity === entity);
  return {
    property,
    message: `${name(operation)} was acknowledged before ${name(read)} began, yet that did not have ${state({ entity, stamp })}, nor anything greater, ${end}${held ? `; it had ${state(held)}` : ""}`,
    operations: lines(told(operation), told(read)),
  };
}

import type { Stamp } from "../../../spec/rules/stamp.ts";
import { compareStamps } from "../../../spec/rules/stamp.ts";
import { stampKey } from "../record.ts";
import type { Frame, History, Listening, Operation, Seen, Written } from "../record.ts";

/** One change: all writes of an entity with one stamp. */
export interface Change {
  user: number;
  entity: string;
  stamp: Stamp;
  written: Written;
  /** Every operation that carried it, in the order in which they began. */
  carriers: Operation[];
  /** The moment that it can have taken effect from: the first carrier that was not refused began. Infinity: all were refused. */
  possibleFrom: number;
}

/** The server told an entity's state. */
export interface Sighting {
  seen: Seen;
  /** By when it was told. */
  at: number;
  user: number;
  device: string;
  operation?: Operation;
  frame?: Frame;
  socket?: Listening;
}

/** One accepted change, as far as anybody was told of it. */
export interface Logged {
  seq: number;
  version: number;
  entity: string;
  stamp: Stamp;
  /** By when it was told first, and how. */
  known: Sighting;
  change: Change | undefined;
}

/** A history, looked at once: every property is judged from this. */
export interface Facts {
  history: History;
  /** By user, entity and stamp. */
  change(user: number, entity: string, stamp: Stamp): Change | undefined;
  /** All changes of an entity, stamps ascending. */
  changesOf(user: number, entity: string): readonly Change[];
  /** Everything told to a user, in the order of the moments. */
  sightings: readonly (readonly Sighting[])[];
  /** What is known of each user's log, seqs ascending. */
  logs: readonly (readonly Logged[])[];
  /** The accepted changes of an entity that are known, seqs ascending. */
  acceptedOf(user: number, entity: string): readonly Logged[];
  /** Those of one stamp. */
  acceptedAs(user: number, entity: string, stamp: Stamp): readonly Logged[];
  /** Whether a deletion of at least this stamp may have taken effect before a moment. */
  mayBeDeleted(user: number, entity: string, least: Stamp | undefined, before: number): boolean;
}

/** Whether this operation's word on its n-th write is that it has no effect. */
export function isRefused(operation: Operation, index: number): boolean {
  return operation.outcome === "fail" || operation.results?.[index]?.outcome === "refused";
}

export function gather(history: History): Facts {
  const changes = gatherChanges(history);
  const byEntity = new Map<string, Change[]>();
  for (const change of changes.values()) push(byEntity, `${change.user} ${change.entity}`, change);
  for (const list of byEntity.values()) list.sort((a, b) => compareStamps(a.stamp, b.stamp));
  const sightings = gatherSightings(history);
  const find = (user: number, entity: string, stamp: Stamp): Change | undefined =>
    changes.get(`${user} ${entity} ${stampKey(stamp)}`);
  const logs = sightings.map((own, user) => logOf(own, (entity, stamp) => find(user, entity, stamp)));
  const accepted = new Map<string, Logged[]>();
  const byStamp = new Map<string, Logged[]>();
  logs.forEach((log, user) =>
    log.forEach((one) => {
      push(accepted, `${user} ${one.entity}`, one);
      push(byStamp, `${user} ${one.entity} ${stampKey(one.stamp)}`, one);
    }),
  );
  const deletions = new Map([...byEntity].map(([key, list]) => [key, deletionsOf(list)]));
  return {
    history,
    change: find,
    changesOf: (user, entity) => byEntity.get(`${user} ${entity}`) ?? [],
    sightings,
    logs,
    acceptedOf: (user, entity) => accepted.get(`${user} ${entity}`) ?? [],
    acceptedAs: (user, entity, stamp) => byStamp.get(`${user} ${entity} ${stampKey(stamp)}`) ?? [],
    mayBeDeleted: (user, entity, least, before) => {
      const greatest = greatestBefore(deletions.get(`${user} ${entity}`) ?? [], before);
      return greatest !== undefined && (least === undefined || compareStamps(greatest, least) >= 0);
    },
  };
}

function gatherChanges({ operations }: History): Map<string, Change> {
  const changes = new Map<string, Change>();
  for (const operation of operations) {
    for (const [index, written] of operation.writes.entries()) {
      const { user } = operation;
      const key = `${user} ${written.entity} ${stampKey(written.stamp)}`;
      let change = changes.get(key);
      if (!change) {
        const { entity, stamp } = written;
        change = { user, entity, stamp, written, carriers: [], possibleFrom: Number.POSITIVE_INFINITY };
        changes.set(key, change);
      }
      change.carriers.push(operation);
      if (!isRefused(operation, index)) change.possibleFrom = Math.min(change.possibleFrom, operation.began);
    }
  }
  return changes;
}

function gatherSightings({ users, operations, sockets }: History): Sighting[][] {
  const all = Array.from({ length: users }, (): Sighting[] => []);
  for (const operation of operations) {
    const { user, device, ended: at } = operation;
    for (const { stored } of operation.results ?? [])
      if (stored) all[user]!.push({ seen: stored, at, user, device, operation });
    // What a catch-up brought stands among its socket's frames.
    if (operation.channel === "catch-up") continue;
    for (const seen of operation.read?.rows ?? []) all[user]!.push({ seen, at, user, device, operation });
  }
  for (const socket of sockets) {
    const { user, device } = socket;
    for (const frame of socket.frames)
      for (const seen of frame.rows) all[user]!.push({ seen, at: frame.at, user, device, frame, socket });
  }
  for (const own of all) own.sort((a, b) => a.at - b.at);
  return all;
}

function logOf(
  sightings: readonly Sighting[],
  find: (entity: string, stamp: Stamp) => Change | undefined,
): Logged[] {
  const log = new Map<string, Logged>();
  for (const known of sightings) {
    const { entity, stamp, seq, version } = known.seen;
    const key = `${seq} ${version} ${entity} ${stampKey(stamp)}`;
    if (!log.has(key)) log.set(key, { seq, version, entity, stamp, known, change: find(entity, stamp) });
  }
  return [...log.values()].sort((a, b) => a.seq - b.seq);
}

/** The greatest deletion that may have taken effect, by moment. */
function deletionsOf(changes: readonly Change[]): { from: number; greatest: Stamp }[] {
  const possible = changes.filter(
    ({ stamp, possibleFrom }) => stamp.deleted && possibleFrom !== Number.POSITIVE_INFINITY,
  );
  const steps: { from: number; greatest: Stamp }[] = [];
  for (const { possibleFrom: from, stamp } of possible.sort((a, b) => a.possibleFrom - b.possibleFrom)) {
    const before = steps.at(-1)?.greatest;
    steps.push({ from, greatest: before && compareStamps(before, stamp) > 0 ? before : stamp });
  }
  return steps;
}

function greatestBefore(
  steps: readonly { from: number; greatest: Stamp }[],
  moment: number,
): Stamp | undefined {
  return steps[firstAtLeast(steps, moment, ({ from }) => from) - 1]?.greatest;
}

/** The index of the first element whose number is at least `least`; numbers ascend. */
export function firstAtLeast<T>(list: readonly T[], least: number, numberOf: (one: T) => number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numberOf(list[middle]!) >= least) high = middle;
    else low = middle + 1;
  }
  return low;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

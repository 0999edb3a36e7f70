import type { Workload } from "./result.ts";

/** The subject that says what the platform itself can do. */
export const RAW = "raw";

const count = (number: number): string => number.toLocaleString("en");

export function pushOf(items: number): Workload {
  return {
    id: `push-${items}`,
    title: items === 1 ? "Push of 1 item" : `Push of ${items} items`,
    group: "Push",
    about: `One device pushes ${items === 1 ? "one new practice entry" : `${items} new practice entries`} in each request, one request at a time. Items stored per second.`,
    unit: "items/s",
    better: "higher",
    baseline: RAW,
  };
}

export function fullPullOf(entities: number): Workload {
  return {
    id: `full-pull-${entities}`,
    title: `Full pull of ${count(entities)} entities`,
    group: "Full pull",
    about: `A new device pulls everything of a user who has ${count(entities)} entities, as many to a page as the server likes. Items per second.`,
    unit: "items/s",
    better: "higher",
    baseline: RAW,
  };
}

export function deltaPullOf(changes: number, among: number): Workload {
  return {
    id: `delta-pull-${among}`,
    title: `Delta pull, ${count(among)} entities`,
    group: `Catch-up of ${changes} changes, by pull`,
    about: `A device pulls the ${changes} changes since its cursor, of a user who has ${count(among)} entities. Time of one pull, median.`,
    unit: "ms",
    better: "lower",
    baseline: RAW,
  };
}

export function socketCatchUpOf(changes: number, among: number): Workload {
  return {
    id: `socket-catch-up-${among}`,
    title: `SYNC_REQUEST, ${count(among)} entities`,
    group: `Catch-up of ${changes} changes, on a socket`,
    about: `A device asks on its socket for the ${changes} changes since its cursor, of a user who has ${count(among)} entities. Time to the end of the catch-up, median.`,
    unit: "ms",
    better: "lower",
    baseline: RAW,
  };
}

export const ACK: Workload = {
  id: "ack",
  title: "Live acknowledgement",
  group: "Acknowledgement",
  about:
    "A device sends a new entry on its socket and waits for its ack, one at a time. Time of one, median.",
  unit: "ms",
  better: "lower",
  baseline: RAW,
};

export function fanOutTo(devices: number, messages: number): Workload {
  return {
    id: `fan-out-${devices}`,
    title: `Fan-out to ${devices} devices`,
    group: "Fan-out",
    about: `A device sends ${messages} new entries on its socket at once; ${devices} others of the same user are told. Messages delivered per second, until the last has arrived everywhere.`,
    unit: "messages/s",
    better: "higher",
    baseline: RAW,
  };
}

export function manyUsersOf(users: number, atOnce: number): Workload {
  return {
    id: `many-users-${users}`,
    title: `${users} users`,
    group: "Many users",
    about: `${users} users push one new entry each, ${atOnce} requests at a time. Requests per second.`,
    unit: "requests/s",
    better: "higher",
    baseline: RAW,
  };
}

export function idleOf(sockets: number): Workload {
  return {
    id: "idle-memory",
    title: "Memory of an idle socket",
    group: "Memory",
    about: `${count(sockets)} sockets are opened, ten of each user, and do nothing. How much the server's process has grown, by socket.`,
    unit: "bytes",
    better: "lower",
    baseline: RAW,
  };
}

import type { BenchResult } from "./result.ts";

/** How much of each work is done. */
export interface Plan {
  repetitions: number;
  warmUps: number;
  /** Items of a push, and how many of such pushes one repetition sends, one after the other. */
  push: readonly { items: number; requests: number }[];
  /** Entities of a user that pulls everything. */
  fullPull: number;
  catchUp: {
    /** Entities that are there. */
    among: readonly number[];
    /** Of them have changed. */
    changes: number;
    /** Catch-ups of one repetition, one after the other. */
    calls: number;
  };
  /** Mutations of one repetition, each sent when the one before is acknowledged. */
  acks: number;
  fanOut: { devices: readonly number[]; messages: number };
  manyUsers: { users: number; atOnce: number };
  idle: { users: number; socketsEach: number };
}

/**
 * A user's requests and a socket's messages stay below what a conforming server grants at once, so that its rates are not what is
 * measured: each repetition has users and sockets of its own.
 */
export const PLANS: Readonly<Record<BenchResult["profile"], Plan>> = {
  quick: {
    repetitions: 3,
    warmUps: 1,
    push: [
      { items: 1, requests: 40 },
      { items: 50, requests: 8 },
      { items: 500, requests: 3 },
    ],
    fullPull: 1_000,
    catchUp: { among: [100, 10_000], changes: 10, calls: 10 },
    acks: 60,
    fanOut: { devices: [2, 10, 50], messages: 100 },
    manyUsers: { users: 50, atOnce: 32 },
    idle: { users: 20, socketsEach: 10 },
  },
  full: {
    repetitions: 9,
    warmUps: 2,
    push: [
      { items: 1, requests: 100 },
      { items: 50, requests: 20 },
      { items: 500, requests: 8 },
    ],
    fullPull: 10_000,
    catchUp: { among: [100, 10_000, 100_000], changes: 10, calls: 25 },
    acks: 150,
    fanOut: { devices: [2, 10, 50], messages: 200 },
    manyUsers: { users: 200, atOnce: 32 },
    idle: { users: 30, socketsEach: 10 },
  },
};

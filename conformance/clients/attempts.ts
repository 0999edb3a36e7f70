import type { ClientContext } from "../client-check.ts";
import type { SeenRequest } from "../simulator/seen.ts";
import type { Simulator } from "../simulator/simulator.ts";
import type { SeenSocket } from "../simulator/socket.ts";
import { TimingFailure } from "../verdict.ts";

/**
 * Requests of the kind that was made most often since the `first`: one activity's attempts, whatever else a client asks meanwhile, and
 * whether or not pulls and pushes have a back-off each.
 */
export function attemptsSince({ requests }: Simulator, first: number): SeenRequest[] {
  const kinds = Map.groupBy(requests.slice(first), ({ call }) => call);
  return [...kinds.values()].toSorted((a, b) => b.length - a.length)[0] ?? [];
}

/** A demand on how long something took: where time is shortened, a failure is confirmed with more of it. `actual` is shown. */
export function demandDuration(what: string, holds: boolean, actual: unknown): void {
  if (!holds) throw new TimingFailure(`not so: ${what}`, { expected: what, actual });
}

/** When this process stood still: a wait that ended meanwhile was perhaps not so long. */
export interface Stalls {
  /** For how many ms before this moment of `performance.now()`, until it. */
  before(moment: number): number;
}

const TICK_MS = 5;

/** A check's `run` that is told of stalls. */
export function watchingStalls(
  run: (context: ClientContext, stalls: Stalls) => Promise<void>,
): (context: ClientContext) => Promise<void> {
  return async (context) => {
    const stalls: { from: number; to: number }[] = [];
    let last = performance.now();
    const note = (): void => {
      const now = performance.now();
      const latest = stalls.at(-1);
      // Of two that follow each other closely nobody gets anything done in between.
      if (now - last > 2 * TICK_MS) {
        if (latest && last - latest.to < TICK_MS) latest.to = now;
        else stalls.push({ from: last + TICK_MS, to: now });
      }
      last = now;
    };
    const before: Stalls["before"] = (moment) => {
      note();
      const stall = stalls.findLast(({ from, to }) => from < moment && moment < to + 2 * TICK_MS);
      return stall === undefined ? 0 : Math.min(moment, stall.to) - stall.from;
    };
    const ticks = setInterval(note, TICK_MS);
    try {
      await run(context, { before });
    } finally {
      clearInterval(ticks);
    }
  };
}

/** How long after the end of each attempt the next one came, in ms; with `stalls`, as short as it may have been meant. */
export function waitsBetween(
  attempts: readonly { at: number; endedAt: number | undefined }[],
  stalls?: Stalls,
): number[] {
  return attempts.slice(1).map(({ at }, index) => {
    const { at: began, endedAt = began } = attempts[index]!;
    return at - endedAt - (stalls?.before(at) ?? 0);
  });
}

/**
 * Whether one of the waits is longer than this, no stall taken for one. Where stalls alone are in doubt at the last of them, `enough`, the
 * check ends without a verdict.
 */
export function waitsLonger(
  { inconclusive }: ClientContext,
  attempts: Parameters<typeof waitsBetween>[0],
  { than, enough, stalls }: { than: number; enough: number; stalls: Stalls },
): boolean {
  if (waitsBetween(attempts, stalls).some((wait) => wait >= than)) return true;
  const raw = waitsBetween(attempts);
  // A few may be longer by chance on a busy machine; of a client that never waits so long, not this many.
  if (raw.length >= enough && raw.filter((wait) => wait >= than).length > enough / 4)
    inconclusive("this machine stood still too often to tell how long the client waits");
  return false;
}

/** Does something with each socket, those that are asked for from now on included; returns what stops that. */
export function withEachSocket(simulator: Simulator, act: (socket: SeenSocket) => void): () => void {
  const done = new Set<SeenSocket>();
  const look = (): void => {
    for (const socket of simulator.sockets) {
      if (done.has(socket)) continue;
      done.add(socket);
      act(socket);
    }
  };
  look();
  return simulator.listen(look);
}

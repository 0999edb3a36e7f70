import type { ClientContext } from "../client-check.ts";
import type { SeenRequest } from "../simulator/seen.ts";
import type { Simulator } from "../simulator/simulator.ts";
import type { SeenSocket } from "../simulator/socket.ts";

/**
 * Requests of the kind that was made most often since the `first`: one activity's attempts, whatever else a client asks meanwhile, and
 * whether or not pulls and pushes have a back-off each.
 */
export function attemptsSince({ requests }: Simulator, first: number): SeenRequest[] {
  const kinds = Map.groupBy(requests.slice(first), ({ call }) => call);
  return [...kinds.values()].toSorted((a, b) => b.length - a.length)[0] ?? [];
}

/** When this process stood still: a wait that seemed long for that alone was not. */
export interface Stalls {
  /** For how many ms of a span of `performance.now()`. */
  within(from: number, to: number): number;
}

const TICK_MS = 5;

/** A check's `run` that is told of stalls. */
export function watchingStalls(
  run: (context: ClientContext, stalls: Stalls) => Promise<void>,
): (context: ClientContext) => Promise<void> {
  return async (context) => {
    const spans: { from: number; to: number }[] = [];
    let last = performance.now();
    const note = (): void => {
      const now = performance.now();
      if (now - last > 2 * TICK_MS) spans.push({ from: last + TICK_MS, to: now });
      last = now;
    };
    const within: Stalls["within"] = (from, to) => {
      note();
      return spans.reduce(
        (sum, span) => sum + Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)),
        0,
      );
    };
    const ticks = setInterval(note, TICK_MS);
    try {
      await run(context, { within });
    } finally {
      clearInterval(ticks);
    }
  };
}

/** How long after the end of each attempt the next one came, in ms; without `stalls`, as short as it may have been meant. */
export function waitsBetween(
  attempts: readonly { at: number; endedAt: number | undefined }[],
  stalls?: Stalls,
): number[] {
  return attempts.slice(1).map(({ at }, index) => {
    const { at: began, endedAt = began } = attempts[index]!;
    return at - endedAt - (stalls?.within(endedAt, at) ?? 0);
  });
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

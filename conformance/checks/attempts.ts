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

/** How long after the end of each attempt the next one came, in ms. */
export function waitsBetween(attempts: readonly { at: number; endedAt: number | undefined }[]): number[] {
  return attempts.slice(1).map(({ at }, index) => {
    const { at: began, endedAt = began } = attempts[index]!;
    return at - endedAt;
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

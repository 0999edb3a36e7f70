import type { SeenRequest } from "../simulator/seen.ts";
import type { Simulator } from "../simulator/simulator.ts";
import type { Transcript } from "../wire/transcript.ts";

/** More of them in a row, of hundreds, would leave no room for what a failure is about. */
const BEATS_SHOWN = 4;

/** Keeps in the transcript what goes between a client and the simulator; returns what stops that. */
export function recordTraffic(simulator: Simulator, transcript: Transcript): () => void {
  let [requests, sockets] = [0, 0];
  const open = new Map<SeenRequest, ReturnType<Transcript["record"]>>();
  const frames: number[] = [];
  /** How many frames of each socket were a heartbeat, without another in between. */
  const beats: number[] = [];
  const ended = new Set<number>();
  return simulator.listen(() => {
    for (; requests < simulator.requests.length; requests += 1) {
      const seen = simulator.requests[requests]!;
      open.set(seen, transcript.record(seen.request));
    }
    for (const [seen, entry] of open) {
      if (seen.endedAt === undefined) continue;
      open.delete(seen);
      if (seen.told) entry.answered(seen.told);
      else entry.failed(seen.answer ? "the answer was lost on its way" : "the request was lost on its way");
    }
    for (; sockets < simulator.sockets.length; sockets += 1) {
      frames.push(0);
      beats.push(0);
    }
    for (const [index, socket] of simulator.sockets.entries()) {
      const label = `socket ${index + 1}`;
      for (; frames[index]! < socket.frames.length; frames[index]! += 1) {
        const { from, text, message } = socket.frames[frames[index]!]!;
        beats[index] = isBeat(message) ? beats[index]! + 1 : 0;
        if (beats[index]! > BEATS_SHOWN) continue;
        // As the server's side sees it, like all else: what a device sends it.
        transcript.frame(label, from === "client" ? "sent" : "received", { data: text });
      }
      if (socket.state !== "closed" || ended.has(index)) continue;
      ended.add(index);
      transcript.frame(label, socket.closedBy === "client" ? "sent" : "received", {
        note: `closed with ${socket.code} by the ${socket.closedBy}`,
      });
    }
  });
}

function isBeat(message: { type?: unknown } | undefined): boolean {
  return message?.type === "PING" || message?.type === "PONG";
}

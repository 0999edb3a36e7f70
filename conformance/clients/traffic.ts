import type { SeenRequest } from "../simulator/seen.ts";
import type { Simulator } from "../simulator/simulator.ts";
import type { SeenSocket } from "../simulator/socket.ts";
import type { Transcript } from "../wire/transcript.ts";

/** More of them in a row, of hundreds, would leave no room for what a failure is about. */
const BEATS_SHOWN = 4;

/** Keeps in the transcript what goes between a client and the simulator; returns what stops that. */
export function recordTraffic(simulator: Simulator, transcript: Transcript): () => void {
  let requests = 0;
  const open = new Map<SeenRequest, ReturnType<Transcript["record"]>>();
  const sockets: (() => void)[] = [];
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
    for (const [index, socket] of simulator.sockets.entries()) {
      sockets[index] ??= socketRecorder(socket, (direction, told) =>
        transcript.frame(`socket ${index + 1}`, direction, told),
      );
      sockets[index]();
    }
  });
}

type Direction = "sent" | "received";

/** Keeps what is new of a socket whenever it is called; as the server's side sees it: what a device sends is sent. */
function socketRecorder(
  socket: SeenSocket,
  keep: (direction: Direction, told: { data: string } | { note: string }) => void,
): () => void {
  let frames = 0;
  /** How many in a row were a heartbeat. */
  let beats = 0;
  let state: SeenSocket["state"] | undefined;
  return () => {
    if (state === undefined) keep("sent", { note: "is to be opened" });
    state ??= "asked";
    for (; frames < socket.frames.length; frames += 1) {
      const { from, text, message } = socket.frames[frames]!;
      beats = isBeat(message) ? beats + 1 : 0;
      if (beats <= BEATS_SHOWN) keep(from === "client" ? "sent" : "received", { data: text });
    }
    if (socket.state === state) return;
    state = socket.state;
    if (state === "refused") keep("received", { note: "was refused" });
    if (state === "closed")
      keep(socket.closedBy === "client" ? "sent" : "received", {
        note: `closed with ${socket.code} by the ${socket.closedBy}`,
      });
  };
}

function isBeat(message: { type?: unknown } | undefined): boolean {
  return message?.type === "PING" || message?.type === "PONG";
}

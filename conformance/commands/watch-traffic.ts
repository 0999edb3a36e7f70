import type { JsonObject } from "../../schemas/json.ts";
import { itemsOf } from "../simulator/seen.ts";
import type { SeenRequest } from "../simulator/seen.ts";
import type { Simulator } from "../simulator/simulator.ts";

/** Tells in a line each what comes to a simulator and what goes from it; no token, no content. Returns what stops that. */
export function watchTraffic(simulator: Simulator, say: (line: string) => void): () => void {
  const told = new Map<SeenRequest, "came" | "ended">();
  const frames: number[] = [];
  const states: string[] = [];
  const tell = (line: string): void => say(`${new Date().toISOString().slice(11, 23)} ${line}`);
  return simulator.listen(() => {
    for (const seen of simulator.requests.slice(-50)) {
      const stage = told.get(seen);
      if (stage === undefined) {
        told.set(seen, "came");
        tell(`→ ${nameOf(seen)}`);
      }
      if (stage !== "ended" && seen.endedAt !== undefined) {
        told.set(seen, "ended");
        tell(`← ${outcomeOf(seen)}`);
      }
    }
    for (const [index, socket] of simulator.sockets.entries()) {
      const label = `socket ${index + 1}`;
      if (states[index] !== socket.state) {
        states[index] = socket.state;
        const how = socket.state === "closed" ? ` with ${socket.code} by the ${socket.closedBy}` : "";
        tell(`${label} ${socket.state}${how}`);
      }
      for (let next = frames[index] ?? 0; next < socket.frames.length; next += 1) {
        const { from, message } = socket.frames[next]!;
        tell(`${from === "client" ? "→" : "←"} ${label} ${describe(message)}`);
      }
      frames[index] = socket.frames.length;
    }
  });
}

function nameOf(seen: SeenRequest): string {
  const items = itemsOf(seen);
  const what = items.map(({ type, id, deleted }) => `${deleted ? "deletion of " : ""}${type} ${id}`);
  const key = seen.key === undefined ? "" : `, key ${seen.key}`;
  const more = what.length > 3 ? ` and ${what.length - 3} more` : "";
  const held = what.length === 0 ? "" : `: ${what.slice(0, 3).join(", ")}${more}`;
  return `#${seen.n} ${seen.request.method} ${seen.request.path.split("?")[0]}${key}${held}`;
}

function outcomeOf({ n, fate, told, answer }: SeenRequest): string {
  if (told === undefined) return `#${n} lost${answer ? `, the server had answered ${answer.status}` : ""}`;
  return `#${n} ${told.status}${fate === "tampered" ? ", not the server's own answer" : ""}`;
}

function describe(message: JsonObject | undefined): string {
  if (message === undefined) return "a frame that is no JSON object";
  const { type, meta, lastSeq, clientChangeId } = message;
  const { entityType, entityId, seq } = (meta ?? {}) as JsonObject;
  return [
    String(type),
    ...(entityType === undefined ? [] : [`${String(entityType)} ${String(entityId)}, seq ${String(seq)}`]),
    ...(lastSeq === undefined ? [] : [`lastSeq ${String(lastSeq)}`]),
    ...(clientChangeId === undefined ? [] : [`change ${String(clientChangeId)}`]),
  ].join(", ");
}

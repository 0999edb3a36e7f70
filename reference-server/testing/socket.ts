import { once } from "node:events";
import { WebSocket, type ClientOptions } from "ws";
import { validate } from "../../schemas/validators.ts";
import { tokenFor } from "./harness.ts";

/** A client's end of a socket. Every frame from the server is held to its schema. */
export interface TestSocket {
  /** The `connectionId`. */
  id: string;
  /** Everything that came and was not taken by {@link next}, oldest first. */
  // Tests assert on what they read; a shape that is not there fails them.
  frames: any[];
  /** The next frame, or the next of a type with those before it left where they are. */
  next(type?: string): Promise<any>;
  send(frame: object): void;
  raw: WebSocket;
  /** The code with which it was closed. */
  closed: Promise<number>;
  /** Catches up, and takes everything up to the end. */
  catchUp(request?: object): Promise<any[]>;
}

export interface Opening {
  /** Default true. Else the first message says nothing of a version. */
  announced?: boolean;
  token?: string;
  protocols?: string[];
  query?: string;
}

let changes = 0;

/** Opens a socket; the first frame is taken. */
export async function openSocket(
  server: { url: string },
  user: string,
  opening: Opening = {},
): Promise<TestSocket> {
  const { announced = true, protocols = [] } = opening;
  const token = opening.token ?? (await tokenFor(user));
  const query = opening.query ?? `?userId=${encodeURIComponent(user)}&token=${token}`;
  // The local runtime ends the TCP connection late where the client never sent anything. The types don't know this option yet.
  const options = { closeTimeout: 1_000 } as ClientOptions;
  const raw = new WebSocket(`${server.url.replace("http", "ws")}/sync/ws${query}`, protocols, options);
  const frames: any[] = [];
  const faults: string[] = [];
  let arrived = Promise.withResolvers<void>();
  raw.on("message", (data) => {
    const frame = JSON.parse(String(data));
    for (const { pointer, detail } of validate("server_message", frame))
      faults.push(`${frame.type}${pointer} ${detail}: ${String(data).slice(0, 500)}`);
    frames.push(frame);
    arrived.resolve();
    arrived = Promise.withResolvers();
  });
  const closed = new Promise<number>((resolve) => raw.on("close", resolve));
  await once(raw, "open");
  const next = async (type?: string) => {
    for (;;) {
      if (faults.length > 0) throw new Error(faults.join("\n"));
      const index = type === undefined ? 0 : frames.findIndex((frame) => frame.type === type);
      if (index >= 0 && index < frames.length) return frames.splice(index, 1)[0];
      const ended = await Promise.race([arrived.promise, closed]);
      if (typeof ended === "number" && frames.every((frame) => type !== undefined && frame.type !== type))
        throw new Error(`closed with ${ended} while waiting for ${type ?? "a frame"}`);
    }
  };
  const { connectionId: id } = await next("WELCOME");
  let first = announced;
  const send = (frame: object) => {
    raw.send(JSON.stringify({ ...(first && { protocol: "1" }), ...frame }));
    first = false;
  };
  const catchUp = async (request: object = {}) => {
    send({ type: "SYNC_REQUEST", ...request });
    const told: any[] = [];
    for (;;) {
      const frame = await next();
      told.push(frame);
      if (frame.type === "ERROR") return told;
      if (frame.type === "SYNC_RESPONSE" && frame.outcome === undefined && frame.results === undefined)
        return told;
    }
  };
  return { id, frames, next, send, raw, closed, catchUp };
}

/** A mutation of an entity of a type without messages of its own. */
export function changed(item: object, more: object = {}): object {
  return { type: "ENTITY_CHANGED", clientChangeId: `c${++changes}`, entityType: "goal", item, ...more };
}

import type { JsonObject } from "../../../schemas/json.ts";
import type { Bucket, Context } from "../context.ts";

/** The server's end of one socket. */
export interface Wire {
  /** Sends a text frame. `sent` is called once it has left the server, in order. */
  send(text: string, sent: () => void): void;
  /** Sends a close frame after what was sent before. */
  close(code: number, reason: string): void;
}

/** A frame as it came from the client. */
export interface Incoming {
  binary: boolean;
  /** The payload, of a text frame too: it need not be UTF-8. */
  bytes: Uint8Array;
  /** In process, for mutants: the parts in which it came. */
  fragments?: readonly Uint8Array[];
}

/** One live socket. What is named as kept survives an eviction, as a hibernating socket's attachment does. */
export interface Connection {
  /** Kept. */
  readonly id: string;
  /** Kept. */
  readonly userId: string;
  /** That of its opening. */
  readonly context: Context;
  readonly wire: Wire;
  /** Of the token in force. Kept. */
  claims: JsonObject;
  /** The peer announced a version; undefined: its first message other than PING has not come. Kept. */
  announced: boolean | undefined;
  /** The device that its messages name, as far as they do. Kept. */
  deviceId: string | undefined;
  /** It has been told everything up to this seq; null: no catch-up was asked for. Kept. */
  watermark: number | null;
  /** When the client last sent anything, Unix ms. Kept. */
  heardAt: number;
  catchingUp: boolean;
  open: boolean;
  /** Frames that came and are not judged yet. */
  backlog: number;
  /** Frames that were sent and have not left yet. */
  unsent: number;
  /** Ends when all frames that came so far are judged. */
  judged: Promise<void>;
  /** Messages that the client may still send now. */
  allowance: Bucket | undefined;
  /** For mutants: what a fault remembers of the connection. An eviction clears it. */
  memory: Map<string, unknown>;
  /** Wakes who waits for the frames to leave. */
  onDrained: (() => void)[];
  /** Cancels its timer. */
  alarm: (() => void) | undefined;
}

/** Hands a text frame to the wire, whatever is on its way already. */
export function transmit(connection: Connection, text: string): void {
  connection.unsent += 1;
  connection.wire.send(text, () => {
    connection.unsent -= 1;
    if (connection.unsent === 0) wake(connection);
  });
}

/** Resolves when all frames have left, or the connection is closed. */
export async function drained(connection: Connection): Promise<void> {
  while (connection.open && connection.unsent > 0) {
    await new Promise<void>((resolve) => connection.onDrained.push(resolve));
  }
}

/** The connection is no more: nobody tells it anything, and its timer ends. Whether it was open until now. */
export function forget(connection: Connection): boolean {
  const wasOpen = connection.open;
  connection.open = false;
  connection.context.server.connections.delete(connection);
  connection.alarm?.();
  wake(connection);
  return wasOpen;
}

function wake(connection: Connection): void {
  for (const resolve of connection.onDrained.splice(0)) resolve();
}

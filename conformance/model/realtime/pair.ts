import type { Socket } from "../../drivers/socket.ts";
import type { HttpResponse } from "../../drivers/transport.ts";
import type { Incoming, Wire } from "./connection.ts";
import type { Accepted } from "./upgrade.ts";

/** What a server does with what comes from a socket. */
export interface Receiver {
  frame(incoming: Incoming): void;
  /** The client closed, or was cut off (1006). */
  closed(code: number): void;
}

/** Delivers in order, each time after what runs now, and not while paused. */
class Lane {
  readonly #queue: (() => void)[] = [];
  #paused = false;
  #due = false;
  #cut = false;

  push(task: () => void): void {
    if (this.#cut) return;
    this.#queue.push(task);
    this.#schedule();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  /** Nothing of what is on its way arrives. */
  cut(): void {
    this.#cut = true;
    this.#queue.length = 0;
  }

  #schedule(): void {
    if (this.#due || this.#paused || this.#queue.length === 0) return;
    this.#due = true;
    setImmediate(() => {
      this.#due = false;
      for (let left = this.#queue.length; left > 0 && !this.#paused; left -= 1) this.#queue.shift()?.();
      this.#schedule();
    });
  }
}

/** Both ends of a socket within one process. `receive` is told of what the client sends. */
export function socketPair(protocol: string, receiver: () => Receiver): { client: Socket; wire: Wire } {
  const up = new Lane();
  const down = new Lane();
  let clientOpen = true;
  let serverOpen = true;
  let onFrame: Socket["onFrame"] | undefined;
  let onClose: Socket["onClose"] | undefined;
  let closed: [code: number, reason: string] | undefined;
  // Frames wait for somebody to take them.
  down.pause();
  let reading = true;

  const end = (code: number, reason: string): void => {
    if (closed) return;
    clientOpen = false;
    closed = [code, reason];
    onClose?.(code, reason);
  };
  const wire: Wire = {
    send(text, sent) {
      down.push(() => {
        sent();
        if (closed === undefined) onFrame?.(text);
      });
    },
    close(code, reason) {
      if (!serverOpen) return;
      serverOpen = false;
      up.cut();
      down.push(() => end(code, reason));
    },
  };
  const client: Socket = {
    protocol,
    send(data, as) {
      if (!clientOpen) return;
      const bytes = typeof data === "string" ? new TextEncoder().encode(data) : Uint8Array.from(data);
      const binary = typeof data !== "string" && as !== "text";
      up.push(() => receiver().frame({ binary, bytes }));
    },
    sendFragments(parts) {
      if (!clientOpen) return;
      const fragments = parts.map((part) => Uint8Array.from(part));
      const bytes = new Uint8Array(Buffer.concat(fragments));
      up.push(() => receiver().frame({ binary: false, bytes, fragments }));
    },
    close(code = 1005, reason = "") {
      if (!clientOpen) return;
      clientOpen = false;
      up.push(() => {
        serverOpen = false;
        receiver().closed(code);
        down.push(() => end(code, reason));
      });
    },
    terminate() {
      if (closed) return;
      clientOpen = false;
      serverOpen = false;
      up.cut();
      down.cut();
      setImmediate(() => {
        receiver().closed(1006);
        end(1006, "");
      });
    },
    pause() {
      reading = false;
      down.pause();
    },
    resume() {
      reading = true;
      if (onFrame) down.resume();
    },
    get onFrame() {
      return onFrame ?? (() => {});
    },
    set onFrame(listener) {
      onFrame = listener;
      if (reading) down.resume();
    },
    get onClose() {
      return onClose ?? (() => {});
    },
    set onClose(listener) {
      onClose = listener;
      if (closed) listener(...closed);
    },
  };
  return { client, wire };
}

/** The client's end of a socket that was agreed to, or the answer that refused it. */
export function dialled(judged: HttpResponse | Accepted): Socket | HttpResponse {
  if (!("attach" in judged)) return judged;
  let receiver: Receiver | undefined;
  const { client, wire } = socketPair(judged.protocol, () => receiver!);
  receiver = judged.attach(wire);
  return client;
}

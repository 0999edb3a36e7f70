import type { JsonObject } from "../../schemas/json.ts";
import type { SocketRequest } from "../drivers/socket.ts";
import type { HttpResponse } from "../drivers/transport.ts";
import type { Wire } from "../model/realtime/connection.ts";
import type { Receiver } from "../model/realtime/pair.ts";
import type { Accepted } from "../model/realtime/upgrade.ts";
import type { SeenFrame } from "./seen.ts";

/** The code that stands for a connection without a closing handshake. */
const CUT = 1006;
const BEARER = "bearer.";

/** What becomes of a frame of the server's on its way: by default itself; none, or others in its place. */
export type Passage = (frame: JsonObject) => readonly JsonObject[];

/** One socket that a client asked for, between client and server. */
export class SeenSocket {
  readonly request: SocketRequest;
  readonly at = performance.now();
  readonly frames: SeenFrame[] = [];
  state: "asked" | "refused" | "open" | "closed" = "asked";
  /** The code that the client closed with, or was closed with. */
  code: number | undefined;
  closedBy: "client" | "server" | "simulator" | undefined;
  endedAt: number | undefined;
  /** Alters what the server sends. */
  passage: Passage = (frame) => [frame];
  #frozen = false;
  #held: (() => void)[] | undefined;
  #wire: Wire | undefined;
  #receiver: Receiver | undefined;
  readonly #next: () => number;
  readonly #changed: () => void;

  constructor(request: SocketRequest, next: () => number, changed: () => void) {
    this.request = request;
    this.#next = next;
    this.#changed = changed;
  }

  /** The token that it was asked for with: a subprotocol's, or else the query's (AUTH-017). */
  get token(): string | undefined {
    const {
      path,
      headers,
      protocols = (headers["sec-websocket-protocol"] ?? "").split(/\s*,\s*/),
    } = this.request;
    const offered = protocols.find((name) => name.startsWith(BEARER))?.slice(BEARER.length);
    return offered ?? new URL(path, "http://simulator.example").searchParams.get("token") ?? undefined;
  }

  /** What the client sent, in order. */
  get sent(): JsonObject[] {
    return this.#messages("client");
  }

  /** What the client was told, in order. */
  get received(): JsonObject[] {
    return this.#messages("server");
  }

  /** Breaks the connection, for both sides. */
  cut(): void {
    this.close(CUT, "");
  }

  /** Closes it as the server would. */
  close(code: number, reason = "closed by the simulator"): void {
    if (this.state !== "open") return;
    this.#end("simulator", code);
    this.#receiver?.closed(CUT);
    this.#wire?.close(code, reason);
  }

  /** Half-open from now on: nothing comes through either way, and neither side is told. */
  freeze(): void {
    this.#frozen = true;
  }

  /** A frame that the server never sent. */
  inject(message: JsonObject | string): void {
    this.#down(typeof message === "string" ? message : JSON.stringify(message), () => {});
  }

  /** What the server sends waits. */
  hold(): void {
    this.#held ??= [];
  }

  /** What waited goes out, in order. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const send of held) send();
  }

  refused(answer: HttpResponse): HttpResponse {
    this.state = "refused";
    this.#changed();
    return answer;
  }

  /** Puts the simulator between both ends of a socket that the server agrees to. */
  through(accepted: Accepted): Accepted {
    return {
      protocol: accepted.protocol,
      attach: (wire) => {
        this.#wire = wire;
        this.state = "open";
        const receiver = accepted.attach({
          send: (text, sent) => this.#fromServer(text, sent),
          close: (code, reason) => {
            if (this.#frozen || this.state !== "open") return;
            this.#end("server", code);
            wire.close(code, reason);
          },
        });
        this.#receiver = receiver;
        this.#changed();
        return {
          frame: (incoming) => {
            if (this.#frozen || this.state !== "open") return;
            if (!incoming.binary) this.#note("client", new TextDecoder().decode(incoming.bytes));
            receiver.frame(incoming);
          },
          closed: (code) => {
            if (this.state !== "open") return;
            this.#end("client", code);
            receiver.closed(code);
          },
        };
      },
    };
  }

  #messages(from: SeenFrame["from"]): JsonObject[] {
    return this.frames.flatMap((frame) => (frame.from === from && frame.message ? [frame.message] : []));
  }

  #fromServer(text: string, sent: () => void): void {
    const texts = this.passage(JSON.parse(text) as JsonObject).map((frame) => JSON.stringify(frame));
    for (const [index, one] of texts.entries()) this.#down(one, index === texts.length - 1 ? sent : () => {});
    if (texts.length === 0) sent();
  }

  #down(text: string, sent: () => void): void {
    const send = (): void => {
      if (this.#frozen || this.state !== "open") return sent();
      this.#note("server", text);
      this.#wire!.send(text, sent);
    };
    if (this.#held) this.#held.push(send);
    else send();
  }

  #note(from: SeenFrame["from"], text: string): void {
    this.frames.push({ n: this.#next(), at: performance.now(), from, text, message: objectOf(text) });
    this.#changed();
  }

  #end(by: "client" | "server" | "simulator", code: number): void {
    this.state = "closed";
    this.closedBy = by;
    this.code = code;
    this.endedAt = performance.now();
    this.#changed();
  }
}

function objectOf(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}

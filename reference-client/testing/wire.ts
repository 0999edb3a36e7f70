import { platformFetch } from "../adapters/platform-fetch.ts";
import { platformSocket } from "../adapters/platform-socket.ts";
import type { Fetch, OpenSocket, Socket } from "../ports/transport.ts";

type Request = Parameters<Fetch>[1];
type Response = Awaited<ReturnType<Fetch>>;

/** One request as it went out. */
export interface Seen {
  call: "pull" | "push" | "status";
  key: string | undefined;
  headers: Record<string, string>;
  body: unknown;
  status?: number;
  answer?: unknown;
}

/** What is done to a request: `on` passes it on to the server and gives its answer. */
export type Meddle = (seen: Seen, on: () => Promise<Response>) => Promise<Response>;

/** The platform's transport, watched and meddled with. */
export class Wire {
  readonly seen: Seen[] = [];
  readonly sent: string[] = [];
  readonly sockets = new Set<Socket>();
  /** What is done to HTTP requests from now on. */
  meddle: Meddle = (_, on) => on();
  /** Whether sockets can be opened. */
  socketsOpen = true;

  readonly fetch: Fetch = (url, request) => {
    const seen: Seen = {
      call: url.split("/").at(-1) as Seen["call"],
      key: request.headers["x-idempotency-key"],
      headers: request.headers,
      body: request.body === undefined ? undefined : JSON.parse(request.body),
    };
    this.seen.push(seen);
    const aborted = new Promise<never>((_, reject) => {
      request.signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
    return Promise.race([this.meddle(seen, () => this.#pass(seen, url, request)), aborted]);
  };

  readonly openSocket: OpenSocket = (url, protocols, events) => {
    if (!this.socketsOpen) {
      queueMicrotask(() => events.closed(1006, ""));
      return { send: () => {}, close: () => {} };
    }
    const socket = platformSocket(url, protocols, {
      ...events,
      closed: (code, reason) => {
        this.sockets.delete(socket);
        events.closed(code, reason);
      },
    });
    const watched: Socket = {
      send: (text) => {
        this.sent.push(text);
        socket.send(text);
      },
      close: (code) => socket.close(code),
    };
    this.sockets.add(socket);
    return watched;
  };

  /** Requests of one kind, in order. */
  calls(call: Seen["call"]): Seen[] {
    return this.seen.filter((one) => one.call === call);
  }

  async #pass(seen: Seen, url: string, request: Request): Promise<Response> {
    const response = await platformFetch(url, request);
    const text = await response.text();
    seen.status = response.status;
    seen.answer = text.startsWith("{") ? JSON.parse(text) : text;
    return { status: response.status, headers: response.headers, text: async () => text };
  }
}

/** A network that is not there. */
export const unplugged: Meddle = async () => {
  throw new TypeError("fetch failed");
};

/** An answer made up on the way. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const type =
    typeof body === "string" ? "text/html" : status < 400 ? "application/json" : "application/problem+json";
  return {
    status,
    headers: new Headers({ "content-type": type, ...headers }),
    text: async () => text,
  };
}

/** A problem as the protocol has it. */
export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return answer(
    status,
    { type: "about:blank", title: code, status, detail: `made up: ${code}`, code, error: code },
    headers,
  );
}

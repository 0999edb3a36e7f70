import type { HttpRequest, HttpResponse } from "../drivers/transport.ts";
import type { Redactor } from "./redaction.ts";

/** One request and what became of it, secrets removed. */
export interface Exchanged {
  /** Milliseconds since the check began. */
  atMs: number;
  durationMs: number;
  request: { method: string; path: string; headers: Record<string, string>; body?: string };
  response?: { status: number; headers: Record<string, string>; body?: string };
  /** Why there is no response, or what was left out. */
  note?: string;
}

/** One frame, or the end, of a WebSocket, secrets removed. */
export interface Framed {
  /** Milliseconds since the check began. */
  atMs: number;
  /** The connection's label. */
  connection: string;
  direction: "sent" | "received";
  /** Absent where the connection ended: `note` says how. */
  text?: string;
  note?: string;
}

export type Recorded = Exchanged | Framed;

/** Longest body kept, in characters; the rest is counted. */
const BODY_LIMIT = 4_096;
/** A check that walks hundreds of pages keeps its first and its last messages. */
const ENTRY_LIMIT = 60;

/** What one check sent and got, redacted at the time of recording: no secret is ever kept. */
export class Transcript {
  readonly #entries: Recorded[] = [];
  readonly #redactor: Redactor;
  readonly #startedAt = performance.now();
  #omitted = 0;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** Requests and frames in the order in which they were sent, or received. */
  get entries(): readonly Recorded[] {
    return this.#entries;
  }

  /** The requests alone. */
  get exchanges(): readonly Exchanged[] {
    return this.#entries.filter((entry): entry is Exchanged => "request" in entry);
  }

  /** Records a frame, or with `note` alone the end of a connection. */
  frame(
    connection: string,
    direction: Framed["direction"],
    { data, note }: { data?: string | Uint8Array; note?: string },
  ): void {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    const { body } = this.#body(bytes);
    const told = typeof data === "object" ? `${bytes!.length} bytes, not as a text` : note;
    this.#keep({
      atMs: round(performance.now() - this.#startedAt),
      connection,
      direction,
      ...(body === undefined ? {} : { text: body }),
      ...(told === undefined ? {} : { note: this.#redactor.text(told) }),
    });
  }

  /** Opens an entry; the returned functions close it with what came back. */
  record(request: HttpRequest): { answered(response: HttpResponse): void; failed(reason: string): void } {
    const began = performance.now();
    const entry: Exchanged = {
      atMs: round(began - this.#startedAt),
      durationMs: 0,
      request: {
        method: request.method,
        path: this.#redactor.text(request.path),
        headers: this.#redactor.headers(request.headers),
        ...this.#body(request.body),
      },
    };
    this.#keep(entry);
    return {
      answered: (response) => {
        entry.durationMs = round(performance.now() - began);
        if (response.status === 0) {
          entry.note = "the connection was dropped on purpose once the request was out";
          return;
        }
        entry.response = {
          status: response.status,
          headers: this.#redactor.headers(response.headers),
          ...this.#body(response.body),
        };
      },
      failed: (reason) => {
        entry.durationMs = round(performance.now() - began);
        entry.note = this.#redactor.text(reason);
      },
    };
  }

  #keep(entry: Recorded): void {
    this.#entries.push(entry);
    if (this.#entries.length <= ENTRY_LIMIT) return;
    this.#entries.splice(ENTRY_LIMIT / 2, 1);
    this.#omitted += 1;
    this.#entries[ENTRY_LIMIT / 2]!.note = `${this.#omitted} messages before this one were left out`;
  }

  #body(bytes: Uint8Array | undefined): { body?: string } {
    if (bytes === undefined || bytes.length === 0) return {};
    // Redacted before it is cut: a secret across the cut would escape the patterns. Decoding stays bounded.
    const head = bytes.subarray(0, BODY_LIMIT * 8);
    const text = this.#redactor.text(new TextDecoder().decode(head));
    const cut = text.length > BODY_LIMIT ? text.slice(0, BODY_LIMIT) : text;
    const whole = cut === text && head.length === bytes.length;
    return { body: whole ? cut : `${cut}… (${bytes.length} bytes in all)` };
  }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

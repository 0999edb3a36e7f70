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

/** A message as it was, and how it is told. */
interface Kept {
  tell(): Recorded;
  note?: string;
}

/** What one check sent and got. It is told redacted, and only when somebody asks: most checks pass, and nobody does. */
export class Transcript {
  readonly #kept: Kept[] = [];
  readonly #redactor: Redactor;
  readonly #startedAt = performance.now();
  #omitted = 0;

  constructor(redactor: Redactor) {
    this.#redactor = redactor;
  }

  /** Requests and frames in the order in which they were sent, or received. */
  get entries(): readonly Recorded[] {
    return this.#kept.map(({ tell, note }) => (note === undefined ? tell() : { ...tell(), note }));
  }

  /** The requests alone. */
  get exchanges(): readonly Exchanged[] {
    return this.entries.filter((entry): entry is Exchanged => "request" in entry);
  }

  /** Records a frame, or with `note` alone the end of a connection. */
  frame(
    connection: string,
    direction: Framed["direction"],
    { data, note }: { data?: string | Uint8Array; note?: string },
  ): void {
    const atMs = round(performance.now() - this.#startedAt);
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    const body = headOf(bytes);
    const told = typeof data === "object" ? `${bytes!.length} bytes, not as a text` : note;
    this.#keep({
      tell: () => {
        const { body: text } = this.#told(body);
        return {
          atMs,
          connection,
          direction,
          ...(text === undefined ? {} : { text }),
          ...(told === undefined ? {} : { note: this.#redactor.text(told) }),
        };
      },
    });
  }

  /** Opens an entry; the returned functions close it with what came back. */
  record(request: HttpRequest): { answered(response: HttpResponse): void; failed(reason: string): void } {
    const began = performance.now();
    const { method, path, headers } = request;
    const sent = headOf(request.body);
    let came: (() => Partial<Exchanged>) | undefined;
    let durationMs = 0;
    this.#keep({
      tell: () => ({
        atMs: round(began - this.#startedAt),
        durationMs,
        request: {
          method,
          path: this.#redactor.text(path),
          headers: this.#redactor.headers(headers),
          ...this.#told(sent),
        },
        ...came?.(),
      }),
    });
    return {
      answered: ({ status, headers: received, body }) => {
        durationMs = round(performance.now() - began);
        const head = headOf(body);
        came = () =>
          status === 0
            ? { note: "the connection was dropped on purpose once the request was out" }
            : { response: { status, headers: this.#redactor.headers(received), ...this.#told(head) } };
      },
      failed: (reason) => {
        durationMs = round(performance.now() - began);
        came = () => ({ note: this.#redactor.text(reason) });
      },
    };
  }

  #keep(message: Kept): void {
    this.#kept.push(message);
    if (this.#kept.length <= ENTRY_LIMIT) return;
    this.#kept.splice(ENTRY_LIMIT / 2, 1);
    this.#omitted += 1;
    this.#kept[ENTRY_LIMIT / 2]!.note = `${this.#omitted} messages before this one were left out`;
  }

  #told(head: Head | undefined): { body?: string } {
    if (head === undefined) return {};
    // Redacted before it is cut: a secret across the cut would escape the patterns.
    const text = this.#redactor.text(new TextDecoder().decode(head.bytes));
    const cut = text.length > BODY_LIMIT ? text.slice(0, BODY_LIMIT) : text;
    const whole = cut === text && head.bytes.length === head.length;
    return { body: whole ? cut : `${cut}… (${head.length} bytes in all)` };
  }
}

/** As much of a body as may ever be told: what is kept, and decoded, stays bounded. */
interface Head {
  bytes: Uint8Array;
  /** Of the whole body. */
  length: number;
}

function headOf(bytes: Uint8Array | undefined): Head | undefined {
  if (bytes === undefined || bytes.length === 0) return undefined;
  return { bytes: bytes.slice(0, BODY_LIMIT * 8), length: bytes.length };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

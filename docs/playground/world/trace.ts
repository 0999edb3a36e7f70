export const DEVICES = ["phone", "laptop"] as const;
export type DeviceName = (typeof DEVICES)[number];
export type Place = DeviceName | "server";

/** A message on its way, arrived or lost. */
export interface Message {
  kind: "message";
  n: number;
  from: Place;
  to: Place;
  channel: "http" | "socket";
  /** Such as `push, 1 item`. */
  label: string;
  /** JSON, or empty. */
  body: string;
  sentAt: number;
  /** When it arrives if nothing comes between. */
  dueAt: number;
  arrivedAt?: number;
  lostAt?: number;
}

/** Something that happens at a place. */
export interface Note {
  kind: "note";
  n: number;
  at: number;
  place: Place;
  /** What the user does, what goes wrong, what the server decides. */
  tone: "user" | "fault" | "verdict";
  text: string;
  /** The requirements that it follows. */
  requirements: readonly string[];
}

/** What is drawn in one line of the diagram: each message has one for its sending and one for its end. */
export interface Moment {
  at: number;
  of: Message | Note;
  end: boolean;
}

/** All that happened, in order. */
export class Trace {
  readonly moments: Moment[] = [];
  /** How many moments passed before the story began. */
  prologue = 0;
  /** Messages under way. */
  readonly open = new Set<Message>();
  readonly #now: () => number;
  #count = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  note(place: Place, tone: Note["tone"], text: string, requirements: readonly string[] = []): void {
    const note: Note = { kind: "note", n: ++this.#count, at: this.#now(), place, tone, text, requirements };
    this.moments.push({ at: note.at, of: note, end: false });
  }

  /** @param travel milliseconds */
  send(message: Pick<Message, "from" | "to" | "channel" | "label" | "body">, travel: number): Message {
    const sentAt = this.#now();
    const sent: Message = { ...message, kind: "message", n: ++this.#count, sentAt, dueAt: sentAt + travel };
    this.open.add(sent);
    this.moments.push({ at: sent.sentAt, of: sent, end: false });
    return sent;
  }

  arrived(message: Message): void {
    message.arrivedAt = this.#now();
    this.#end(message);
  }

  lost(message: Message): void {
    message.lostAt = this.#now();
    this.#end(message);
  }

  #end(message: Message): void {
    if (!this.open.delete(message)) return;
    this.moments.push({ at: this.#now(), of: message, end: true });
  }
}

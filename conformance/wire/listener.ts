import type { Closing, Inbox } from "./inbox.ts";
import { summaryOf } from "./messages.ts";
import type { Message, Told } from "./messages.ts";
import { CheckFailure } from "../verdict.ts";

/** What the ids of entities begin with that only serve to prove absence. */
export const FENCE = "fence-";

/** What has come over a device's live socket, and what is waited for. Waits end with a failure that says what was awaited, and what came. */
export class Listener {
  /** For transcripts and failures: "socket 1". */
  readonly label: string;
  readonly #inbox: Inbox;

  constructor({ label, inbox }: { label: string; inbox: Inbox }) {
    this.label = label;
    this.#inbox = inbox;
  }

  /** Every message so far, in order. */
  get frames(): readonly Message[] {
    return this.#inbox.messages;
  }

  /** Every entity told so far, live or in catch-up, in order; fences apart. Empty for what was only acknowledged. */
  get told(): readonly Told[] {
    return this.#inbox.told.filter(({ entityId }) => !entityId.startsWith(FENCE));
  }

  /** How the connection ended; undefined while it is open. */
  get closing(): Closing | undefined {
    return this.#inbox.closing;
  }

  /** The first message. Fails if it is not WELCOME. */
  get welcome(): Message {
    const [first] = this.frames;
    if (first?.type === "WELCOME") return first;
    throw new CheckFailure(`the first message on ${this.label} is not WELCOME`, {
      expected: "WELCOME",
      actual: first ? summaryOf(first) : "no message",
    });
  }

  /** Of WELCOME: for X-Connection-ID. */
  get connectionId(): string {
    const { connectionId } = this.welcome;
    if (typeof connectionId === "string" && connectionId !== "") return connectionId;
    throw new CheckFailure("WELCOME has no connectionId", { expected: "a text", actual: this.welcome });
  }

  /** The next message that was not read yet, of one type or any; others stay unread. */
  next(type?: string): Promise<Message> {
    return this.#inbox.until(type ?? "a message", () => this.#inbox.read(type));
  }

  /** The first message since the connection began, read or not, for which `holds` is true. */
  until(what: string, holds: (message: Message) => boolean): Promise<Message> {
    return this.#inbox.until(what, scan(this.frames, holds));
  }

  /** The first telling of an entity, of those for which `holds` is true. */
  hears(entityId: string, holds: (told: Told) => boolean = () => true): Promise<Told> {
    const { told } = this.#inbox;
    return this.#inbox.until(
      `an event of ${entityId}`,
      scan(told, (one) => one.entityId === entityId && holds(one)),
    );
  }

  /** Waits until the connection has ended, by either side; says how. */
  closed(): Promise<Closing> {
    return this.#inbox.until("the end of the connection", () => this.closing);
  }

  /** The first message for which `holds` is true, of those that come after this: `act` is what they answer. */
  protected after<S extends Message>(
    what: string,
    holds: (message: Message) => message is S,
    act: () => void,
  ): Promise<S>;
  protected after(what: string, holds: (message: Message) => boolean, act: () => void): Promise<Message>;
  protected after(what: string, holds: (message: Message) => boolean, act: () => void): Promise<Message> {
    const next = scan(this.frames, holds, this.frames.length);
    act();
    return this.#inbox.until(what, next);
  }
}

/** Looks for the first that fits, each time from where it left off: many waits over many messages stay cheap. */
function scan<T>(list: readonly T[], fits: (one: T) => boolean, from = 0): () => T | undefined {
  let at = from;
  return () => {
    while (at < list.length) {
      const one = list[at++]!;
      if (fits(one)) return one;
    }
    return undefined;
  };
}

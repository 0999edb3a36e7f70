import { setTimeout as delay } from "node:timers/promises";
import { summaryOf, toldBy } from "./messages.ts";
import type { Message, Told } from "./messages.ts";
import { CheckFailure, CouldNotRun } from "../verdict.ts";

/** How a connection ended: 1005 is a close frame without a code, 1006 none at all. */
export interface Closing {
  code: number;
  reason: string;
}

export interface InboxOptions {
  /** "socket 1". */
  label: string;
  timeoutMs: number;
  /** Ends all waits: the check is over. */
  signal: AbortSignal;
  /** Whether the server answers anything now, however long that takes. */
  pulse(): Promise<boolean>;
}

/** A wait is cut into so many pieces, so that a stall of our own process counts as one of them, not as the server's. */
const SLICES = 10;

/** What came over one connection, and the waits for what is to come. */
export class Inbox {
  readonly messages: Message[] = [];
  /** Every entity that the messages told, in order. */
  readonly told: Told[] = [];
  closing: Closing | undefined;
  /** This side does not read now. */
  paused = false;
  readonly #read = new Set<Message>();
  readonly #options: InboxOptions;
  #broken: CheckFailure | undefined;
  /** Called whenever there is something new to look at. */
  readonly #waits = new Set<() => void>();

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** The first message from the server that broke the protocol's form. */
  get broken(): CheckFailure | undefined {
    return this.#broken;
  }

  /** @throws CheckFailure where `meta` does not fit what the message carries */
  receive(message: Message): void {
    this.messages.push(message);
    this.told.push(...toldBy(message));
    this.#lookAgain();
  }

  /** From now on every wait fails with this. */
  fail(failure: CheckFailure): void {
    this.#broken ??= failure;
    this.#lookAgain();
  }

  end(closing: Closing): void {
    this.closing ??= closing;
    this.#lookAgain();
  }

  /** The first unread message of a type, or of any, read with this call. */
  read(type?: string): Message | undefined {
    const found = this.messages.find(
      (message) => !this.#read.has(message) && (type === undefined || message.type === type),
    );
    if (found) this.#read.add(found);
    return found;
  }

  /**
   * Resolves to what `look` finds, now or after any message or the end of the connection. The time-out counts from the latest message,
   * and not while this side does not read: a server may take long for all that it has to say, not for the next word.
   * @throws CheckFailure naming `what` and the last messages, after the time-out or the end of the connection; CouldNotRun where the
   * server answered nothing else either
   */
  until<T>(what: string, look: () => T | undefined): Promise<T> {
    const { timeoutMs, signal, pulse } = this.#options;
    const found = new Promise<T>((resolve, reject) => {
      let left = SLICES;
      const settle = (act: () => void): void => {
        this.#waits.delete(again);
        clearInterval(timer);
        signal.removeEventListener("abort", abort);
        act();
      };
      const again = (): void => {
        left = SLICES;
        try {
          if (this.#broken) throw this.#broken;
          const value = look();
          if (value !== undefined) settle(() => resolve(value));
          else if (this.closing) throw this.#inVain(what, "the connection ended");
        } catch (error) {
          settle(() => reject(error));
        }
      };
      // What came while the pulse was taken counts as well: then the wait goes on.
      const giveUp = async (): Promise<void> => {
        const before = this.messages.length;
        const alive = await pulse();
        await delay(timeoutMs / SLICES);
        asking = false;
        if (this.messages.length > before) return;
        const inVain = this.#inVain(what, `not within ${timeoutMs} ms`);
        settle(() =>
          reject(alive ? inVain : new CouldNotRun(`${inVain.message}, nor an answer to anything`)),
        );
      };
      let asking = false;
      const tick = (): void => {
        left = this.paused ? SLICES : left - 1;
        if (left > 0 || asking) return;
        asking = true;
        void giveUp();
      };
      const abort = (): void => settle(() => reject(signal.reason));
      const timer = setInterval(tick, timeoutMs / SLICES);
      signal.addEventListener("abort", abort, { once: true });
      this.#waits.add(again);
      if (signal.aborted) abort();
      else again();
    });
    // A check may fail for another reason before it comes to look at this one.
    found.catch(() => {});
    return found;
  }

  #lookAgain(): void {
    for (const again of this.#waits) again();
  }

  #inVain(what: string, why: string): CheckFailure {
    const { closing, messages } = this;
    const last = messages.slice(-5).map(summaryOf);
    const ended = closing ? [`closed with ${closing.code}${closing.reason ? ` ${closing.reason}` : ""}`] : [];
    return new CheckFailure(`waited on ${this.#options.label} in vain for ${what}: ${why}`, {
      expected: what,
      actual: [...last, ...ended].length > 0 ? [...last, ...ended] : "no message",
    });
  }
}

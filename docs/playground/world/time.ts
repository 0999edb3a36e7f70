import type { Clock } from "../../../reference-client/index.ts";

/** When every world begins: a Sunday evening. Unix milliseconds. */
export const BEGINNING = Date.UTC(2026, 2, 1, 18);

interface Timer {
  at: number;
  n: number;
  call: () => void;
}

/**
 * Time that passes only when it is told to, so that one can stop, look and step, and that the same actions always come to the same end:
 * whatever runs without a timer has come to its end before the next moment begins.
 */
export class Time {
  now = BEGINNING;
  readonly #timers = new Set<Timer>();
  readonly #work = new Set<Promise<unknown>>();
  readonly #channel = new MessageChannel();
  #turns: Promise<unknown> = Promise.resolve();
  #count = 0;

  /** Calls once when so many milliseconds have passed, whole ones; returns what cancels it. Calls of one moment come in the order of their setting. */
  setTimer(milliseconds: number, call: () => void): () => void {
    const timer = { at: this.now + Math.ceil(Math.max(0, milliseconds)), n: ++this.#count, call };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  pass(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.setTimer(milliseconds, resolve));
  }

  /** Time does not go on before this has ended. */
  during<T>(work: Promise<T>): Promise<T> {
    const ended = Promise.allSettled([work]);
    this.#work.add(ended);
    void ended.then(() => this.#work.delete(ended));
    return work;
  }

  /** As `during`, one after the other: the platform's cryptography may end in any order. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turns.then(work);
    this.#turns = mine.then(
      () => undefined,
      () => undefined,
    );
    return this.during(mine);
  }

  /** When the next timer is due. */
  get next(): number | undefined {
    return this.#first()?.at;
  }

  /** Lets time pass until this moment, or to the end of one after which `enough` says so. */
  async runTo(moment: number, enough: () => boolean = () => false): Promise<void> {
    await this.settle();
    for (let due = this.#first(); due && due.at <= moment; due = this.#first()) {
      this.now = due.at;
      this.#timers.delete(due);
      due.call();
      await this.settle();
      if ((this.next ?? Infinity) > this.now && enough()) return;
    }
    this.now = Math.max(this.now, moment);
  }

  /** What runs without a timer comes to its end. */
  async settle(): Promise<void> {
    do {
      await Promise.all(this.#work);
      await this.#breath();
    } while (this.#work.size > 0);
  }

  /** This time as a device's clock shows it that is so many milliseconds ahead. */
  clock(ahead: () => number, alive: () => boolean): Clock {
    return {
      now: () => this.now + ahead(),
      monotonic: () => this.now - BEGINNING,
      setTimer: (milliseconds, call) =>
        this.setTimer(milliseconds, () => {
          if (alive()) call();
        }),
    };
  }

  close(): void {
    this.#channel.port1.close();
  }

  #first(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers)
      if (!first || timer.at < first.at || (timer.at === first.at && timer.n < first.n)) first = timer;
    return first;
  }

  /** All microtasks have run when a message that was posted now arrives. */
  #breath(): Promise<void> {
    return new Promise((resolve) => {
      // Begins to listen, too, which addEventListener does not.
      // oxlint-disable-next-line unicorn/prefer-add-event-listener
      this.#channel.port1.onmessage = () => resolve();
      this.#channel.port2.postMessage(0);
    });
  }
}

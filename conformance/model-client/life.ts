/** Time, as a client waits in it. */
export interface Clock {
  /** Real time, Unix ms: stamps are made of it. */
  now(): number;
  /** Calls after so many ms of the client's own time, which may run faster than the real one. Returns what cancels it. */
  after(ms: number, call: () => void): () => void;
}

/**
 * From open to close or kill. After it nothing of the client runs on: timers are cancelled, requests aborted, and what was awaited never comes.
 * While it sleeps nothing runs either, and all that comes waits.
 */
export class Life {
  readonly #clock: Clock;
  readonly #timers = new Set<() => void>();
  /** What came while it slept. */
  #missed: (() => void)[] | undefined;
  readonly #abort = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get alive(): boolean {
    return !this.#abort.signal.aborted;
  }

  /** Aborted at the end. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Does so now, or as soon as it is awake; not after its end. */
  awake(call: () => void): void {
    if (this.#missed) this.#missed.push(call);
    else if (this.alive) call();
  }

  /** Sleeps for so many ms of the client's own time. Then `woke` comes first, and what was missed in its order. */
  async sleep(ms: number, woke: () => void): Promise<void> {
    this.#missed ??= [];
    await new Promise<void>((resolve) => this.#clock.after(ms, resolve));
    const missed = this.#missed;
    this.#missed = undefined;
    for (const call of [woke, ...missed]) this.awake(call);
  }

  /** What `promise` comes to, unless the life ends before: then it stays open for ever. */
  wait<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.awake(() => resolve(value)),
        (error: unknown) => this.awake(() => reject(error)),
      );
    });
  }

  /** As {@link Clock.after}, within this life. */
  after(ms: number, call: () => void): () => void {
    if (!this.alive) return () => {};
    const cancel = this.#clock.after(ms, () =>
      this.awake(() => {
        // It may have been stopped while the client slept.
        if (this.#timers.delete(stop)) call();
      }),
    );
    const stop = (): void => {
      this.#timers.delete(stop);
      cancel();
    };
    this.#timers.add(stop);
    return stop;
  }

  /** What `start` comes to within so many ms. Rejects, and tells it by its signal, when they have passed or the life has ended. */
  async within<T>(ms: number, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const timeout = new AbortController();
    const signal = AbortSignal.any([this.signal, timeout.signal]);
    const over = new Promise<never>((_, reject) => {
      timeout.signal.addEventListener("abort", () => reject(new Error(`nothing came within ${ms} ms`)));
    });
    const cancel = this.after(ms, () => timeout.abort());
    try {
      return await this.wait(Promise.race([start(signal), over]));
    } finally {
      cancel();
    }
  }

  end(): void {
    for (const stop of this.#timers) stop();
    this.#abort.abort();
  }
}

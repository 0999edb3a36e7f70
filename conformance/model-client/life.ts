/** Time, as a client waits in it. */
export interface Clock {
  /** Real time, Unix ms: stamps are made of it. */
  now(): number;
  /** Calls after so many ms of the client's own time, which may run faster than the real one. Returns what cancels it. */
  after(ms: number, call: () => void): () => void;
}

/** From open to close or kill. After it nothing of the client runs on: timers are cancelled, requests aborted, and what was awaited never comes. */
export class Life {
  readonly #clock: Clock;
  readonly #timers = new Set<() => void>();
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

  /** What `promise` comes to, unless the life ends before: then it stays open for ever. */
  wait<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => void (this.alive && resolve(value)),
        (error: unknown) => void (this.alive && reject(error as Error)),
      );
    });
  }

  /** As {@link Clock.after}, within this life. */
  after(ms: number, call: () => void): () => void {
    if (!this.alive) return () => {};
    const cancel = this.#clock.after(ms, () => {
      this.#timers.delete(stop);
      if (this.alive) call();
    });
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

import type { Context } from "./context.ts";

/** How a round ended. `failed`: there was no use in it, try later. `blocked`: it waits for something other than time. */
export type Outcome =
  | { kind: "done" }
  | { kind: "failed"; why: string; retryAfterMs?: number; waitMs?: number }
  | { kind: "blocked"; why: "offline" | "no-token" | "stopped" | "unwanted" };

/** One activity at a time, with its own back-off: pushing, pulling, being connected. */
export class Lane {
  /** Failed rounds since the last useful answer. */
  attempts = 0;
  readonly #context: Context;
  readonly #round: () => Promise<Outcome>;
  #running: Promise<Outcome> | undefined;
  #timer: { cancel: () => void; kind: "due" | "backoff"; at: number } | undefined;
  /** The back-off that runs was asked for by the server. */
  #barred = false;
  /** Something came up while a round ran, perhaps too late for it. */
  #again = false;

  constructor(context: Context, round: () => Promise<Outcome>) {
    this.#context = context;
    this.#round = round;
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  get waiting(): boolean {
    return this.#timer?.kind === "backoff";
  }

  /** It was of use: attempts count from 0 again (CLI-033). */
  useful(): void {
    this.attempts = 0;
  }

  /** Runs a round now, back-off or not; joins one that runs. A Retry-After is waited for all the same (CLI-034). */
  run(): Promise<Outcome> {
    if (this.#running) return this.#running;
    if (this.#barred) return Promise.resolve({ kind: "failed", why: "the server asked to wait" });
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#again = false;
    this.#running = this.#context.life
      .wait(this.#round())
      .catch((error: unknown): Outcome => {
        this.#context.crashes.push(error);
        return { kind: "failed", why: `the client crashed: ${String(error)}` };
      })
      .then((outcome) => {
        this.#running = undefined;
        this.#plan(outcome);
        if (this.#again && outcome.kind === "done") void this.run();
        return outcome;
      });
    return this.#running;
  }

  /** As {@link run}, but what runs already is followed by a round of its own. */
  async runAnew(): Promise<Outcome> {
    if (this.#running) await this.#running;
    return this.run();
  }

  /** Runs within so many ms; back-off that lasts longer wins. A round that runs takes up what is there. */
  due(ms: number): void {
    if (this.#running) this.#again = true;
    if (this.#running || this.#timer?.kind === "backoff") return;
    const at = this.#context.clock.now() + ms;
    if (this.#timer && this.#timer.at <= at) return;
    this.#wait(ms, "due", at);
  }

  /** Ends a back-off: what it waited for may be there. */
  wake(): void {
    if (this.#running) this.#again = true;
    else if (!this.#barred) void this.run();
  }

  #wait(ms: number, kind: "due" | "backoff", at = 0): void {
    this.#timer?.cancel();
    const cancel = this.#context.life.after(ms, () => {
      this.#timer = undefined;
      this.#barred = false;
      void this.run();
    });
    this.#timer = { cancel, kind, at };
  }

  #plan(outcome: Outcome): void {
    if (outcome.kind !== "failed") return;
    const { behaviour } = this.#context;
    const backoff = outcome.waitMs ?? behaviour.backoffMs(this.#context, this.attempts);
    this.attempts += 1;
    this.#barred = outcome.retryAfterMs !== undefined && behaviour.heedsRetryAfter(this.#context);
    this.#wait(this.#barred ? Math.max(backoff, outcome.retryAfterMs!) : backoff, "backoff");
  }
}

import type { FoundAny } from "../discover-checks.ts";
import type { Run } from "../run/record.ts";
import type { CheckResult } from "../run/result.ts";
import { CouldNotRun } from "../verdict.ts";

/** An implementation under test that is there. */
export interface Ground<Check extends FoundAny> {
  /** Runs checks side by side. @param told hears of each when it is over */
  run(checks: readonly Check[], told: (result: CheckResult) => void, signal: AbortSignal): Promise<Run>;
  /** Ends what was started. */
  close(): Promise<void>;
}

/**
 * Checks that the tests of a runner ask for one by one. Those that are asked for at a time run side by side. The implementation is started
 * when the first is asked for: where the runner's filter leaves none, it never is.
 */
export class Session<Check extends FoundAny> {
  readonly #open: () => Promise<Ground<Check>>;
  readonly #verdicts = new Map<string, PromiseWithResolvers<CheckResult>>();
  readonly #results: CheckResult[] = [];
  readonly #closing = new AbortController();
  #ground: Promise<Ground<Check>> | undefined;
  #asked: Check[] = [];
  #work: Promise<void> | undefined;

  constructor(open: () => Promise<Ground<Check>>) {
    this.#open = open;
  }

  /** Asks for checks, once each. */
  ask(checks: readonly Check[]): void {
    const fresh = checks.filter(({ id }) => !this.#verdicts.has(id));
    for (const { id } of fresh) {
      const verdict = Promise.withResolvers<CheckResult>();
      // Whoever asks for it later is told.
      verdict.promise.catch(() => {});
      this.#verdicts.set(id, verdict);
    }
    this.#asked.push(...fresh);
    if (this.#asked.length > 0) this.#work ??= this.#workOff();
  }

  /** What a check came to. @throws what kept the implementation from being started at all */
  async verdictOf(check: Check): Promise<CheckResult> {
    this.ask([check]);
    return this.#verdicts.get(check.id)!.promise;
  }

  /** Everything that has come out so far, and all that is under way. */
  async results(): Promise<readonly CheckResult[]> {
    await nextTurns();
    await this.#work;
    return this.#results;
  }

  /** Ends what runs, and what was started. */
  async close(): Promise<void> {
    this.#closing.abort(new CouldNotRun("not done when the test run ended"));
    await this.#work;
    const ground = await this.#ground?.catch(() => undefined);
    await ground?.close();
  }

  async #workOff(): Promise<void> {
    for (;;) {
      await nextTurns();
      const checks = this.#asked.splice(0);
      if (checks.length === 0) break;
      try {
        const ground = await (this.#ground ??= this.#open());
        await ground.run(checks, (result) => this.#keep(result), this.#closing.signal);
      } catch (error) {
        for (const { id } of checks) this.#verdicts.get(id)!.reject(error);
      }
    }
    this.#work = undefined;
  }

  #keep(result: CheckResult): void {
    this.#results.push(result);
    this.#verdicts.get(result.id)!.resolve(result);
  }
}

/** A runner begins tests that go side by side in one turn of the event loop, or in a few. */
async function nextTurns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

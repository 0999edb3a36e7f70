import type { Clock } from "../ports/clock.ts";
import type { Draft } from "../replica/mirror.ts";
import type { EntityKey } from "../replica/records.ts";
import type { Replica } from "../replica/replica.ts";
import type { Work } from "../replica/work.ts";
import { edit, type Edit } from "./edit.ts";

interface Waiting {
  key: EntityKey;
  make: Edit;
  draft: Draft;
  stored: () => void;
  failed: (error: unknown) => void;
}

/** Writes the user's edits: visible at once, durable when the call resolves (CLI-015); those that come together share a transaction. */
export class Writer {
  readonly #replica: Replica;
  readonly #clock: Clock;
  readonly #shown: (keys: readonly EntityKey[]) => void;
  #queue: Waiting[] = [];
  #writing: Promise<void> | undefined;

  /** @param shown called for entities that look different before their edit is stored, or because it was not */
  constructor(replica: Replica, clock: Clock, shown: (keys: readonly EntityKey[]) => void) {
    this.#replica = replica;
    this.#clock = clock;
    this.#shown = shown;
  }

  /** Rejects with what `make` throws, and with the storage's error: then nothing was written, and nothing is shown any more. */
  async write(key: EntityKey, make: Edit): Promise<void> {
    // Throws before anything is shown, if it would throw at all.
    const draft: Draft = { item: make(this.#replica.mirror.get(key) ?? null) };
    if (this.#replica.mirror.draft(key, draft)) this.#shown([key]);
    await new Promise<void>((stored, failed) => {
      this.#queue.push({ key, make, draft, stored, failed });
      this.#writing ??= this.#drain();
    });
  }

  /** Resolves when nothing is on its way into storage. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  async #drain(): Promise<void> {
    // What is asked for in the same turn comes along.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, 500);
      const tell = await this.#commit(batch);
      const { mirror } = this.#replica;
      const changed = batch.filter(({ key, draft }) => mirror.settleDraft(key, draft));
      if (changed.length > 0) this.#shown(changed.map(({ key }) => key));
      for (const one of batch) tell(one);
    }
    this.#writing = undefined;
  }

  /** Returns what tells each how it ended. */
  async #commit(batch: readonly Waiting[]): Promise<(one: Waiting) => void> {
    const refused = new Map<Waiting, unknown>();
    const now = this.#clock.now();
    const act = (work: Work): void => {
      for (const one of batch) {
        try {
          edit(work, one.key, one.make, now);
        } catch (error) {
          refused.set(one, error);
        }
      }
    };
    const keys = batch.map(({ key }) => key);
    try {
      await this.#replica.commit(keys, act, "local");
      return (one) => (refused.has(one) ? one.failed(refused.get(one)) : one.stored());
    } catch (error) {
      return ({ failed }) => failed(error);
    }
  }
}

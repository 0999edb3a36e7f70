import type { JsonObject } from "../../schemas/json.ts";
import type { Clock } from "../ports/clock.ts";
import type { Draft } from "../replica/mirror.ts";
import type { EntityKey } from "../replica/records.ts";
import type { Replica } from "../replica/replica.ts";
import type { Work } from "../replica/work.ts";
import { edit, type Edit } from "./edit.ts";

interface Waiting {
  key: EntityKey;
  make: Edit;
  draft: Draft | undefined;
  done: (outcome: { error?: unknown }) => void;
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
    const draft = this.#draft(key, make);
    const { error } = await new Promise<{ error?: unknown }>((done) => {
      this.#queue.push({ key, make, draft, done });
      this.#writing ??= this.#drain();
    });
    if (error !== undefined) throw error;
  }

  /** Resolves when nothing is on its way into storage. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  #draft(key: EntityKey, make: Edit): Draft | undefined {
    const before = this.#replica.mirror.get(key) ?? null;
    // Throws before anything is shown, if it would throw at all.
    const item: JsonObject | null = make(before);
    const draft = { item };
    if (this.#replica.mirror.draft(key, draft)) this.#shown([key]);
    return draft;
  }

  async #drain(): Promise<void> {
    // What is asked for in the same turn comes along.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, 500);
      const outcomes = await this.#commit(batch);
      const changed = batch.filter(
        ({ key, draft }) => draft !== undefined && this.#replica.mirror.settleDraft(key, draft),
      );
      if (changed.length > 0) this.#shown(changed.map(({ key }) => key));
      for (const [at, { done }] of batch.entries()) done(outcomes[at]!);
    }
    this.#writing = undefined;
  }

  async #commit(batch: readonly Waiting[]): Promise<{ error?: unknown }[]> {
    const now = this.#clock.now();
    const act = (work: Work): { error?: unknown }[] =>
      batch.map(({ key, make }) => {
        try {
          edit(work, key, make, now);
          return {};
        } catch (error) {
          return { error };
        }
      });
    try {
      return await this.#replica.commit(
        batch.map(({ key }) => key),
        act,
        "local",
      );
    } catch (error) {
      return batch.map(() => ({ error }));
    }
  }
}

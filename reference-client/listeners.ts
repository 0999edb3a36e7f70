import type { EntityKey, Settings } from "./replica/records.ts";
import type { Replica } from "./replica/replica.ts";
import type { Change } from "./types.ts";

type Listener = (value: never) => void;

/** Who listens to the client. A listener that fails harms no other, nor the client. */
export class Listeners {
  readonly #byName = new Map<string, Set<Listener>>();
  readonly #subscribers = new Set<(changes: readonly Change[]) => void>();
  readonly #deadBefore = new Set<EntityKey>();
  #pendingBefore = 0;
  #settingsBefore: Settings | undefined;
  #failed: (error: unknown) => void = () => {};

  onFailure(failed: (error: unknown) => void): void {
    this.#failed = failed;
  }

  on(name: string, listener: Listener): () => void {
    const listeners = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  subscribe(listener: (changes: readonly Change[]) => void): () => void {
    this.#subscribers.add(listener);
    return () => this.#subscribers.delete(listener);
  }

  emit(name: string, value: unknown): void {
    for (const listener of this.#byName.get(name) ?? []) this.#call(listener, value as never);
  }

  tell(changes: readonly Change[]): void {
    for (const listener of this.#subscribers) this.#call(listener, changes);
  }

  /** What is another than when this was called last. */
  compare({ mirror, state }: Replica): {
    pendingCount: boolean;
    deadLetters: EntityKey[];
    settings: boolean;
  } {
    const deadLetters = [...mirror.dead].filter((key) => !this.#deadBefore.has(key));
    for (const key of this.#deadBefore) if (!mirror.dead.has(key)) this.#deadBefore.delete(key);
    for (const key of deadLetters) this.#deadBefore.add(key);
    const pendingCount = mirror.pending.size !== this.#pendingBefore;
    this.#pendingBefore = mirror.pending.size;
    const before = this.#settingsBefore;
    this.#settingsBefore = state.settings;
    const settings = before !== undefined && JSON.stringify(before) !== JSON.stringify(state.settings);
    return { pendingCount, deadLetters, settings };
  }

  clear(): void {
    this.#byName.clear();
    this.#subscribers.clear();
  }

  #call<T>(listener: (value: T) => void, value: T): void {
    try {
      listener(value);
    } catch (error) {
      this.#failed(error);
    }
  }
}

import { equalJson } from "./replica/equal-json.ts";
import type { EntityKey, Settings } from "./replica/records.ts";
import type { Replica } from "./replica/replica.ts";

type Listener = (value: never) => void;

/** Who listens to the client. A listener that fails harms no other, nor the client. */
export class Listeners {
  readonly #byName = new Map<string, Set<Listener>>();
  readonly #failed: (error: unknown) => void;
  #before: { dead: ReadonlySet<EntityKey>; pending: number; settings: Settings } | undefined;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  on(name: string, listener: Listener): () => void {
    const listeners = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  emit(name: string, value: unknown): void {
    for (const listener of this.#byName.get(name) ?? []) {
      try {
        listener(value as never);
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  /** What is another than when this was called last. */
  compare({ mirror, state: { settings } }: Replica): {
    pending: boolean;
    deadLetters: EntityKey[];
    settings: boolean;
  } {
    const before = this.#before;
    const now = { dead: new Set(mirror.dead), pending: mirror.pending.size, settings };
    this.#before = now;
    return {
      pending: before?.pending !== now.pending,
      deadLetters: [...now.dead].filter((key) => !before?.dead.has(key)),
      settings: before !== undefined && !equalJson({ ...before.settings }, { ...settings }),
    };
  }

  clear(): void {
    this.#byName.clear();
  }
}

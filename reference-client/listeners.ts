type Listener = (value: never) => void;

/** Who listens to the client. A listener that fails harms no other, nor the client. */
export class Listeners {
  readonly #byName = new Map<string, Set<Listener>>();
  readonly #failed: (error: unknown) => void;

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

  clear(): void {
    this.#byName.clear();
  }
}

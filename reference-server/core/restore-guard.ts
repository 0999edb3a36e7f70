import { Mutex } from "./mutex.ts";
import type { Identity, Storage, Visit, Witness, WitnessStore } from "./ports.ts";

/**
 * Recognises a store that was restored from a backup, and gives its data a new identity, so that cursors from before the restore
 * answer 410 (PULL-019). What was acknowledged is remembered outside the store; a store that knows less than that, or whose data
 * has another identity, is an older copy.
 */
export class RestoreGuard {
  readonly #storage: Storage;
  readonly #witnesses: WitnessStore;
  readonly #turns = new Mutex();
  #loaded = false;
  #known: Witness | undefined;

  constructor(storage: Storage, witnesses: WitnessStore) {
    this.#storage = storage;
    this.#witnesses = witnesses;
  }

  /** What the store must know at least, taken before it is read: a write that is acknowledged meanwhile is no proof against the read. */
  async witness(): Promise<Witness | undefined> {
    if (!this.#loaded) {
      const stored = await this.#witnesses.read();
      this.#known ??= stored;
      this.#loaded = true;
    }
    return this.#known;
  }

  /** The identity under which what was read may be told: the one read, or a new one if the store was restored. */
  async admit(visit: Visit, witness: Witness | undefined, read: Identity): Promise<Identity> {
    if (witness !== undefined && agree(witness, read)) return read;
    return this.#turns.run(async () => {
      if (this.#known === undefined) await this.#remember(read);
      if (witness === undefined || agree(this.#known!, read)) return read;
      // A request beside this one may have replaced it already; then this changes nothing and tells which it is now.
      const identity = await this.#storage.replaceIdentity(visit.user, read.epoch, visit.fresh);
      await this.#remember(identity);
      return { ...read, epoch: identity.epoch, cursorKey: identity.cursorKey };
    });
  }

  /** Remembers that everything up to this head was acknowledged. */
  async acknowledge(witness: Witness): Promise<void> {
    await this.#turns.run(async () => {
      if (this.#known?.epoch === witness.epoch && this.#known.head < witness.head)
        await this.#remember(witness);
    });
  }

  async #remember({ epoch, head }: Witness): Promise<void> {
    // An empty log that was never another one has nothing to lose: a new user's first reads need not wait for a disk.
    if (head > 0 || this.#known !== undefined) await this.#witnesses.write({ epoch, head });
    this.#known = { epoch, head };
  }
}

/** Whether a store with this identity may be the one that was acknowledged. */
export function agree(witness: Witness, read: Identity): boolean {
  return read.epoch === witness.epoch && read.head >= witness.head;
}

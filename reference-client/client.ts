import type { EntityType } from "../schemas/collections.ts";
import type { JsonObject } from "../schemas/json.ts";
import type { ServerMessage } from "../schemas/realtime/messages.ts";
import type { Ask } from "./company.ts";
import { closed, SyncError } from "./errors.ts";
import { jsonOf, keyNamed, newItem, patched } from "./items.ts";
import { Listeners } from "./listeners.ts";
import { type Options, type Resolved, resolve } from "./options.ts";
import { decide } from "./outbox/dead-letters.ts";
import { Writer } from "./outbox/writer.ts";
import { Part } from "./part.ts";
import type { Storage } from "./ports/storage.ts";
import { partsOf } from "./replica/key.ts";
import type { EntityKey, Settings } from "./replica/records.ts";
import { type Origin, Replica } from "./replica/replica.ts";
import type { Status } from "./sync/realtime.ts";
import { type Health, healthOf, type MetricsSnapshot } from "./sync/metrics.ts";
import type { Change, ClientEvents, DeadLetter, Entity, NewEntity, Patch, Pending } from "./types.ts";

/** Which entities a subscription is about: all, those of a type, or one. */
export type Subscription<T extends EntityType = EntityType> =
  | { type?: T; id?: undefined }
  | { type: T; id: string };

/**
 * One user's replica on this device: reads answer at once from memory, writes are durable when their call resolves, and
 * everything reaches the server as soon as it can.
 */
export class SyncClient {
  readonly user: string;
  readonly #options: Resolved;
  readonly #replica: Replica;
  readonly #writer: Writer;
  readonly #part: Part;
  readonly #listeners: Listeners;
  #told: { status: Status; nextAttemptAt: number | null } = { status: "connecting", nextAttemptAt: null };
  #before = { pending: 0, settings: "" };
  #closing: Promise<void> | undefined;

  private constructor(options: Resolved, storage: Storage) {
    this.user = options.user;
    this.#options = options;
    this.#listeners = new Listeners((error) => this.#log(error));
    this.#replica = new Replica(
      storage,
      options.random,
      {
        changed: (keys, origin) => this.#changed(keys, origin),
        committed: (changes, origin) => this.#part.company?.tellCommitted(changes, origin),
        touched: (keys) => this.#touched(keys),
      },
      options.settings,
    );
    this.#writer = new Writer(this.#replica, options.clock, (keys) => this.#changed(keys, "local"));
    this.#part = new Part(options, this.#replica, {
      moved: () => this.#moved(),
      message: (message) => {
        this.#listeners.emit("message", message);
        this.#listeners.emit(message["type"] as string, message);
      },
      failed: (error) => this.#failed(error),
      signedOut: () => void this.close(),
    });
    // Nothing can be done here any more, and another tab is to lead.
    void storage.lost?.then((error) => {
      this.#failed(error);
      return this.close();
    });
  }

  /** Opens the user's data on this device and begins to sync. Rejects with a `STORAGE_…` error if they can't be opened. */
  static async open(options: Options): Promise<SyncClient> {
    const resolved = resolve(options);
    const client = new SyncClient(resolved, await resolved.storage(resolved.user));
    try {
      await client.#replica.open();
    } catch (error) {
      await client.close();
      throw error;
    }
    client.#part.join();
    return client;
  }

  /** What the user sees of an entity; undefined if there is none. The same object until it changes. */
  get<T extends EntityType>(type: T, id: string): Entity<T> | undefined {
    return this.#replica.mirror.get(keyNamed(type, id)) as Entity<T> | undefined;
  }

  /** All entities of a type, newest first. The same array until one of them changes. */
  list<T extends EntityType>(type: T): readonly Entity<T>[] {
    return this.#replica.mirror.list(type) as unknown as readonly Entity<T>[];
  }

  /** Adds an entity. Rejects with `ALREADY_EXISTS` if its id is taken. */
  async create<T extends EntityType>(type: T, item: NewEntity<T>): Promise<Entity<T>> {
    const { key, item: json } = newItem(type, item, () => this.#options.random.unique());
    await this.#write(key, (visible) => {
      if (visible !== null)
        throw new SyncError("ALREADY_EXISTS", `There is a ${key}: update it, or leave out the id.`);
      return json;
    });
    return (this.#replica.mirror.get(key) ?? json) as unknown as Entity<T>;
  }

  /** Changes members of an entity and keeps the others. Rejects with `NOT_FOUND` if there is none. */
  async update<T extends EntityType>(type: T, id: string, patch: Patch<T>): Promise<Entity<T>> {
    const key = keyNamed(type, id);
    // Read now: what the app does to its object later is not meant.
    const members = { ...patch };
    jsonOf(type, members);
    await this.#write(key, (visible) => {
      if (visible === null) throw new SyncError("NOT_FOUND", `There is no ${key}, or no more.`);
      return patched(type, visible, members);
    });
    return this.#replica.mirror.get(key) as unknown as Entity<T>;
  }

  /** Removes an entity; one that is not there is no error. */
  async delete(type: EntityType, id: string): Promise<void> {
    await this.#write(keyNamed(type, id), () => null);
  }

  /** Calls after each change of what the user sees, many changes at once where they come together. Returns what ends it. */
  subscribe<T extends EntityType>(
    listener: (changes: readonly Change<T>[]) => void,
    about: Subscription<T> = {},
  ): () => void {
    const key = about.id === undefined ? undefined : keyNamed(about.type, about.id);
    return this.#listeners.on("", (changes: readonly Change[]) => {
      const matching = changes.filter(
        ({ type, id }) => (about.type ?? type) === type && (key === undefined || key === `${type}/${id}`),
      );
      if (matching.length > 0) listener(matching as unknown as readonly Change<T>[]);
    });
  }

  /** Calls for an event of the client, or for each message of the server of a type. Returns what ends it. */
  on<E extends keyof ClientEvents>(event: E, listener: (value: ClientEvents[E]) => void): () => void;
  on<M extends ServerMessage["type"]>(
    message: M,
    listener: (message: Extract<ServerMessage, { type: M }>) => void,
  ): () => void;
  on(name: string, listener: (value: never) => void): () => void {
    return this.#listeners.on(name, listener);
  }

  get status(): Status {
    return this.#closing ? "disconnected" : this.#part.standing.status;
  }

  /** When the server is tried again, Unix milliseconds by this device's clock; null while nothing waits for that. */
  get nextAttemptAt(): number | null {
    return this.#closing ? null : this.#part.standing.nextAttemptAt;
  }

  /** Why the client does not talk to the server until `resume()`. */
  get halted(): SyncError | undefined {
    return this.#part.standing.halted;
  }

  /** How many entities have writes that are not acknowledged. */
  get pendingCount(): number {
    return this.#replica.mirror.pending.size;
  }

  /** Writes that are not acknowledged, oldest first. */
  pending(): Pending[] {
    return [...this.#replica.mirror.pending].map((key) => {
      const { sent, waiting } = this.#replica.mirror.edits(key)!;
      const { item, deleted, updatedAt } = (waiting ?? sent)!;
      return { ...partsOf(key), item: shown(item, deleted), writtenAt: updatedAt, sent: sent !== undefined };
    });
  }

  /** Writes that the server refused for good, and why. */
  deadLetters(): DeadLetter[] {
    return [...this.#replica.mirror.dead].map((key) => this.#deadLetter(key));
  }

  /** Sends a dead letter once more. Rejects with `NOT_FOUND` if there is none. */
  async retry(type: EntityType, id: string): Promise<void> {
    await this.#decide(keyNamed(type, id), true);
  }

  /** Drops a dead letter: the user sees again what the server has. Rejects with `NOT_FOUND` if there is none. */
  async discard(type: EntityType, id: string): Promise<void> {
    await this.#decide(keyNamed(type, id), false);
  }

  /** Sends what waits, now, whatever the settings say. Resolves when the server has answered for all of it. */
  flush(): Promise<void> {
    return this.#ask("flush");
  }

  /** Reads what is new on the server, now, whatever the settings say. */
  pull(): Promise<void> {
    return this.#ask("pull");
  }

  /** Tries again: there is a new token, or what the client halted for is mended. */
  resume(): Promise<void> {
    return this.#ask("resume");
  }

  get metrics(): MetricsSnapshot {
    return { ...this.#part.standing.metrics, queueSize: this.pendingCount };
  }

  get health(): Health {
    return healthOf(this.metrics);
  }

  get settings(): Readonly<Settings> {
    return this.#replica.state.settings;
  }

  /** Changes settings of this user on this device; durable when it resolves. */
  async configure(settings: Partial<Settings>): Promise<void> {
    this.#refuseIfClosed();
    await this.#replica.commit(
      [],
      ({ state }) => {
        state.settings = { ...state.settings, ...settings };
      },
      "local",
    );
  }

  /** Ends every timer and connection. What waits stays stored, and is sent when the user is opened again. Idempotent. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  /**
   * Ends the client, in all tabs. What was not sent stays for the time when this user signs in again, and is never sent as another's (CLI-049);
   * with `erase` everything of this user is removed from this device, unsent writes included.
   */
  async signOut({ erase = false } = {}): Promise<void> {
    this.#refuseIfClosed();
    this.#part.company?.tellSignedOut();
    await this.close();
    if (erase) await (await this.#options.storage(this.user)).destroy();
  }

  async #close(): Promise<void> {
    await this.#part.close();
    await this.#writer.idle();
    await this.#replica.close();
    this.#moved();
    this.#listeners.clear();
  }

  async #write(key: EntityKey, make: (visible: JsonObject | null) => JsonObject | null): Promise<void> {
    this.#refuseIfClosed();
    await this.#writer.write(key, make);
  }

  async #decide(key: EntityKey, again: boolean): Promise<void> {
    this.#refuseIfClosed();
    if (await this.#replica.commit([key], (work) => decide(work, key, again), "local")) return;
    throw new SyncError("NOT_FOUND", `There is no dead letter of ${key}.`);
  }

  async #ask(what: Ask): Promise<void> {
    this.#refuseIfClosed();
    await this.#writer.idle();
    await this.#part.asked(what);
  }

  #touched(keys: readonly EntityKey[]): void {
    const { mirror } = this.#replica;
    const before = this.#before;
    const now = { pending: mirror.pending.size, settings: JSON.stringify(this.settings) };
    this.#before = now;
    if (before.settings !== now.settings) {
      this.#listeners.emit("settings", this.settings);
      this.#part.sync?.start();
    }
    if (before.pending !== now.pending) {
      this.#listeners.emit("pending", now.pending);
      this.#part.sync?.edited(keys);
    }
    for (const key of mirror.buried.splice(0)) this.#listeners.emit("deadLetter", this.#deadLetter(key));
  }

  #changed(keys: readonly EntityKey[], origin: Origin): void {
    const changes = keys.map((key): Change => {
      const item = this.#replica.mirror.get(key) ?? null;
      return { ...partsOf(key), item: item as Change["item"], origin };
    });
    this.#listeners.emit("", changes);
  }

  #moved(): void {
    const { status, nextAttemptAt } = this;
    const before = this.#told;
    this.#told = { status, nextAttemptAt };
    if (before.status !== status) this.#listeners.emit("status", status);
    if (before.nextAttemptAt !== nextAttemptAt) this.#listeners.emit("nextAttempt", nextAttemptAt);
  }

  #deadLetter(key: EntityKey): DeadLetter {
    const { item, deleted, updatedAt, refusal } = this.#replica.mirror.edits(key)!.dead!;
    return { ...partsOf(key), item: shown(item, deleted), writtenAt: updatedAt, ...refusal };
  }

  #failed(error: unknown): void {
    if (this.#closing) return;
    this.#log(error);
    if (error instanceof SyncError) this.#listeners.emit("error", error);
  }

  #log(error: unknown): void {
    this.#options.log("error", "a failure", { why: String(error) });
  }

  #refuseIfClosed(): void {
    if (this.#closing) throw closed();
  }
}

function shown(item: JsonObject, deleted: boolean): Entity | null {
  return deleted ? null : (item as Entity);
}

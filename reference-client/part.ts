import type { Ask, Company, CompanyEvents, Report } from "./company.ts";
import type { Resolved } from "./options.ts";
import type { Changes } from "./ports/storage.ts";
import type { Origin, Replica } from "./replica/replica.ts";
import { Metrics } from "./sync/metrics.ts";
import { createSync, type Sync, type SyncEvents } from "./sync/sync.ts";
import { createTokens } from "./sync/token.ts";

export interface PartEvents extends SyncEvents {
  /** Something failed that nobody waits for, or that the client halted for. */
  failed(error: unknown): void;
  /** Another tab has signed out. */
  signedOut(): void;
}

/** This tab's part in the sync: it leads, and talks to the server, or goes by what the leading tab tells of itself (CLI-048). */
export class Part implements CompanyEvents {
  readonly #options: Resolved;
  readonly #replica: Replica;
  readonly #events: PartEvents;
  /** Undefined: no other tabs are known of. */
  readonly company: Company | undefined;
  readonly #metrics: Metrics;
  readonly #stopListening: () => void;
  /** Undefined while this tab does not lead. */
  sync: Sync | undefined;
  /** Settles once this tab leads; undefined while it does not. */
  #leading: Promise<void> | undefined;
  /** What the leading tab said last. */
  #heard: Report | undefined;
  #closed = false;

  constructor(options: Resolved, replica: Replica, events: PartEvents) {
    const { user, clock, random, surroundings } = options;
    this.#options = options;
    this.#replica = replica;
    this.#events = events;
    this.#metrics = new Metrics(clock);
    const unique = (): string => random.unique();
    this.company = options.tabs?.(user, { clock, unique }, this);
    this.#stopListening = surroundings.listen(() => this.#watch(this.#woken()));
  }

  /** How the sync stands, as far as this tab knows. */
  get standing(): Report {
    return this.report() ?? this.#heard ?? this.#own();
  }

  /** Begins to sync, here or in the tab that does. */
  join(): void {
    if (this.company) this.company.join();
    else this.lead();
  }

  /** Has it done by who leads; rejects as that does. */
  async asked(what: Ask): Promise<void> {
    await this.#leading;
    if (this.sync === undefined) await this.company?.ask(what);
    else await this.sync[what]();
  }

  lead(): void {
    this.#watch((this.#leading = this.#lead()));
  }

  committed(changes: Required<Changes>, origin: Origin): void {
    this.#replica.adopt(changes, origin);
  }

  reported(report: Report): void {
    const { halted } = report;
    const news = halted !== undefined && this.#heard?.halted === undefined;
    this.#heard = report;
    if (news) this.#events.failed(halted);
    this.#moved();
  }

  report(): Report | undefined {
    return this.sync && this.#own();
  }

  signedOut(): void {
    this.#events.signedOut();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopListening();
    await this.sync?.close();
    this.company?.close();
  }

  async #lead(): Promise<void> {
    const [options, replica] = [this.#options, this.#replica];
    await replica.catchUp();
    if (this.#closed) return;
    const tokens = createTokens(options.user, options.token);
    const ports = { ...options, replica, tokens, metrics: this.#metrics };
    this.sync = createSync(options, ports, { ...this.#events, moved: () => this.#moved() });
    this.sync.start();
    this.#moved();
  }

  async #woken(): Promise<void> {
    await this.#replica.catchUp();
    this.sync?.nudge();
  }

  #own(): Report {
    const sync = this.sync;
    const metrics = this.#metrics.snapshot(this.#replica.mirror.pending.size);
    return {
      status: sync?.status ?? "connecting",
      halted: sync?.halted,
      nextAttemptAt: sync?.nextAttemptAt ?? null,
      metrics,
    };
  }

  #watch(work: Promise<void>): void {
    work.catch((error: unknown) => this.#events.failed(error));
  }

  #moved(): void {
    this.company?.tellReport();
    this.#events.moved();
  }
}

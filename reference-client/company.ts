import type { SyncError } from "./errors.ts";
import type { Clock } from "./ports/clock.ts";
import type { Changes } from "./ports/storage.ts";
import type { Origin } from "./replica/replica.ts";
import type { MetricsSnapshot } from "./sync/metrics.ts";
import type { Status } from "./sync/realtime.ts";

/** What another tab may ask the leading one for. */
export type Ask = "flush" | "pull" | "resume";

/** How the sync stands: what the leading tab tells the others of itself. */
export interface Report {
  status: Status;
  /** Why it waits for `resume()`. */
  halted: SyncError | undefined;
  /** When the server is tried again, Unix milliseconds; null while nothing waits for that. */
  nextAttemptAt: number | null;
  metrics: MetricsSnapshot;
}

export interface CompanyEvents {
  /** This tab leads from now on. */
  lead(): void;
  /** Another tab has committed. */
  committed(changes: Required<Changes>, origin: Origin): void;
  /** The leader is asked by another tab. */
  asked(what: Ask): Promise<void>;
  /** The leader reports. */
  reported(report: Report): void;
  /** What this tab reports when it leads; undefined when it does not. */
  report(): Report | undefined;
  /** Another tab has signed out. */
  signedOut(): void;
}

/** The tabs of a user, as one of them sees the others: one leads, all tell each other what they have stored (CLI-048). */
export interface Company {
  /** Begins to compete for the lead, and asks how things stand. */
  join(): void;
  tellCommitted(changes: Required<Changes>, origin: Origin): void;
  tellReport(): void;
  tellSignedOut(): void;
  /** Has the leader do something; rejects as it does, and with `UNREACHABLE` if no tab answers. */
  ask(what: Ask): Promise<void>;
  close(): void;
}

/** Joins the tabs of a user. */
export type JoinCompany = (
  user: string,
  ports: { clock: Clock; unique: () => string },
  events: CompanyEvents,
) => Company;

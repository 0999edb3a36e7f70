import { SyncError, type SyncErrorCode } from "./errors.ts";
import type { Clock } from "./ports/clock.ts";
import type { TabMessage, Tabs } from "./ports/tabs.ts";
import type { EntityKey } from "./replica/records.ts";
import type { Origin } from "./replica/replica.ts";
import type { Status } from "./sync/connection.ts";
import type { MetricsSnapshot } from "./sync/metrics.ts";

/** How long another tab may take to do what it was asked for. */
const PATIENCE = 60_000;

export type Ask = "flush" | "pull" | "resume";

/** What the leading tab tells the others of itself. */
export interface Report {
  status: Status;
  metrics: MetricsSnapshot;
}

export interface LeadershipEvents {
  /** This tab leads from now on. */
  lead(): void;
  /** Another tab has committed. */
  committed(keys: readonly EntityKey[], origin: Origin, all: boolean): void;
  /** The leader is asked by another tab. */
  asked(what: Ask): Promise<void>;
  /** The leader reports. */
  reported(report: Report): void;
  /** What this tab reports when it leads; undefined when it does not. */
  report(): Report | undefined;
  /** Another tab has signed out. */
  signedOut(): void;
}

/** How the tabs of a user go together: one leads, all tell each other what they have stored (CLI-048). */
export class Leadership {
  readonly #tabs: Tabs;
  readonly #clock: Clock;
  readonly #unique: () => string;
  readonly #events: LeadershipEvents;
  readonly #asked = new Map<string, (failure: TabMessage["failure"]) => void>();

  constructor(tabs: Tabs, clock: Clock, unique: () => string, events: LeadershipEvents) {
    this.#tabs = tabs;
    this.#clock = clock;
    this.#unique = unique;
    this.#events = events;
    tabs.listen((message) => void this.#hear(message));
  }

  /** Begins to compete, and asks how things stand. */
  join(): void {
    this.#tabs.post({ kind: "hello" });
    this.#tabs.campaign(() => this.#events.lead());
  }

  tellCommitted(keys: readonly EntityKey[], origin: Origin, all: boolean): void {
    this.#tabs.post({ kind: "committed", keys, origin, all });
  }

  tellReport(): void {
    const report = this.#events.report();
    if (report !== undefined) this.#tabs.post({ kind: "report", report });
  }

  tellSignedOut(): void {
    this.#tabs.post({ kind: "signed-out" });
  }

  /** Has the leader do something; rejects as it does, and with `UNREACHABLE` if no tab answers. */
  async ask(what: Ask): Promise<void> {
    const id = this.#unique();
    const failure = await new Promise<unknown>((answered) => {
      const cancel = this.#clock.setTimer(PATIENCE, () =>
        answered({ code: "UNREACHABLE", message: "The tab that syncs does not answer." }),
      );
      this.#asked.set(id, (told) => {
        cancel();
        answered(told);
      });
      this.#tabs.post({ kind: "ask", what, id });
    });
    this.#asked.delete(id);
    if (failure === undefined) return;
    const { code, message } = failure as { code: SyncErrorCode; message: string };
    throw new SyncError(code, message);
  }

  close(): void {
    for (const answered of this.#asked.values())
      answered({ code: "CLOSED", message: "The client was closed meanwhile." });
    this.#tabs.close();
  }

  async #hear(message: TabMessage): Promise<void> {
    switch (message.kind) {
      case "hello":
        this.tellReport();
        return;
      case "committed":
        this.#events.committed(
          message["keys"] as EntityKey[],
          message["origin"] as Origin,
          message["all"] === true,
        );
        return;
      case "report":
        this.#events.reported(message["report"] as Report);
        return;
      case "signed-out":
        this.#events.signedOut();
        return;
      case "ask":
        await this.#answer(message["what"] as Ask, message["id"] as string);
        return;
      case "answer":
        this.#asked.get(message["id"] as string)?.(message["failure"]);
        return;
      default:
    }
  }

  async #answer(what: Ask, id: string): Promise<void> {
    if (this.#events.report() === undefined) return;
    let failure: { code: SyncErrorCode; message: string } | undefined;
    try {
      await this.#events.asked(what);
    } catch (error) {
      const code = error instanceof SyncError ? error.code : "UNREACHABLE";
      failure = { code, message: error instanceof SyncError ? error.what : String(error) };
    }
    this.#tabs.post({ kind: "answer", id, failure });
  }
}

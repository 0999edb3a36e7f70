import type { Ask, Company, CompanyEvents, JoinCompany, Report } from "./company.ts";
import { SyncError, type SyncErrorCode } from "./errors.ts";
import type { Clock } from "./ports/clock.ts";
import type { JoinTabs, TabMessage, Tabs } from "./ports/tabs.ts";
import type { Changes } from "./ports/storage.ts";
import type { Origin } from "./replica/replica.ts";

/** How long another tab may take to do what it was asked for. */
const PATIENCE = 60_000;

/** Goes together with the other tabs that a platform lets this one meet. */
export function together(joinTabs: JoinTabs): JoinCompany {
  return (user, { clock, unique }, events) => new Leadership(joinTabs(user), clock, unique, events);
}

/** How the tabs of a user go together: one leads, all tell each other what they have stored (CLI-048). */
class Leadership implements Company {
  readonly #tabs: Tabs;
  readonly #clock: Clock;
  readonly #unique: () => string;
  readonly #events: CompanyEvents;
  readonly #asked = new Map<string, { what: Ask; told: (failure: TabMessage["failure"]) => void }>();
  #leads = false;

  constructor(tabs: Tabs, clock: Clock, unique: () => string, events: CompanyEvents) {
    this.#tabs = tabs;
    this.#clock = clock;
    this.#unique = unique;
    this.#events = events;
    tabs.listen((message) => void this.#hear(message));
  }

  join(): void {
    this.#tabs.post({ kind: "hello" });
    this.#tabs.campaign(() => this.#events.lead());
  }

  tellCommitted(changes: Changes, origin: Origin): void {
    this.#tabs.post({ kind: "committed", changes, origin });
  }

  tellReport(): void {
    const report = this.#events.report();
    if (report === undefined) return;
    this.#tabs.post({ kind: "report", report });
    if (this.#leads) return;
    this.#leads = true;
    // What was asked of the leader before this one, or when there was none, nobody has heard.
    this.#tabs.post({ kind: "leads" });
    for (const { what, told } of this.#asked.values()) void this.#do(what).then(told);
  }

  tellSignedOut(): void {
    this.#tabs.post({ kind: "signed-out" });
  }

  async ask(what: Ask): Promise<void> {
    const id = this.#unique();
    const failure = await new Promise<unknown>((answered) => {
      const cancel = this.#clock.setTimer(PATIENCE, () =>
        answered({ code: "UNREACHABLE", message: "The tab that syncs does not answer." }),
      );
      const told = (failed: TabMessage["failure"]): void => {
        cancel();
        answered(failed);
      };
      this.#asked.set(id, { what, told });
      this.#tabs.post({ kind: "ask", what, id });
    });
    this.#asked.delete(id);
    if (failure === undefined) return;
    const { code, message } = failure as { code: SyncErrorCode; message: string };
    throw new SyncError(code, message);
  }

  close(): void {
    for (const { told } of this.#asked.values())
      told({ code: "CLOSED", message: "The client was closed meanwhile." });
    this.#tabs.close();
  }

  async #hear(message: TabMessage): Promise<void> {
    switch (message.kind) {
      case "hello":
        this.tellReport();
        return;
      case "committed":
        this.#events.committed(message["changes"] as Changes, message["origin"] as Origin);
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
        this.#asked.get(message["id"] as string)?.told(message["failure"]);
        return;
      case "leads":
        for (const [id, { what }] of this.#asked) this.#tabs.post({ kind: "ask", what, id });
        return;
      default:
    }
  }

  async #answer(what: Ask, id: string): Promise<void> {
    if (this.#events.report() === undefined) return;
    this.#tabs.post({ kind: "answer", id, failure: await this.#do(what) });
  }

  /** Returns why it failed, as it can be told to other tabs. */
  async #do(what: Ask): Promise<{ code: SyncErrorCode; message: string } | undefined> {
    try {
      await this.#events.asked(what);
      return undefined;
    } catch (error) {
      const code = error instanceof SyncError ? error.code : "UNREACHABLE";
      return { code, message: error instanceof Error ? error.message : String(error) };
    }
  }
}

import type { Ask, Company, CompanyEvents, JoinCompany, Report } from "./company.ts";
import { SyncError, unreachable } from "./errors.ts";
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
  readonly #asked = new Map<string, { what: Ask; told: (failure: unknown) => void }>();
  #leads = false;
  /** Why the leading tab has halted, the same object for as long as it says so. */
  #halted: SyncError | undefined;

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

  tellCommitted(changes: Required<Changes>, origin: Origin): void {
    this.#tabs.post({ kind: "committed", changes, origin });
  }

  tellReport(): void {
    const report = this.#events.report();
    if (report === undefined) return;
    this.#tabs.post({ kind: "report", report: { ...report, halted: failureOf(report.halted) } });
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
    const failure = await new Promise<Failure | undefined>((answered) => {
      const cancel = this.#clock.setTimer(PATIENCE, () =>
        answered(failureOf(unreachable("the tab that syncs does not answer"))),
      );
      const told = (failed: unknown): void => {
        cancel();
        answered(failed as Failure | undefined);
      };
      this.#asked.set(id, { what, told });
      this.#tabs.post({ kind: "ask", what, id });
    });
    this.#asked.delete(id);
    if (failure !== undefined) throw errorOf(failure);
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
        this.#events.committed(message["changes"] as Required<Changes>, message["origin"] as Origin);
        return;
      case "report":
        this.#events.reported(this.#reportOf(message["report"] as ToldReport));
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
  async #do(what: Ask): Promise<Failure | undefined> {
    try {
      await this.#events.asked(what);
      return undefined;
    } catch (error) {
      return failureOf(error instanceof SyncError ? error : unreachable(String(error)));
    }
  }

  #reportOf({ halted, ...report }: ToldReport): Report {
    const same = this.#halted?.code === halted?.code && this.#halted?.message === halted?.message;
    if (!same) this.#halted = halted && errorOf(halted);
    return { ...report, halted: this.#halted };
  }
}

/** An error as tabs can tell it to each other: of a class they would lose what is its own. */
type Failure = Pick<SyncError, "code" | "message" | "reason">;

type ToldReport = Omit<Report, "halted"> & { halted: Failure | undefined };

function failureOf(error: SyncError): Failure;
function failureOf(error: SyncError | undefined): Failure | undefined;
function failureOf(error: SyncError | undefined): Failure | undefined {
  return error && { code: error.code, message: error.message, reason: error.reason };
}

function errorOf({ code, message, reason }: Failure): SyncError {
  return new SyncError(code, message, reason === undefined ? {} : { reason });
}

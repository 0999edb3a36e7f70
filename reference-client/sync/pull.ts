import { unreachable } from "../errors.ts";
import type { EntityKey } from "../replica/records.ts";
import { applyPage, type PullPage } from "../replica/pull-pages.ts";
import type { Context } from "./context.ts";
import type { Answer } from "./http.ts";
import { pullPageOf } from "./read.ts";

/** Entities on a page: so many are stored in one transaction. */
const PAGE = 500;

/** Reads what is new on the server, page by page. */
export class Puller {
  readonly #context: Context;
  readonly #restored: () => void;

  /** @param restored called when the server's data turn out to be of another epoch (CLI-050) */
  constructor(context: Context, restored: () => void) {
    this.#context = context;
    this.#restored = restored;
  }

  /** From the cursor to the head, or everything where there is no cursor. Rejects with `UNREACHABLE` if it did not get there. */
  async pull(): Promise<void> {
    await this.#context.metrics.sync(async () => {
      // A cursor that is refused is followed by a full pull; one of those needs no cursor.
      while (!(await this.#walk())) await this.forgetCursor();
    });
  }

  /** The next pull is a full one (CLI-014). */
  async forgetCursor(): Promise<void> {
    await this.#context.replica.commit(
      [],
      ({ state }) => {
        delete state.syncToken;
        delete state.lastSeq;
      },
      "remote",
    );
  }

  /** Whether it got to the end; false: its cursor is good no more. */
  async #walk(): Promise<boolean> {
    const { replica } = this.#context;
    let since = replica.state.syncToken;
    const got = new Set<EntityKey>();
    const began = since;
    for (let first = true; ; first = false) {
      const page = await this.#page(since);
      if (page === "expired") {
        if (began === undefined) throw unreachable("the server's full pull broke off");
        return false;
      }
      // The identity of the data may change under a walk, and a delta of another epoch is no delta of this one.
      const { epoch } = replica.state;
      const other = epoch !== undefined && page.epoch !== epoch;
      if (other && page.mode === "delta") return false;
      if (other && !first) throw unreachable("the server's data were restored during a pull");
      for (const { key } of page.rows) got.add(key);
      await this.#apply(page, first, got);
      if (!page.hasMore) return true;
      since = page.syncToken;
    }
  }

  async #apply(page: PullPage, first: boolean, got: ReadonlySet<EntityKey>): Promise<void> {
    const { replica, setClock } = this.#context;
    const absent =
      page.through === undefined ? [] : [...replica.mirror.confirmed()].filter((key) => !got.has(key));
    const restored = await replica.commit(
      [...page.rows.map(({ key }) => key), ...absent],
      (work) => {
        setClock(work);
        return applyPage(work, page, first, absent);
      },
      "remote",
    );
    if (restored) this.#restored();
  }

  async #page(since: string | undefined): Promise<PullPage | "expired"> {
    const { http } = this.#context;
    const ask = (): Promise<Answer> =>
      http.call(
        "pull",
        { since, limit: PAGE },
        { takes: (status, code) => status === 401 || expires(status, code) },
      );
    let answer = await ask();
    // Where the app has a new token already, the pull goes on with it.
    if (answer.status === 401) answer = await ask();
    if (expires(answer.status, answer.code)) return "expired";
    const page = pullPageOf(answer.body);
    if (page === undefined) throw unreachable("the answer is not the protocol's");
    return page;
  }
}

function expires(status: number, code: string): boolean {
  return status === 410 || code === "CURSOR_MISMATCH";
}

import { unreachable } from "../errors.ts";
import type { EntityKey } from "../replica/records.ts";
import { applyPage, dropCursor, type PullPage } from "../replica/pull-pages.ts";
import type { Work } from "../replica/work.ts";
import type { Context } from "./context.ts";
import { pullPageOf } from "./read.ts";

/** Entities on a page: so many are stored in one transaction. */
const PAGE = 500;

/**
 * Reads what is new on the server, page by page: from the cursor to the head, or everything where there is no cursor.
 * Rejects with `UNREACHABLE` if it did not get there.
 *
 * @param restored called when the server's data turn out to be of another epoch (CLI-050)
 */
export async function pull(context: Context, restored: () => void): Promise<void> {
  await context.metrics.sync(async () => {
    // A cursor that is refused is followed by a full pull; one of those needs no cursor.
    while (!(await walk(context, restored))) await forgetCursor(context);
  });
}

/** The next pull is a full one (CLI-014). */
export async function forgetCursor({ replica }: Context): Promise<void> {
  await replica.commit([], dropCursor, "remote");
}

/** Whether it got to the end; false: its cursor is good no more. */
async function walk(context: Context, restored: () => void): Promise<boolean> {
  const { replica, setClock } = context;
  const began = replica.state.syncToken;
  const got = new Set<EntityKey>();
  let since = began;
  for (let first = true; ; first = false) {
    const page = await pageOf(context, since);
    // The identity of the data may change under a walk, and a delta of another epoch is no delta of this one.
    const { epoch } = replica.state;
    const other = epoch !== undefined && page?.epoch !== epoch;
    if (page === undefined || (other && (page.mode === "delta" || !first))) {
      if (began === undefined) throw unreachable("the pull broke off");
      return false;
    }
    const keys = page.rows.map(({ key }) => key);
    for (const key of keys) got.add(key);
    const absent =
      page.through === undefined ? [] : [...replica.mirror.confirmed()].filter((key) => !got.has(key));
    const act = (work: Work): boolean => {
      setClock(work);
      return applyPage(work, page, first, absent);
    };
    if (await replica.commit([...keys, ...absent], act, "remote")) restored();
    if (!page.hasMore) return true;
    since = page.syncToken;
  }
}

/** Undefined: the cursor is good no more. */
async function pageOf({ http }: Context, since: string | undefined): Promise<PullPage | undefined> {
  const takes = (status: number, code: string): boolean => status === 410 || code === "CURSOR_MISMATCH";
  const { status, body } = await http.call("pull", { since, limit: PAGE }, { takes });
  if (status !== 200) return undefined;
  const page = pullPageOf(body);
  if (page === undefined) throw unreachable("the answer is not the protocol's");
  return page;
}

import { unreachable } from "../errors.ts";
import type { EntityKey } from "../replica/records.ts";
import { applyPage, type PullPage } from "../replica/pull-pages.ts";
import type { Work } from "../replica/work.ts";
import type { Context } from "./context.ts";
import type { Answer } from "./http.ts";
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
  const act = ({ state }: Work): void => {
    delete state.syncToken;
    delete state.lastSeq;
  };
  await replica.commit([], act, "remote");
}

/** Whether it got to the end; false: its cursor is good no more. */
async function walk(context: Context, restored: () => void): Promise<boolean> {
  const { replica } = context;
  const began = replica.state.syncToken;
  const got = new Set<EntityKey>();
  let since = began;
  for (let first = true; ; first = false) {
    const page = await pageOf(context, since);
    // The identity of the data may change under a walk, and a delta of another epoch is no delta of this one.
    const { epoch } = replica.state;
    const other = page !== undefined && epoch !== undefined && page.epoch !== epoch;
    const broken = page === undefined || (other && (page.mode === "delta" || !first));
    if (broken && began === undefined) throw unreachable("the pull broke off");
    if (broken) return false;
    for (const { key } of page.rows) got.add(key);
    await applied(context, page, first, got, restored);
    if (!page.hasMore) return true;
    since = page.syncToken;
  }
}

async function applied(
  { replica, setClock }: Context,
  page: PullPage,
  first: boolean,
  got: ReadonlySet<EntityKey>,
  restored: () => void,
): Promise<void> {
  const absent =
    page.through === undefined ? [] : [...replica.mirror.confirmed()].filter((key) => !got.has(key));
  const act = (work: Work): boolean => {
    setClock(work);
    return applyPage(work, page, first, absent);
  };
  if (await replica.commit([...page.rows.map(({ key }) => key), ...absent], act, "remote")) restored();
}

/** Undefined: the cursor is good no more. */
async function pageOf({ http }: Context, since: string | undefined): Promise<PullPage | undefined> {
  const ask = (): Promise<Answer> =>
    http.call(
      "pull",
      { since, limit: PAGE },
      { takes: (status, code) => status === 401 || expires(status, code) },
    );
  let answer = await ask();
  // Where the app has a new token already, the pull goes on with it.
  if (answer.status === 401) answer = await ask();
  if (expires(answer.status, answer.code)) return undefined;
  const page = pullPageOf(answer.body);
  if (page === undefined) throw unreachable("the answer is not the protocol's");
  return page;
}

function expires(status: number, code: string): boolean {
  return status === 410 || code === "CURSOR_MISMATCH";
}

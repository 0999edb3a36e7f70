import { parseInstant } from "../../../spec/rules/instant.ts";
import type { Clock, Identity, PageView } from "../ports.ts";
import { Problem } from "../problem.ts";
import { catchUpEnd } from "./answers.ts";
import { framesOf, slicesOf } from "./chunks.ts";
import type { Connection } from "./connection.ts";

/** Reads the user's log. */
export interface Reader {
  /** Where the log is known to be, cheaply: an epoch of null where there is none yet. */
  place(): Promise<{ epoch: string | null; head: number }>;
  page(query: LogQuery): Promise<PageView>;
}

export interface LogQuery {
  after: number;
  limit: number | undefined;
  receivedSince: number | null;
}

export interface SyncRequest {
  lastSeq?: number | null;
  epoch?: string | null;
  lastSyncTime?: unknown;
}

/** Most entities of a chunk (RT-027), and so of a page. */
const PAGE = 250;
const WEEK_MS = 7 * 86_400_000;

/** Begins a catch-up, in a turn of its own. Throws CURSOR_EXPIRED for a place that this log does not have (RT-030). */
export async function begin(
  connection: Connection,
  request: SyncRequest,
  reader: Reader,
  clock: Clock,
): Promise<void> {
  const { identity } = await reader.page({ after: 0, limit: 0, receivedSince: null });
  const lastSeq = lastSeqIn(request, identity, connection.state.peer === "announced");
  const receivedSince = lastSeq === undefined ? receivedSinceOf(request.lastSyncTime, clock()) : null;
  connection.update({
    epoch: identity.epoch,
    position: lastSeq ?? 0,
    catchUp: { receivedSince, told: false },
  });
}

function lastSeqIn({ lastSeq, epoch }: SyncRequest, identity: Identity, announced: boolean) {
  const ahead = (lastSeq ?? 0) > identity.head;
  if ((epoch ?? identity.epoch) !== identity.epoch || (ahead && announced)) {
    const what = ahead ? "lastSeq is ahead of the log" : "epoch is that of another log";
    throw new Problem("CURSOR_EXPIRED", `${what}; make a full pull.`);
  }
  return ahead ? undefined : (lastSeq ?? undefined);
}

/** RT-031, RT-032: nothing is everything, and what can't be understood is a week. */
function receivedSinceOf(lastSyncTime: unknown, now: number): number | null {
  if (lastSyncTime === undefined || lastSyncTime === null) return null;
  const time = parseInstant(lastSyncTime);
  return time === undefined || time > now ? now - WEEK_MS : time;
}

/**
 * The next page of a running catch-up, in a turn of its own: nobody writes meanwhile, so the page that is not full ends at the head
 * and with it the catch-up. True if it has ended.
 */
export async function pageOf(connection: Connection, reader: Reader, clock: Clock): Promise<boolean> {
  const { catchUp, position, epoch } = connection.state;
  if (connection.closed || catchUp === null) return true;
  const { receivedSince } = catchUp;
  const { identity, rows } = await reader.page({ after: position, limit: PAGE, receivedSince });
  if (identity.epoch !== epoch) {
    connection.close(1012, "the log is another one; catch up");
    return true;
  }
  const now = clock();
  for (const slice of slicesOf(rows)) {
    for (const frame of framesOf(slice, now)) connection.send(frame);
    connection.update({ position: slice.at(-1)!.seq, catchUp: { receivedSince, told: true } });
  }
  if (rows.length === PAGE) return false;
  const told = connection.state.catchUp?.told === true;
  connection.update({ position: identity.head, numbered: true, catchUp: null });
  connection.send(catchUpEnd(told, identity.head, identity.epoch, now));
  for (const event of connection.held.splice(0)) connection.send(event);
  return true;
}

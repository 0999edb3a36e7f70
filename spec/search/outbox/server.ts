import { judge } from "../../rules/merge.ts";
import { compareStamps, type Stamp } from "../../rules/stamp.ts";
import { entity, type Row } from "../row.ts";
import type { Answer, OutboxFault, Request, Result, Setting, World, Write } from "./state.ts";

/** A request arrives: the answer on record, or judgement, with the record in the same transaction (IDEM-012). */
export function serve(world: World, request: Request, setting: Setting, fault?: OutboxFault): void {
  const { server } = world;
  const known = server.records.find(
    (one) => one.request.from === request.from && one.request.key === request.key,
  );
  if (known !== undefined) {
    world.answers.push(known.answer);
    return;
  }
  const results = request.writes.map((write) => judged(world, write, setting, fault));
  const answer: Answer = { to: request.from, key: request.key, results, head: server.head };
  const refused = results.some(({ code }) => code !== null);
  if (fault === "record-after-the-answer") server.unrecorded.push({ request, answer });
  else if (!(refused && fault === "refusal-not-recorded")) server.records.push({ request, answer });
  world.answers.push(answer);
}

function judged(world: World, sent: Write, { skew, unstamped }: Setting, fault?: OutboxFault): Result {
  const { server } = world;
  const { of } = sent;
  const stored = server.rows[of] ?? undefined;
  const refuse = (code: Result["code"]): Result => ({ write: sent, row: null, code, serverTime: server.now });
  if (sent.bad) return refuse("INVALID_ITEM");
  const write = { ...sent };
  if (unstamped || fault === "stamped-on-receipt") {
    if (unstamped && server.claims[of] === sent.$id && fault !== "claim-not-kept")
      return { write: sent, row: server.rows[of]!, code: null, serverTime: server.now };
    // ORD-012
    write.updatedAt = Math.max(server.now, (stored?.updatedAt ?? -1) + 1);
    server.claims[of] = sent.$id;
  }
  // ORD-014
  const ahead = write.updatedAt > server.now + skew && write.updatedAt > (stored?.updatedAt ?? -1) + 1;
  if (ahead) return refuse("CLOCK_SKEW");
  note(world, of, write);
  let outcome = judge(stored, write);
  if (fault === "arrival-order-wins" && outcome === "superseded") outcome = "applied";
  if (fault === "duplicate-counts-again" && outcome === "duplicate") outcome = "applied";
  if (fault === "tie-kept-local" && stored?.updatedAt === write.updatedAt) outcome = "superseded";
  if (outcome === "applied") store(world, of, write);
  else if (outcome === "superseded") beaten(world, of, write, stored!);
  world.$open = world.$open.filter((id) => id !== write.$id);
  return { write: sent, row: server.rows[of]!, code: null, serverTime: server.now };
}

function store(world: World, of: number, { updatedAt, deleted, checksum, $id, $after }: Write): void {
  const { server } = world;
  if (server.$after[of] === $id)
    world.$alarm = `write ${$id} of ${entity(of)} replaced the same device's later ${server.$ids[of]}`;
  server.head++;
  server.rows[of] = { updatedAt, deleted, checksum, seq: server.head };
  server.$ids[of] = $id;
  server.$after[of] = $after;
  world.$effects.push($id);
}

/** Writes follow reads, and one's own writes follow each other (CLI-002, CLI-022). */
function beaten(world: World, of: number, write: Write, stored: Row): void {
  if (stored.seq <= write.$over)
    world.$alarm = `write ${write.$id} of ${entity(of)} lost against seq ${stored.seq}, which its writer had been shown`;
  if (world.server.$ids[of] === write.$after)
    world.$alarm = `write ${write.$id} of ${entity(of)} lost against the same device's earlier ${write.$after}`;
}

function note(world: World, of: number, { updatedAt, deleted, checksum }: Stamp): void {
  const greatest = world.$greatest[of];
  const stamp = { updatedAt, deleted, checksum };
  if (greatest === null || greatest === undefined || compareStamps(stamp, greatest) > 0)
    world.$greatest[of] = stamp;
}

/** A pull is read in one moment; how pages are walked is searched in pull/. */
export function read(world: World, to: number, fault?: OutboxFault): void {
  const { rows, head, now } = world.server;
  const cursor = world.devices[to]!.cursor;
  const full = cursor === null;
  // PULL-001, PULL-002, PULL-007
  const due = (row: Row): boolean =>
    full
      ? !row.deleted || (row.updatedAt > now && fault !== "full-pull-without-later-deletions")
      : row.seq > cursor;
  world.pages.push({
    to,
    full,
    rows: rows.flatMap((row, of) => (row !== null && due(row) ? [{ of, row }] : [])),
    through: head,
    timestamp: now,
    $held: rows.map((row) => row?.seq ?? 0),
  });
}

import { memberOf } from "../../schemas/collections.ts";
import type { EntityType } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import type { ClientContext } from "../client-check.ts";
import type { App } from "./app.ts";
import { loseRequest, refusal } from "../simulator/faults.ts";
import type { SeenRequest, SentItem } from "../simulator/seen.ts";
import { idOf, isWrite, itemsOf, sinceOf } from "../simulator/seen.ts";
import type { Simulator } from "../simulator/simulator.ts";
import { NotApplicable, TimingFailure } from "../verdict.ts";
import type { PullBody, Result } from "../wire/shapes.ts";

/** Whether a request is a push or batch; with ids, whether it carries one of these entities. */
export function writing(...ids: string[]): (seen: SeenRequest) => boolean {
  return (seen) => isWrite(seen) && (ids.length === 0 || itemsOf(seen).some(({ id }) => ids.includes(id)));
}

/** A page of a pull that the client was told as the server meant it. */
export interface PageTold {
  seen: SeenRequest;
  body: PullBody;
}

/** The pages that the client has been told, of requests that came after number `after`. */
export function pagesTold(simulator: Simulator, after = 0): PageTold[] {
  return simulator
    .calls("pull")
    .filter(({ n, fate, told }) => n > after && fate === "answered" && told?.status === 200)
    .map((seen) => ({ seen, body: bodyOf(seen) as PullBody }));
}

/** Whether the client was told the end of a full pull whose last page was asked for after request `after`. */
export function hasPulledInFull(simulator: Simulator, after: number): boolean {
  return pagesTold(simulator, after).some(({ body }) => body.through !== undefined);
}

/** The number of what was seen last. */
export function lastSeen(simulator: Simulator): number {
  return simulator.requests.at(-1)?.n ?? 0;
}

/** What a request was answered with, where the client was told that. */
export function bodyOf({ told }: SeenRequest): unknown {
  return told && told.body.length > 0
    ? (JSON.parse(new TextDecoder().decode(told.body)) as unknown)
    : undefined;
}

/** What the client was told of an entity in answer to a push or batch. */
export function resultOf(seen: SeenRequest, id: string): Result | undefined {
  if (seen.told?.status !== 200) return undefined;
  return (bodyOf(seen) as { results?: Result[] }).results?.find(({ entityId }) => entityId === id);
}

/** The instant of an item's stamp, Unix ms: `deletedAt` of a deletion, else `updatedAt`. */
export function stampOf({ item, deleted }: SentItem): number {
  const value = deleted ? item["deletedAt"] : (item["updatedAt"] ?? item["updated_at"]);
  return typeof value === "number" ? value : Date.parse(String(value));
}

/**
 * Keeps the server's news from the client: no pull comes through until the returned function is called. A client that will not push
 * before it has pulled is let through at last, after some attempts.
 */
export function withoutPulls(simulator: Simulator): () => void {
  return simulator.fault("pull", loseRequest, 5);
}

/** The server knows none of its cursors any more: only those of full pulls that begin from now on. Returns what ends that. */
export function expireCursors(
  simulator: Simulator,
  code: "CURSOR_EXPIRED" | "CURSOR_MISMATCH" = "CURSOR_EXPIRED",
): () => void {
  const [mark, good] = [lastSeen(simulator), new Set<string>()];
  const isExpired = (seen: SeenRequest): boolean => {
    if (seen.call !== "pull" || sinceOf(seen) === undefined) return false;
    for (const { seen: told, body } of pagesTold(simulator, mark))
      if (sinceOf(told) === undefined || good.has(String(sinceOf(told)))) good.add(body.syncToken);
    return !good.has(String(sinceOf(seen)));
  };
  return simulator.fault(isExpired, refusal(code), Infinity);
}

/**
 * Others write something of which the client hears by a full pull alone: from then on the server knows none of its cursors any more, and no
 * pull comes through meanwhile. Gives the number of the request that was seen last before.
 */
export async function tellInFullAlone(
  { simulator, waitFor }: Pick<ClientContext, "simulator" | "waitFor">,
  write: () => Promise<unknown>,
): Promise<number> {
  const letThrough = simulator.fault("pull", loseRequest, Infinity);
  await waitFor("the end of the pulls that are under way", () =>
    simulator.calls("pull").every(({ endedAt }) => endedAt !== undefined),
  );
  await write();
  const mark = lastSeen(simulator);
  expireCursors(simulator);
  letThrough();
  return mark;
}

/**
 * When to kill a client, in seconds of its time after something was sent to it: when it may not have come yet, at a time by chance, and
 * at the `last` when it has come.
 */
export function momentsToKill({ random }: Pick<ClientContext, "random">, last: number): readonly number[] {
  return [0, random() / 2, last];
}

/** Half a minute between two pulls (CLI-039), and some to spare. */
const KEEPING_UP_S = 70;
/** What a slow machine may take in addition. */
const SLACK_MS = 5_000;

/**
 * Whether something comes within so many seconds of the client's time: for what a client may do, and need not. `patient`: it has to, unless
 * another thing is in its way, so a slow machine is waited for.
 */
export async function comes(
  { pass }: Pick<ClientContext, "pass">,
  look: () => unknown,
  seconds: number,
  { patient = false }: { patient?: boolean } = {},
): Promise<boolean> {
  for (let waited = 0; waited < seconds; waited += 0.5) {
    if (await look()) return true;
    await pass(0.5);
  }
  const until = performance.now() + (patient ? SLACK_MS : 0);
  while (performance.now() < until) {
    if (await look()) return true;
    await pass(0.5);
  }
  return Boolean(await look());
}

/**
 * Another device writes an entity, and the client comes to show it: whatever it was told before of that type, it has taken in. False where
 * that takes longer than `seconds` of the client's time.
 */
export async function keepsUp(
  context: Pick<ClientContext, "pass" | "other" | "anItem">,
  app: App,
  {
    type = "logbook_entry",
    seconds = KEEPING_UP_S,
    item = context.anItem(type),
  }: { type?: EntityType; seconds?: number; item?: JsonObject } = {},
): Promise<boolean> {
  await context.other.push({ [memberOf(type)]: [item] });
  return comes(context, () => app.get(type, idOf(type, item)), seconds, { patient: true });
}

/** The same, where a client that does not keep up fails. */
export async function demandNews(
  context: Parameters<typeof keepsUp>[0],
  app: App,
  options: Parameters<typeof keepsUp>[2] = {},
): Promise<void> {
  if (await keepsUp(context, app, options)) return;
  throw new TimingFailure("what another device wrote did not come", {
    expected: "an entity that was written last, in the app",
    actual: `not within ${options.seconds ?? KEEPING_UP_S} s of the client's time`,
  });
}

/** Entries that a client was told before it was killed are listed in the end, for its cursor claims that it has them. */
export async function demandWhatWasTold(
  context: Pick<ClientContext, "pass" | "expect">,
  app: App,
  ids: readonly string[],
): Promise<void> {
  let there: unknown[] = [];
  const all = async (): Promise<boolean> => {
    there = (await app.list("logbook_entry")).map((item) => item["id"]);
    return ids.every((id) => there.includes(id));
  };
  await comes(context, all, 10, { patient: true });
  context.expect.equal(
    "entries, of those that were told before a kill, which are in the list in the end; the others the cursor claims to have",
    ids.filter((id) => there.includes(id)),
    ids,
  );
}

/** Ends the check: it needs a client that pulls while its push has no answer, as it must (CLI-039); whether it does is for another to say. */
export function pullsNothing({ inconclusive }: Pick<ClientContext, "inconclusive">): never {
  return inconclusive(
    "the client pulls nothing while a push of its has no answer, though it must: see CLI-039/while-a-push-waits",
  );
}

/** Ends the check: a conforming client need not come into its situation, and this one does not. */
export function notItsWay(what: string): never {
  throw new NotApplicable(`${what}, as it may: what is checked here never happens to it`);
}

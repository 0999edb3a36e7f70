import { memberOf } from "../../schemas/collections.ts";
import type { EntityType } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import type { ClientContext } from "../client-check.ts";
import { Dice } from "../histories/dice.ts";
import * as faults from "../simulator/faults.ts";
import type { Fault } from "../simulator/faults.ts";
import { idOf, isWrite } from "../simulator/seen.ts";
import type { Simulator } from "../simulator/simulator.ts";
import type { App } from "./app.ts";
import type { Carried, Edit, Listed, Lived } from "./life-history.ts";
import { entityOf, MARK, markOf } from "./life-history.ts";
import { comes, keepsUp } from "./situations.ts";

const TYPES = ["goal", "logbook_entry", "repertoire_item"] as const satisfies readonly EntityType[];
const STEPS = 36;
/** Devices of the user that are clients under test. The first has a socket, where it can. */
const APPS = 2;

/** A life that is over: everything was healed, and nothing waits any more. */
export interface Life extends Lived {
  /** Those that a client's call resolved for, in that order; the client by its place. */
  edits: (Edit & { app: number })[];
  lists: Listed[];
  elsewhere: Carried[];
  /** Clients that, in the end, do not show what was written last, and may come to do so yet. */
  late: string[];
  /** Entities that were written at the end, to see whether a client keeps up: no part of it. */
  fences: Set<string>;
  /** Writes that the server judged, and whose client was not told of it. */
  untold: number;
}

/** While it lasts. */
type Living = Pick<Life, "edits" | "lists" | "elsewhere" | "late" | "fences">;

/** Of one request, for whoever gives up at all. */
const ENOUGH_FAILURES = 4;

function failedWrites(simulator: Simulator): number {
  return simulator.calls("push", "batch").filter(({ told }) => told !== undefined && told.status >= 500)
    .length;
}

/**
 * Two clients and another device of one user do random things to the same entities while answers are lost, delayed, spoilt and refused, the network
 * comes and goes, and, where `kills`, clients are killed; then everything is healed, and comes to rest.
 */
export async function live(
  context: ClientContext,
  { kills, earlier }: { kills: boolean; earlier: readonly Life[] },
): Promise<Life> {
  const { open, simulator, other, offers, anItem, aDeletion, waitFor, unique } = context;
  const dice = new Dice(() => context.random());
  const fences = new Set(earlier.flatMap((one) => [...one.fences]));
  const life: Living = { edits: [], lists: [], elsewhere: [], late: [], fences };
  const apps: App[] = [];
  const names: string[] = [];
  let starts = 1;
  for (let n = 0; n < APPS; n += 1) {
    apps.push(await open({ realtime: offers.realtime === true && n === 0 }));
    names.push(`client ${earlier.length * APPS + n + 1}`);
  }
  const edited = async (n: number, entity: string, mark: string | null, call: () => Promise<boolean>) => {
    const began = performance.now();
    if (await call()) life.edits.push({ app: n, device: names[n]!, entity, mark, began });
  };

  const marked = (type: EntityType, id?: string): JsonObject => ({
    ...anItem(type),
    ...(id === undefined ? {} : type === "repertoire_item" ? { scoreId: id } : { id }),
    [MARK[type as keyof typeof MARK]]: unique("mark"),
  });
  const everything = async () =>
    (await other.pullAll()).final.filter((row) => !fences.has(entityOf(row.entityType, row.entityId)));
  const visible = async (app: App): Promise<[EntityType, string] | undefined> => {
    const type = dice.pick(TYPES);
    const items = await listed(life, names[apps.indexOf(app)]!, app, [type]);
    return items.length === 0 ? undefined : [type, dice.pick(items).id];
  };
  const acts: Record<string, (n: number) => Promise<unknown>> = {
    async create(n) {
      const type = dice.pick(TYPES);
      const item = marked(type);
      const began = performance.now();
      const id = await apps[n]!.create(type, item);
      const entity = entityOf(type, id);
      life.edits.push({ app: n, device: names[n]!, entity, mark: markOf(type, item), began });
    },
    async update(n) {
      const [type, id] = (await visible(apps[n]!)) ?? [];
      if (type === undefined || id === undefined) return acts["create"]!(n);
      const mark = unique("mark");
      const patch = { [MARK[type as keyof typeof MARK]]: mark };
      // What was deleted elsewhere since then is not there to be edited.
      return edited(n, entityOf(type, id), mark, () => accepted(apps[n]!, apps[n]!.update(type, id, patch)));
    },
    async delete(n) {
      const [type, id] = (await visible(apps[n]!)) ?? [];
      if (type === undefined || id === undefined) return;
      await edited(n, entityOf(type, id), null, () => accepted(apps[n]!, apps[n]!.delete(type, id)));
    },
    // Its clock is right, as the clients' are: the later write is the later one.
    async elsewhere() {
      const row = dice.pick([undefined, ...(await everything()).filter(({ item }) => item !== null)]);
      const type = row?.entityType ?? "goal";
      const updatedAt = context.at();
      const deletion =
        row && dice.chance(0.3) ? aDeletion(row.entityId, { deletedAt: updatedAt }) : undefined;
      const item = deletion ?? { ...marked(type, row?.entityId), updatedAt };
      const began = performance.now();
      const { results } = (await other.push({ [memberOf(type)]: [item] })).body;
      const [entity, mark] = [entityOf(type, idOf(type, item)), deletion ? null : markOf(type, item)];
      const items = [{ entity, mark, updatedAt: Date.parse(updatedAt), result: results[0] }];
      const ended = performance.now();
      life.elsewhere.push({ device: "another device", channel: "push", began, ended, items });
    },
    // Most of them for the call that they hurt most.
    async fault() {
      const which = dice.chance(0.7) ? isWrite : dice.chance(0.5) ? "pull" : () => true;
      simulator.fault(which, dice.pick(FAULTS)(), 1 + dice.below(2));
    },
    // What arrived, and nobody knows it, is what most goes wrong about.
    async untold(n) {
      simulator.fault(isWrite, faults.loseAnswer, 1 + dice.below(2));
      await acts["update"]!(n);
    },
    async struck(n) {
      simulator.fault(isWrite, dice.pick([faults.loseRequest, faults.refusal("INTERNAL"), faults.html]), 4);
      await acts["update"]!(n);
      await context.pass(dice.below(12));
    },
    async cut() {
      simulator.cutNetwork();
    },
    async restore() {
      simulator.restoreNetwork();
    },
    async socket() {
      const socket = simulator.socket;
      if (dice.chance(0.5)) socket?.cut();
      else socket?.close(1012);
    },
    async restart() {
      simulator.model.restart();
    },
    async wait() {
      await context.pass(dice.below(20) / 10);
    },
    async kill(n) {
      await apps[n]!.kill();
      apps[n] = await apps[n]!.reopen({ caughtUp: false });
      // What it had shown and not stored yet it may show again.
      names[n] = `${names[n]!.split(",")[0]}, start ${(starts += 1)}`;
    },
    async killAfterAWrite(n) {
      await acts["create"]!(n);
      await acts["kill"]!(n);
    },
    async killAmidAPull(n) {
      for (let count = 2 + dice.below(3); count > 0; count -= 1) await acts["elsewhere"]!(n);
      const asked = simulator.requests.length;
      if (offers.verbs.includes("pull")) void apps[n]!.pull().catch(() => {});
      const pulled = (): boolean =>
        simulator.requests.slice(asked).some(({ call, told }) => call === "pull" && told !== undefined);
      for (let waited = 0; waited < 20 && !pulled(); waited += 1) await context.pass(0.1);
      await acts["kill"]!(n);
    },
  };
  const words = Object.entries({
    create: 4,
    update: 7,
    delete: 2,
    elsewhere: 5,
    fault: 4,
    untold: 4,
    struck: 2,
    cut: 1,
    restore: 2,
    socket: 1,
    restart: 1,
    wait: 3,
    ...(kills ? { killAfterAWrite: 1, killAmidAPull: 1 } : {}),
  }).flatMap(([name, weight]) => Array.from({ length: weight }, () => name));
  // A life in which no answer is lost says nothing. The last has no socket that could carry its write.
  await acts["untold"]!(APPS - 1);
  await waitFor("a push", () =>
    simulator.calls("push", "batch").some(({ endedAt }) => endedAt !== undefined),
  );
  for (let step = 0; step < STEPS; step += 1) await acts[dice.pick(words)]!(dice.below(APPS));

  simulator.heal();
  simulator.restoreNetwork();
  // A request that fails again and again is what a client gives up, if any; now, as no later write makes up for it.
  const before = failedWrites(simulator);
  simulator.fault(isWrite, faults.refusal("INTERNAL"), ENOUGH_FAILURES);
  await acts["create"]!(APPS - 1);
  const failed = (): boolean => failedWrites(simulator) >= before + ENOUGH_FAILURES;
  // Whose attempts end before that is judged by what they cost.
  await waitFor("attempts that fail, one after the other", failed, { seconds: 120 }).catch(() => {});
  simulator.heal();
  // At the end once more: what is lost now, nothing that comes later can make good.
  if (kills)
    for (const n of apps.keys()) {
      await acts["killAfterAWrite"]!(n);
      await acts["killAmidAPull"]!(n);
    }
  for (const app of apps)
    await waitFor(
      "an outbox that is empty once everything works again",
      async () => (await app.pendingCount()) === 0,
      {
        seconds: 300,
      },
    );
  const began = performance.now();
  const rows = await everything();
  const stored = { began, ended: performance.now(), metas: rows.map(({ meta }) => meta) };
  const untold = simulator
    .calls("push", "batch")
    .filter(({ answer, told }) => answer?.status === 200 && told !== answer).length;
  const there = new Map(
    rows.flatMap(({ entityType, entityId, item }) =>
      item ? [[entityOf(entityType, entityId), markOf(entityType, item)]] : [],
    ),
  );
  for (const [n, app] of apps.entries()) await atRest(context, life, names[n]!, app, there);
  return { ...life, stored, untold };
}

/** What a client lists of these types, noted down. */
async function listed(
  { lists, fences }: Living,
  device: string,
  app: App,
  types: readonly EntityType[],
): Promise<(Listed["items"][number] & { id: string })[]> {
  const began = performance.now();
  const items: Awaited<ReturnType<typeof listed>> = [];
  for (const type of types)
    for (const item of await app.list(type)) {
      const id = idOf(type, item);
      const entity = entityOf(type, id);
      if (!fences.has(entity)) items.push({ id, entity, mark: markOf(type, item) });
    }
  lists.push({ device, began, ended: performance.now(), items });
  return items;
}

/** Notes what a client lists once that is what the server has, or when it has had time enough for that. */
async function atRest(
  context: ClientContext,
  life: Living,
  device: string,
  app: App,
  stored: ReadonlyMap<string, string>,
): Promise<void> {
  const before = life.lists.length;
  const look = async (): Promise<boolean> => {
    // Of all these, one is enough.
    life.lists.splice(before);
    const items = await listed(life, device, app, TYPES);
    return items.length === stored.size && items.every(({ entity, mark }) => stored.get(entity) === mark);
  };
  const same = await context.waitFor("the same everywhere", look, { seconds: 120 }).catch(() => false);
  if (!same) {
    // Whoever shows what is written now has been told all that came before it.
    const entry = context.anEntry();
    life.fences.add(entityOf("logbook_entry", String(entry["id"])));
    if (!(await keepsUp(context, app, { item: entry }))) life.late.push(device);
    // What was live may come before the catch-up that was under way has been taken in.
    await comes(context, look, 10, { patient: true });
  }
  // Whoever is late has not come to rest.
  life.lists.at(-1)!.final = !life.late.includes(device);
}

const accepted = async (app: App, call: Promise<void>): Promise<boolean> => !(await app.rejects(call));

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));
const FAULTS: readonly (() => Fault)[] = [
  () => faults.loseRequest,
  () => faults.loseAnswer,
  () => faults.duplicate,
  () => ({ do: "delay-answer", until: later() }),
  () => ({ do: "delay-request", until: later() }),
  () => faults.refusal("INTERNAL"),
  () => faults.refusal("UNAVAILABLE", { retryAfter: 1 }),
  () => faults.refusal("RATE_LIMITED", { retryAfter: 2 }),
  () => faults.refusal("IDEMPOTENCY_IN_FLIGHT", { retryAfter: 1 }),
  () => faults.html,
  () => faults.truncated,
];

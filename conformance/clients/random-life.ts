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
import { comes, keepsUp } from "./situations.ts";

const TYPES = ["goal", "logbook_entry", "repertoire_item"] as const satisfies readonly EntityType[];
/** Which member of an item tells one write from all others. */
const MARK: Record<(typeof TYPES)[number], string> = {
  goal: "title",
  logbook_entry: "notes",
  repertoire_item: "title",
};
const STEPS = 36;
/** Devices of the user that are clients under test. The first has a socket, where it can. */
const APPS = 2;

/** A write that a client's call resolved for. */
export interface LocalWrite {
  app: number;
  type: EntityType;
  id: string;
  /** Unlike any other; null: a deletion. */
  mark: string | null;
}

/** A life that is over: everything was healed, and nothing waits any more. */
export interface Life {
  /** In the order in which the calls resolved. */
  writes: LocalWrite[];
  /** What each client shows in the end: mark by entity. `keptUp`: it shows, too, what was written after all that. */
  shown: { marks: Map<string, string>; keptUp: boolean }[];
  /** What the server has in the end. */
  stored: Map<string, string>;
  /** Writes that the server judged, and whose client was not told of it. */
  untold: number;
}

/** Of one request, for whoever gives up at all. */
const ENOUGH_FAILURES = 4;

function failedWrites(simulator: Simulator): number {
  return simulator.calls("push", "batch").filter(({ told }) => told !== undefined && told.status >= 500)
    .length;
}

export const entityOf = (type: string, id: string): string => `${type} ${id}`;

/** The write that an item shows. */
export function markOf(type: EntityType, item: JsonObject): string {
  return String(item[MARK[type as keyof typeof MARK]]);
}

/**
 * Two clients and another device of one user do random things to the same entities while answers are lost, delayed, spoilt and refused, the network
 * comes and goes, and, where `kills`, clients are killed; then everything is healed, and comes to rest.
 */
export async function live(context: ClientContext, { kills }: { kills: boolean }): Promise<Life> {
  const { open, simulator, other, offers, anItem, aDeletion, waitFor, unique } = context;
  const dice = new Dice(() => context.random());
  const life: Life = { writes: [], shown: [], stored: new Map(), untold: 0 };
  const apps: App[] = [];
  for (let n = 0; n < APPS; n += 1) apps.push(await open({ realtime: offers.realtime === true && n === 0 }));

  const marked = (type: EntityType, id?: string): JsonObject => ({
    ...anItem(type),
    ...(id === undefined ? {} : type === "repertoire_item" ? { scoreId: id } : { id }),
    [MARK[type as keyof typeof MARK]]: unique("mark"),
  });
  const visible = async (app: App): Promise<[EntityType, string] | undefined> => {
    const type = dice.pick(TYPES);
    const items = await app.list(type);
    return items.length === 0 ? undefined : [type, idOf(type, dice.pick(items))];
  };
  const acts: Record<string, (n: number) => Promise<unknown>> = {
    async create(n) {
      const type = dice.pick(TYPES);
      const item = marked(type);
      const id = await apps[n]!.create(type, item);
      life.writes.push({ app: n, type, id, mark: markOf(type, item) });
    },
    async update(n) {
      const [type, id] = (await visible(apps[n]!)) ?? [];
      if (type === undefined || id === undefined) return acts["create"]!(n);
      const mark = unique("mark");
      // What was deleted elsewhere since then is not there to be edited.
      if (!(await apps[n]!.rejects(apps[n]!.update(type, id, { [MARK[type as keyof typeof MARK]]: mark }))))
        life.writes.push({ app: n, type, id, mark });
      return undefined;
    },
    async delete(n) {
      const [type, id] = (await visible(apps[n]!)) ?? [];
      if (type === undefined || id === undefined) return;
      if (await apps[n]!.rejects(apps[n]!.delete(type, id))) return;
      life.writes.push({ app: n, type, id, mark: null });
    },
    // Its clock is right, as the clients' are: the later write is the later one.
    async elsewhere() {
      const row = dice.pick([
        undefined,
        ...(await other.pullAll()).final.filter(({ item }) => item !== null),
      ]);
      const type = row?.entityType ?? "goal";
      const item =
        row && dice.chance(0.3)
          ? aDeletion(row.entityId, { deletedAt: context.at() })
          : { ...marked(type, row?.entityId), updatedAt: context.at() };
      await other.push({ [memberOf(type)]: [item] });
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
  const rows = (await other.pullAll()).final;
  for (const { entityType, entityId, item } of rows)
    if (item) life.stored.set(entityOf(entityType, entityId), markOf(entityType, item));
  life.untold = simulator
    .calls("push", "batch")
    .filter(({ answer, told }) => answer?.status === 200 && told !== answer).length;
  for (const app of apps) life.shown.push(await atRest(context, app, life.stored));
  return life;
}

/** What a client shows once it shows what the server has, or when it has had time enough for that. */
async function atRest(
  context: ClientContext,
  app: App,
  stored: Life["stored"],
): Promise<Life["shown"][number]> {
  let shown = new Map<string, string>();
  let fence = "";
  const look = async (): Promise<boolean> => {
    shown = new Map();
    for (const type of TYPES)
      for (const item of await app.list(type))
        shown.set(entityOf(type, idOf(type, item)), markOf(type, item));
    shown.delete(fence);
    return shown.size === stored.size && [...stored].every(([entity, mark]) => shown.get(entity) === mark);
  };
  const same = await context.waitFor("the same everywhere", look, { seconds: 120 }).catch(() => false);
  if (same) return { marks: shown, keptUp: true };
  // Whoever shows what is written now has been told all that came before it.
  const entry = context.anEntry();
  fence = entityOf("logbook_entry", String(entry["id"]));
  const keptUp = await keepsUp(context, app, { item: entry });
  // What was live may come before the catch-up that was under way has been taken in.
  await comes(context, look, 10, { patient: true });
  return { marks: shown, keptUp };
}

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

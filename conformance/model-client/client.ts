import type { EntityType } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import { entityIdOf } from "../../spec/rules/entity-id.ts";
import { connect, poke, resume, takeToken } from "./conduct.ts";
import { leaderOf } from "./context.ts";
import type { Context } from "./context.ts";
import type { Outcome } from "./lane.ts";
import { newContext } from "./open.ts";
import type { ModelClientOptions } from "./open.ts";
import { entityKey } from "./store.ts";
import type { Settings } from "./store.ts";

/** A call of the client that was rejected. */
export class ClientError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export type ModelClient = ReturnType<typeof createModelClient>;

/** Opens a small client that follows the spec, and can be told to misbehave. @throws ClientError WRONG_USER */
export function createModelClient(options: ModelClientOptions) {
  const context = newContext(options);
  const { behaviour, store, life, tabs } = context;
  const token = options.token();
  if (token !== null && !behaviour.acceptsToken(context, token)) throw wrongUser();
  context.token = token;
  tabs.push(context);
  if (behaviour.leads(context)) context.lead();

  let closed = (): void => {};
  const closing = new Promise<never>((_, reject) => {
    closed = () => reject(new ClientError("CLOSED", "the client was closed; open another"));
  });
  closing.catch(() => {});
  /** Calls fail once the client is closed, those that wait included. */
  const whileOpen = <T>(work: () => T | Promise<T>): Promise<T> =>
    life.alive ? Promise.race([(async () => work())(), closing]) : closing;

  const idOf = (type: EntityType, id: string): string => store.aliases.get(entityKey(type, id)) ?? id;
  const seen = (type: EntityType, id: string): JsonObject => {
    const item = behaviour.visible(context, type, id);
    if (item === null) throw new ClientError("NOT_FOUND", `there is no ${type} ${id}; create it first`);
    return item;
  };
  const write = async (type: EntityType, id: string, item: JsonObject | null): Promise<void> => {
    const change = store.transaction(() => behaviour.makeChange(context, type, id, item));
    const queued = store.transaction(() => behaviour.enqueue(context, change));
    if (queued) await life.wait(queued);
    poke(context, change);
  };
  const vanish = (): void => {
    life.end();
    context.session?.stopHeartbeat();
    context.session?.socket.terminate();
  };
  const leave = (): void => {
    const led = behaviour.leads(context);
    tabs.splice(tabs.indexOf(context), 1);
    if (led && tabs[0]) tabs[0].lead();
    closed();
  };

  return {
    /** For tests: what it is made of. */
    context,

    create: (type: EntityType, item: JsonObject) =>
      whileOpen(async () => {
        const { id, item: named } = name(context, type, item);
        if (behaviour.visible(context, type, id) !== null)
          throw new ClientError("ALREADY_EXISTS", `there is a ${type} ${id} already; update it`);
        await write(type, id, named);
        return { id };
      }),

    update: (type: EntityType, sentId: string, patch: JsonObject) =>
      whileOpen(async () => {
        const id = idOf(type, sentId);
        const before = seen(type, id);
        const after = { ...before, ...patch };
        if (!behaviour.changesNothing(context, before, after)) await write(type, id, after);
      }),

    delete: (type: EntityType, sentId: string) =>
      whileOpen(async () => {
        const id = idOf(type, sentId);
        seen(type, id);
        await write(type, id, null);
      }),

    list: (type: EntityType) => whileOpen(() => ({ items: behaviour.list(context, type) })),
    pending: () => whileOpen(() => behaviour.pending(context)),
    deadLetters: () => whileOpen(() => ({ items: behaviour.deadLetters(context) })),

    retry: (type: EntityType, sentId: string) =>
      whileOpen(() => {
        const key = entityKey(type, idOf(type, sentId));
        const letter = store.dead.get(key);
        if (!letter) throw new ClientError("NOT_FOUND", `there is no dead letter of ${type} ${sentId}`);
        const change = behaviour.revive(context, letter.change);
        store.transaction(() => {
          store.dead.delete(key);
          store.changes.set(String(change.n), change);
        });
        leaderOf(context).lanes.push.due(0);
      }),

    discard: (type: EntityType, sentId: string) =>
      whileOpen(() => {
        const key = entityKey(type, idOf(type, sentId));
        if (!store.dead.has(key))
          throw new ClientError("NOT_FOUND", `there is no dead letter of ${type} ${sentId}`);
        store.transaction(() => store.dead.delete(key));
      }),

    status: () => whileOpen(() => ({ status: behaviour.status(context) })),

    report: () =>
      whileOpen(() => ({
        metrics: behaviour.metrics(context),
        health: behaviour.health(context),
        settings: { ...store.state.settings },
      })),

    configure: (change: Partial<Settings>) =>
      whileOpen(() => {
        const leader = leaderOf(context);
        const settings = behaviour.configured(context, change);
        if (
          typeof settings.realtime !== "boolean" ||
          !["never", "wifi-only", "always"].includes(settings.autoSync)
        )
          throw new ClientError(
            "INVALID_SETTING",
            "realtime is true or false, autoSync never, wifi-only or always",
          );
        store.transaction(() => store.put({ settings }));
        if (!behaviour.wantsSocket(leader)) leader.session?.socket.close(1000);
        else connect(leader);
        if (behaviour.syncsByItself(leader))
          for (const lane of [leader.lanes.push, leader.lanes.pull]) lane.due(0);
      }),

    flush: () =>
      whileOpen(async () => {
        const leader = leaderOf(context);
        leader.stopped = null;
        for (const carried of leader.session?.carried.values() ?? []) carried.overdue = true;
        expectDone(await life.wait(leader.lanes.push.runAnew()));
      }),

    pull: () =>
      whileOpen(async () => {
        const leader = leaderOf(context);
        leader.stopped = null;
        expectDone(await life.wait(leader.lanes.pull.runAnew()));
      }),

    connect: () => whileOpen(() => connect(leaderOf(context))),

    setToken: (next: string) =>
      whileOpen(() => {
        if (!behaviour.acceptsToken(context, next)) throw wrongUser();
        for (const tab of tabs) takeToken(tab, next);
      }),

    offline: () => whileOpen(() => behaviour.goOffline(leaderOf(context))),

    online: () =>
      whileOpen(() => {
        const leader = leaderOf(context);
        leader.online = true;
        leader.stopped = null;
        resume(leader, "online");
      }),

    signOut: () => whileOpen(() => tabs.forEach((tab) => behaviour.signOut(tab))),

    close: async () => {
      if (!life.alive) return;
      behaviour.close(context);
      leave();
    },

    /** What it runs in is loaded anew: it is gone as after a kill, but is told before, and other tabs go on. */
    reload: async () => {
      if (!life.alive) await closing;
      behaviour.farewell(context);
      vanish();
      leave();
    },

    sleep: (seconds: number) => whileOpen(() => life.sleep(seconds * 1_000, () => behaviour.woke(context))),

    /** Dies at once: nothing of it runs on, what is stored stays. */
    kill() {
      vanish();
      tabs.splice(tabs.indexOf(context), 1);
    },
  };
}

/** An item with the id that it has, or gets. */
function name(context: Context, type: EntityType, given: JsonObject): { id: string; item: JsonObject } {
  const own = ["updatedAt", "deletedAt"];
  const item = Object.fromEntries(Object.entries(given).filter(([member]) => !own.includes(member)));
  const members = type === "repertoire_item" ? ["scoreId", "score_id", "id"] : ["id"];
  const member = members.find((candidate) => typeof item[candidate] === "string");
  if (member !== undefined) return { id: item[member] as string, item };
  const id = (type === "repertoire_item" ? entityIdOf(type, item) : undefined) ?? context.unique();
  return { id, item: { ...item, [members[0]!]: id } };
}

function expectDone(outcome: Outcome): void {
  if (outcome.kind === "done") return;
  if (outcome.kind === "blocked" && outcome.why === "no-token")
    throw new ClientError("NO_TOKEN", "there is no token that is good; give another one");
  throw new ClientError("UNREACHABLE", `nothing is lost, the client tries again: ${outcome.why}`);
}

function wrongUser(): ClientError {
  return new ClientError("WRONG_USER", "the token is another user's; open a client for that user");
}

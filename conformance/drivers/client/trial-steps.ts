import type { AdapterVerb } from "../../../schemas/adapter-verbs.ts";
import { AdapterRefusal } from "./port.ts";
import { type Client, type Trial, Wrong } from "./trial.ts";

/** What is tried of an adapter, one thing after the other. */
interface Step {
  name: string;
  /** What must be declared for it; default: the verb of its name. */
  verbs?: AdapterVerb[];
  /** Why it is not tried. */
  unless?(trial: Trial): string | undefined;
  /** Returns what there is to tell. @throws Wrong, AdapterRefusal, CouldNotRun */
  run(trial: Trial, client: Client): Promise<string | void>;
}

const GONE =
  "keep all that the client knows below `storage`, and write it before `create` is answered; the same path again is the same device";

async function demandKept(client: Client, id: string, after: string): Promise<void> {
  if ((await client.get(id)) === undefined)
    throw new Wrong(`what was created before ${after} is not listed by a client on the same storage`, GONE);
}

/** A client must do this with an entity that has no dead letter; that it refuses is as good. */
async function orRefused(call: Promise<unknown>): Promise<string | void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof AdapterRefusal)) throw error;
    return `refused, for there is no dead letter: ${error.code}`;
  }
}

export const STEPS: readonly Step[] = [
  // Whoever tries a step has opened a client for it.
  { name: "open", run: async () => {} },
  {
    name: "create",
    async run(_, client) {
      const id = await client.create();
      if ((await client.create()) === id)
        throw new Wrong("two entities got the same id", "answer with the id of the entity that was made");
    },
  },
  {
    name: "list",
    async run(_, client) {
      const id = await client.create("to be listed");
      const item = await client.get(id);
      if (!item)
        throw new Wrong(
          "the entry that `create` made is not in it, under the id that `create` told",
          "list what the user sees, writes that were never sent included, each with its id (a repertoire item's is `scoreId`)",
        );
      if (item["notes"] !== "to be listed")
        throw new Wrong(
          "the entry that `create` made has lost its `notes`",
          "pass the item on as it is, members that you do not know included",
        );
    },
  },
  {
    name: "update",
    async run(_, client) {
      const id = await client.create("before");
      await client.ask("update", { type: "logbook_entry", id, patch: { notes: "after" } });
      const item = await client.get(id);
      if (item?.["notes"] !== "after" || item["duration"] !== 30)
        throw new Wrong(
          `notes are ${JSON.stringify(item?.["notes"])} and duration is ${JSON.stringify(item?.["duration"])}, not "after" and 30`,
          "set the members of `patch`, keep the others, and answer when the user sees it",
        );
    },
  },
  {
    name: "delete",
    async run(_, client) {
      const id = await client.create("to be deleted");
      await client.ask("delete", { type: "logbook_entry", id });
      if (await client.get(id))
        throw new Wrong("the entry is listed on", "answer when the user sees it no more");
    },
  },
  {
    name: "pending",
    async run(_, client) {
      await client.create();
      const { items, count } = await client.ask("pending", {});
      if (items.length !== count)
        throw new Wrong(
          `count is ${count}, and there are ${items.length} items`,
          "name each entity once, however many writes of it wait",
        );
      return `${count} just after a write`;
    },
  },
  { name: "dead-letters", run: async (_, client) => void (await client.ask("dead-letters", {})) },
  { name: "status", run: async (_, client) => (await client.ask("status", {})).status },
  {
    name: "the server is reached",
    verbs: [],
    async run(trial, client) {
      const { simulator } = trial;
      const id = await client.create("to be sent");
      if (await trial.eventually(() => simulator.writesOf(id).length > 0)) {
        if (simulator.sockets.length === 0) return;
        throw new Wrong(
          "with `realtime: false` it asked for a WebSocket",
          "pass `realtime` on to the client: false means HTTP alone",
        );
      }
      const [last] = simulator.requests.toReversed();
      if (!last)
        throw new Wrong(
          "no request came to the server",
          "pass `url` on to the client, and let it sync by itself; a proxy must not be in between",
        );
      throw new Wrong(
        `an entry was created, and no push brought it to the server (the last request was ${last.request.method} ${last.request.path}, answered with ${last.answer?.status ?? "nothing"})`,
        "pass `token` on to the client, and let it sync by itself as in an app",
      );
    },
  },
  {
    name: "flush",
    async run({ simulator }, client) {
      const { id } = await client.ask("create", { type: "goal", item: { title: "to be flushed" } });
      await client.ask("flush", {});
      if (simulator.writesOf(id).length === 0)
        throw new Wrong(
          "it was answered before what waited had been sent",
          "answer when the server has answered for all that waited, or with an error",
        );
    },
  },
  {
    name: "pull",
    async run(trial, client) {
      await trial.otherWrites("trial-pulled");
      await client.ask("pull", {});
      if (!(await client.get("trial-pulled")))
        throw new Wrong(
          "an entry of another device is not listed after it",
          "answer when all that is new has been read, or with an error",
        );
    },
  },
  { name: "retry", run: async (_, client) => orRefused(client.ask("retry", NO_LETTER)) },
  { name: "discard", run: async (_, client) => orRefused(client.ask("discard", NO_LETTER)) },
  {
    name: "report",
    async run(_, client) {
      const parts = Object.keys(await client.ask("report", {}));
      return parts.length === 0 ? "tells nothing" : parts.join(", ");
    },
  },
  {
    name: "configure",
    async run({ subject }, client) {
      await client.ask("configure", { settings: { notifications: "none" } });
      if (!subject.capabilities.verbs.includes("report")) return;
      const { settings } = await client.ask("report", {});
      if (settings !== undefined && settings["notifications"] !== "none")
        throw new Wrong("a report shows the setting as it was before", "answer when the setting counts");
    },
  },
  { name: "connect", run: async (_, client) => void (await client.ask("connect", {})) },
  { name: "offline", run: async (_, client) => void (await client.ask("offline", {})) },
  { name: "online", run: async (_, client) => void (await client.ask("online", {})) },
  {
    name: "set-token",
    run: async (trial, client) => void (await client.ask("set-token", { token: trial.token() })),
  },
  {
    name: "close",
    async run(trial, client) {
      const id = await client.create("to be kept");
      await client.ask("close", {});
      await demandKept(await trial.open({ storage: client.storage, beside: client }), id, "`close`");
    },
  },
  {
    name: "reload",
    async run(trial) {
      const client = await trial.open();
      const id = await client.create("to be kept");
      await client.ask("reload", {});
      await demandKept(await trial.open({ storage: client.storage, beside: client }), id, "`reload`");
      return "what was created before is there again";
    },
  },
  {
    name: "sleep",
    async run({ secondMs }, client) {
      const began = performance.now();
      await client.ask("sleep", { seconds: 2 });
      const took = performance.now() - began;
      // Timers may be a millisecond early.
      if (took < 2 * secondMs - 5)
        throw new Wrong(
          `it was answered after ${took.toFixed(0)} ms, and 2 seconds of the client's time take ${2 * secondMs} ms`,
          "answer when the client is awake again",
        );
    },
  },
  {
    name: "sign-out",
    run: async (trial) => void (await (await trial.open()).ask("sign-out", {})),
  },
  {
    name: "a kill",
    verbs: [],
    async run(trial) {
      const client = await trial.open({ alone: true });
      const id = await client.create("to be kept");
      await client.host.kill();
      await demandKept(await trial.open({ storage: client.storage, alone: true }), id, "a kill");
      return "what was created before is there again";
    },
  },
  {
    name: "clients",
    verbs: [],
    unless: ({ subject }) =>
      (subject.capabilities.clients ?? 1) > 1
        ? undefined
        : "one client a process; several make a run quicker",
    async run(trial, client) {
      const other = await trial.open({ beside: client });
      const id = await client.create("of one client");
      // By the server it may come to the other; before that, only by a mix-up.
      if ((await other.get(id)) && trial.simulator.writesOf(id).length === 0)
        throw new Wrong(
          "one client lists at once what was created in another, on another storage",
          "keep nothing that clients share, or declare one client a process",
        );
      return `${trial.subject.capabilities.clients} a process`;
    },
  },
  {
    name: "timing",
    verbs: [],
    unless: ({ subject }) =>
      subject.capabilities.timing === true
        ? undefined
        : "`secondMs` is not heeded: every check takes its real time, half an hour and more",
    async run(trial) {
      const client = await trial.open();
      const began = performance.now();
      const { id } = await client.ask("create", { type: "goal", item: { title: "to be sent in time" } });
      if (await trial.eventually(() => trial.simulator.writesOf(id).length > 0, 30)) return;
      throw new Wrong(
        `a goal did not go out within ${Math.round(performance.now() - began)} ms, though a second of the client's own waiting is to take ${trial.secondMs} ms and 30 of them must do`,
        "multiply each of the client's own intervals by secondMs / 1000, or do not declare `timing`",
      );
    },
  },
  {
    name: "realtime",
    verbs: [],
    unless: ({ subject }) =>
      subject.capabilities.realtime === true ? undefined : "no WebSockets: checks of them are not applicable",
    async run(trial) {
      const before = trial.simulator.sockets.length;
      await trial.open({ realtime: true });
      if (
        await trial.eventually(() =>
          trial.simulator.sockets.slice(before).some(({ state }) => state === "open"),
        )
      )
        return;
      throw new Wrong(
        trial.simulator.sockets.length > before
          ? "with `realtime: true` it asked for a WebSocket, which was refused"
          : "with `realtime: true` it did not ask for a WebSocket",
        "connect to /sync/ws?userId=<user> below `url`, with the token as the specification has it",
      );
    },
  },
  {
    name: "tabs",
    verbs: [],
    unless: ({ subject }) =>
      subject.capabilities.tabs === true
        ? undefined
        : "clients on one `storage` do not share it: checks of tabs are not applicable",
    async run(trial) {
      const one = await trial.open();
      const other = await trial.open({ storage: one.storage, beside: one });
      const id = await one.create("in one tab");
      if (!(await trial.eventually(async () => (await other.get(id)) !== undefined)))
        throw new Wrong(
          "what was created in one tab is not listed in another",
          "let clients that are opened on one `storage` share it, or do not declare `tabs`",
        );
    },
  },
];

const NO_LETTER = { type: "logbook_entry", id: "trial-no-dead-letter" } as const;

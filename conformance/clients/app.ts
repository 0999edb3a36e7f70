import type { AdapterVerb } from "../../schemas/adapter-verbs.ts";
import type { Answer, Params } from "../../schemas/adapter.ts";
import type { EntityType } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import { AdapterRefusal } from "../drivers/client/port.ts";
import type { AdapterHost } from "../drivers/client/port.ts";
import { idOf } from "../simulator/seen.ts";
import { CheckFailure } from "../verdict.ts";

export interface OpenOptions {
  /** Opens a WebSocket, too; default: HTTP alone. */
  realtime?: boolean;
  /** False: does not wait until it has caught up. */
  caughtUp?: boolean;
  /** Whose; default: the check's user. */
  user?: string;
  /** Default: a good one of that user. */
  token?: string;
  /** Default: its own. */
  storage?: string;
  /** In the process, or page, of this one; default: one of its own where it may be killed, or any. */
  beside?: App;
}

/** What an app is opened with, complete. */
export interface Opening extends Omit<Params<"open">, "client"> {
  caughtUp: boolean;
}

/** The item as the user sees it. */
export type Item = JsonObject;

interface AppOptions {
  host: AdapterHost;
  /** The name that it goes by in its host. */
  client: string;
  opening: Opening;
  reopen(opening: Opening, app: App): Promise<App>;
  /** How long the client took to tell what it knows, in ms. */
  took(ms: number): void;
  /** What is asked and answered. */
  log(direction: "sent" | "received", text: string): void;
}

/** They change nothing, and are asked while something is waited for. */
const READING = new Set<AdapterVerb>(["list", "pending", "dead-letters", "status", "report"]);

/** The client rejected what no conforming one does. */
class Unfounded extends CheckFailure {}

/** One client under test, asked through its adapter. Verbs reject with AdapterRefusal where the client rejects the call. */
export class App {
  readonly #options: AppOptions;
  /** The last answer to each question. */
  readonly #told = new Map<string, string>();
  /** What it made. */
  readonly #own = new Set<string>();
  /** Those that it was given. */
  readonly tokens: Set<string>;
  /** Its host was killed. */
  killed = false;

  constructor(options: AppOptions) {
    this.#options = options;
    this.tokens = new Set([options.opening.token]);
  }

  get opening(): Opening {
    return this.#options.opening;
  }

  get host(): AdapterHost {
    return this.#options.host;
  }

  get user(): string {
    return this.opening.user;
  }

  /** Opens it; once, by whoever made it. */
  async open(): Promise<void> {
    const { caughtUp: _, ...params } = this.opening;
    await this.#ask("open", params);
  }

  /** Resolves to the new entity's id. A stamp in the item is left out: it is the client's own affair. */
  async create(type: EntityType, item: Item): Promise<string> {
    const { id } = await this.#ask("create", { type, item: unstamped(item) });
    this.#own.add(`${type} ${id}`);
    return id;
  }

  async update(type: EntityType, id: string, patch: Item): Promise<void> {
    await this.#change("the edit", type, id, this.#ask("update", { type, id, patch: unstamped(patch) }));
  }

  async delete(type: EntityType, id: string): Promise<void> {
    await this.#change("the deletion", type, id, this.#ask("delete", { type, id }));
  }

  async list(type: EntityType): Promise<Item[]> {
    return (await this.#ask("list", { type })).items as Item[];
  }

  /** The entity as a list shows it, or undefined. */
  async get(type: EntityType, id: string): Promise<Item | undefined> {
    return (await this.list(type)).find((item) => idOf(type, item) === id);
  }

  /** Without what else its adapter may say of each. */
  async pending(): Promise<Answer<"pending">["items"]> {
    return (await this.#ask("pending", {})).items.map(({ type, id }) => ({ type, id }));
  }

  async pendingCount(): Promise<number> {
    return (await this.#ask("pending", {})).count;
  }

  async deadLetters(): Promise<Answer<"dead-letters">["items"]> {
    return (await this.#ask("dead-letters", {})).items;
  }

  /** Of a dead letter that it lists. */
  async retry(type: EntityType, id: string): Promise<void> {
    await this.accepts(`retrying the dead letter of ${type} ${id}`, this.#ask("retry", { type, id }));
  }

  /** Of a dead letter that it lists. */
  async discard(type: EntityType, id: string): Promise<void> {
    await this.accepts(`dropping the dead letter of ${type} ${id}`, this.#ask("discard", { type, id }));
  }

  async status(): Promise<Answer<"status">["status"]> {
    return (await this.#ask("status", {})).status;
  }

  report(): Promise<Answer<"report">> {
    return this.#ask("report", {});
  }

  async configure(settings: JsonObject): Promise<void> {
    await this.accepts(`the setting ${JSON.stringify(settings)}`, this.#ask("configure", { settings }));
  }

  async flush(): Promise<void> {
    await this.#ask("flush", {});
  }

  async pull(): Promise<void> {
    await this.#ask("pull", {});
  }

  async connect(): Promise<void> {
    await this.#ask("connect", {});
  }

  async setToken(token: string): Promise<void> {
    this.tokens.add(token);
    await this.#ask("set-token", { token });
  }

  /** The platform says that there is no network: a hint, no more. */
  async offline(): Promise<void> {
    await this.#ask("offline", {});
  }

  async online(): Promise<void> {
    await this.#ask("online", {});
  }

  /** What it runs in is loaded anew, and it is gone; {@link reopen} starts it there again. */
  async reload(): Promise<void> {
    await this.#ask("reload", {});
  }

  /** Frozen for so many seconds of its own time. Resolves when it is awake. */
  async sleep(seconds: number): Promise<void> {
    await this.#ask("sleep", { seconds });
  }

  async signOut(): Promise<void> {
    await this.#ask("sign-out", {});
  }

  async close(): Promise<void> {
    await this.#ask("close", {});
  }

  /** SIGKILL: nothing that runs in its process goes on. */
  async kill(): Promise<void> {
    this.killed = true;
    await this.host.kill();
  }

  /** A client on the same storage, after this one was closed, killed or reloaded. */
  reopen(change: Partial<Opening> = {}): Promise<App> {
    return this.#options.reopen({ ...this.opening, ...change }, this);
  }

  /** A write that no conforming client rejects: the check fails where it is. */
  async accepts<T>(what: string, write: Promise<T>): Promise<T> {
    try {
      return await write;
    } catch (error) {
      if (!(error instanceof AdapterRefusal)) throw error;
      throw new Unfounded(`${what} was rejected`, { expected: "done", actual: error.message });
    }
  }

  /** Whether a call is rejected by the client. */
  async rejects(call: Promise<unknown>): Promise<boolean> {
    try {
      await call;
      return false;
    } catch (error) {
      if (!(error instanceof AdapterRefusal || error instanceof Unfounded)) throw error;
      return true;
    }
  }

  async #change(what: string, type: EntityType, id: string, change: Promise<unknown>): Promise<void> {
    try {
      await change;
    } catch (error) {
      if (!(error instanceof AdapterRefusal) || !this.#own.has(`${type} ${id}`)) throw error;
      // What another device deleted meanwhile is not there to be changed.
      const shown = await this.get(type, id).catch(() => undefined);
      if (shown === undefined) throw error;
      throw new Unfounded(`${what} of ${type} ${id} was rejected, which this client made, and lists`, {
        expected: "done",
        actual: error.message,
      });
    }
  }

  async #ask<V extends AdapterVerb>(verb: V, params: Omit<Params<V>, "client">): Promise<Answer<V>> {
    const { host, client, log, took } = this.#options;
    const asked = JSON.stringify({ verb, params: { client, ...params } });
    const reads = READING.has(verb);
    if (!reads) log("sent", asked);
    const answered = (text: string): void => {
      // Asked again and again until the answer is another one: the same is told once.
      if (reads && this.#told.get(asked) === text) return;
      if (reads) log("sent", asked);
      this.#told.set(asked, text);
      log("received", text);
    };
    const began = performance.now();
    try {
      const answer = await host.ask(verb, { client, ...params });
      if (reads) took(performance.now() - began);
      answered(JSON.stringify(answer));
      return answer;
    } catch (error) {
      answered(String(error));
      throw error;
    }
  }
}

function unstamped(item: Item): Item {
  return Object.fromEntries(Object.entries(item).filter(([name]) => name !== "updatedAt"));
}

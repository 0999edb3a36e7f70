import { randomUUID } from "node:crypto";
import { ADAPTER_PROTOCOL, ADAPTER_VERBS } from "../../../schemas/adapter-verbs.ts";
import type { AdapterVerb } from "../../../schemas/adapter-verbs.ts";
import type { Answer, Capabilities, Params } from "../../../schemas/adapter.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { conformingClient } from "../../model-client/behaviour.ts";
import { ClientError, createModelClient } from "../../model-client/client.ts";
import type { ModelClient } from "../../model-client/client.ts";
import type { Context } from "../../model-client/context.ts";
import type { ClientMutant } from "../../model-client/mutant.ts";
import { Store } from "../../model-client/store.ts";
import type { Settings } from "../../model-client/store.ts";
import { CouldNotRun, HarnessError } from "../../verdict.ts";
import type { Dial } from "../socket.ts";
import type { Transport } from "../transport.ts";
import { AdapterRefusal } from "./port.ts";
import type { AdapterHost, ClientSubject } from "./port.ts";

export interface ModelClientSubjectOptions {
  mutant?: ClientMutant | undefined;
  /** Whether the user's writes go over the socket, too. */
  socketMutations?: boolean;
  /** Whether edits of what the server has go by batch, with a precondition. */
  sendsBatches?: boolean;
  /** What it declares in another way. */
  capabilities?: Partial<Capabilities>;
  /** How the server at an address is reached. */
  network: (url: string) => { transport: Transport; dial: Dial };
  /** In [0, 1). */
  random?: () => number;
}

/** The model client, or a mutant of it, as a client under test that lives in this process. */
export function modelClientSubject(options: ModelClientSubjectOptions): ClientSubject {
  const { mutant, socketMutations = false } = options;
  /** What all hosts have stored; it ends with the subject. */
  const stores = new Map<string, Store>();
  let storages = 0;
  const capabilities: Capabilities = {
    protocol: ADAPTER_PROTOCOL,
    name: mutant ? `model client, mutant ${mutant.name}` : "model client",
    verbs: [...ADAPTER_VERBS],
    clients: 100,
    timing: true,
    realtime: true,
    socketMutations,
    tabs: true,
    ...options.capabilities,
  };
  return {
    description: capabilities.name,
    capabilities,
    network: "in-process",
    newStorage: () => `storage-${(storages += 1)}`,
    launch: async () => new ModelClientHost(options, capabilities, stores),
  };
}

class ModelClientHost implements AdapterHost {
  readonly #options: ModelClientSubjectOptions;
  readonly #capabilities: Capabilities;
  readonly #stores: Map<string, Store>;
  readonly #clients = new Map<string, ModelClient>();
  readonly #tabs = new Map<Store, Context[]>();
  #over = false;
  #end = (): void => {};
  readonly #ended: Promise<never>;

  constructor(options: ModelClientSubjectOptions, capabilities: Capabilities, stores: Map<string, Store>) {
    this.#options = options;
    this.#capabilities = capabilities;
    this.#stores = stores;
    this.#ended = new Promise((_, reject) => {
      this.#end = () => {
        this.#over = true;
        reject(new CouldNotRun("the host of the model client has ended"));
      };
    });
    this.#ended.catch(() => {});
  }

  async ask<V extends AdapterVerb>(verb: V, params: Params<V>): Promise<Answer<V>> {
    if (this.#over) return this.#ended;
    try {
      const result = await Promise.race([this.#do(verb, structuredClone(params) as never), this.#ended]);
      return structuredClone<Answer<V>>(result ?? {});
    } catch (error) {
      if (error instanceof ClientError) throw new AdapterRefusal(verb, error);
      throw error;
    }
  }

  async kill(): Promise<void> {
    this.#end();
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    for (const client of clients) client.kill();
    // What is still on its way through a dead client's code finds another store.
    for (const [name, store] of this.#stores) if (this.#tabs.has(store)) this.#stores.set(name, store.copy());
    this.#expectNoCrash(clients);
  }

  async end(): Promise<void> {
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    await Promise.all(clients.map((client) => client.close()));
    this.#end();
    this.#expectNoCrash(clients);
  }

  /** A mutant may stumble over its own fault; the model client may not. */
  #expectNoCrash(clients: ModelClient[]): void {
    const [crash] = clients.flatMap(({ context }) => context.crashes);
    if (crash !== undefined && !this.#options.mutant)
      throw new HarnessError("the model client crashed", { cause: crash });
  }

  #do(verb: AdapterVerb, params: Record<string, never>): unknown {
    if (verb === "capabilities") return this.#capabilities;
    if (verb === "open") return this.#open(params as unknown as Params<"open">);
    const client = this.#clients.get(params["client"]!);
    if (client === undefined) throw new ClientError("CLOSED", `no client ${params["client"]} is open`);
    const { type, id, item, patch, settings, token, seconds } = params as Record<string, never> & {
      item: JsonObject;
      patch: JsonObject;
      settings: Partial<Settings>;
    };
    const calls: Record<Exclude<AdapterVerb, "capabilities" | "open">, () => unknown> = {
      create: () => client.create(type!, item),
      update: () => client.update(type!, id!, patch),
      delete: () => client.delete(type!, id!),
      list: () => client.list(type!),
      pending: () => client.pending(),
      "dead-letters": () => client.deadLetters(),
      retry: () => client.retry(type!, id!),
      discard: () => client.discard(type!, id!),
      status: () => client.status(),
      report: () => client.report(),
      configure: () => client.configure(settings),
      flush: () => client.flush(),
      pull: () => client.pull(),
      connect: () => client.connect(),
      "set-token": () => client.setToken(token!),
      offline: () => client.offline(),
      online: () => client.online(),
      reload: () => client.reload(),
      sleep: () => client.sleep(seconds!),
      "sign-out": () => client.signOut(),
      close: () => client.close(),
    };
    return calls[verb]();
  }

  async #open({ client, url, user, token, storage, realtime, secondMs }: Params<"open">): Promise<void> {
    const { mutant, socketMutations, sendsBatches, network, random = Math.random } = this.#options;
    const behaviour = mutant ? mutant.deform(conformingClient) : conformingClient;
    const name = behaviour.storeName({ storage, user });
    const store = this.#stores.get(name) ?? new Store(`device-${this.#stores.size + 1}`);
    this.#stores.set(name, store);
    const tabs = this.#tabs.get(store) ?? [];
    this.#tabs.set(store, tabs);
    await this.#clients.get(client)?.close();
    this.#clients.set(
      client,
      createModelClient({
        ...network(url),
        user,
        token: () => token,
        store,
        realtime,
        ...(socketMutations === undefined ? {} : { socketMutations }),
        ...(sendsBatches === undefined ? {} : { sendsBatches }),
        clock: {
          now: () => Date.now(),
          after(ms, call) {
            if (ms === Infinity) return () => {};
            const timer = setTimeout(call, (ms * secondMs) / 1000);
            return () => clearTimeout(timer);
          },
        },
        random,
        unique: randomUUID,
        behaviour,
        tabs,
      }),
    );
  }
}

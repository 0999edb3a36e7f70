import { ADAPTER_VERBS, type AdapterVerb } from "../../schemas/adapter-verbs.ts";
import type { Answer, Capabilities, Params } from "../../schemas/adapter.ts";
import type { JsonObject } from "../../schemas/json.ts";
import { entityIdOf } from "../../spec/rules/entity-id.ts";
import type { Held, OpenHeld } from "./clients.ts";

/** What a verb is rejected with, beside what the client itself rejects with. */
export class Refused extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type Verbs = { [V in AdapterVerb]: (params: Params<V>) => Promise<Answer<V>> };

/** What a client does itself. What it runs in is loaded anew, or put to sleep, by whoever is around it. */
export const OWN_VERBS = ADAPTER_VERBS.filter((verb) => verb !== "reload" && verb !== "sleep");
const notOwn = () => Promise.reject(new Refused("NOT_OFFERED", "A client can't do this to itself."));

/** The verbs, with clients of their own. */
export function createVerbs(
  capabilities: Capabilities,
  open: OpenHeld,
  tell: (event: Record<string, unknown> & { event: string }) => void,
): Verbs {
  const clients = new Map<string, Held>();
  const held = (name: string): Held => {
    const found = clients.get(name);
    if (!found) throw new Refused("NOT_OPEN", `No client "${name}" is open.`);
    return found;
  };
  const of = (params: { client: string }) => held(params.client).client;
  const opening = new Set<string>();

  return {
    capabilities: async () => capabilities,
    async open(params) {
      const name = params.client;
      if (clients.has(name) || opening.has(name))
        throw new Refused("ALREADY_OPEN", `Client "${name}" is open already.`);
      opening.add(name);
      try {
        const told = (event: string, details: Record<string, unknown>): void =>
          tell({ event, client: name, ...details });
        clients.set(name, await open(params, told));
      } finally {
        opening.delete(name);
      }
      return {};
    },
    async create({ client, type, item }) {
      const entity = await of({ client }).create(type, item);
      return { id: entityIdOf(type, entity as unknown as JsonObject)! };
    },
    async update({ client, type, id, patch }) {
      await of({ client }).update(type, id, patch);
      return {};
    },
    async delete({ client, type, id }) {
      await of({ client }).delete(type, id);
      return {};
    },
    list: async ({ client, type }) => ({ items: of({ client }).list(type) as unknown as JsonObject[] }),
    async pending(params) {
      const client = of(params);
      return { items: client.pending().map(({ type, id }) => ({ type, id })), count: client.pendingCount };
    },
    "dead-letters": async (params) => ({
      items: of(params)
        .deadLetters()
        .map(({ type, id, code }) => ({ type, id, code })),
    }),
    async retry({ client, type, id }) {
      await of({ client }).retry(type, id);
      return {};
    },
    async discard({ client, type, id }) {
      await of({ client }).discard(type, id);
      return {};
    },
    status: async (params) => ({ status: of(params).status }),
    async report(params) {
      const { metrics, health, settings } = of(params);
      return { metrics: { ...metrics }, health, settings: { ...settings } };
    },
    async configure({ client, settings }) {
      await of({ client }).configure(settings);
      return {};
    },
    async flush(params) {
      await of(params).flush();
      return {};
    },
    async pull(params) {
      await of(params).pull();
      return {};
    },
    async connect(params) {
      await of(params).resume();
      return {};
    },
    async "set-token"({ client, token }) {
      const one = held(client);
      one.useToken(token);
      await one.client.resume();
      return {};
    },
    async offline({ client }) {
      held(client).hint(false);
      return {};
    },
    async online({ client }) {
      held(client).hint(true);
      return {};
    },
    reload: notOwn,
    sleep: notOwn,
    async "sign-out"(params) {
      await of(params).signOut();
      return {};
    },
    async close(params) {
      const client = of(params);
      clients.delete(params.client);
      await client.close();
      return {};
    },
  };
}

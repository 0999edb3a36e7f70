import { browserSurroundings, browserTabs, indexedDbStorage } from "../../../reference-client/browser.ts";
import { realtime, SyncError, together } from "../../../reference-client/index.ts";
import { ADAPTER_PROTOCOL, type AdapterVerb } from "../../../schemas/adapter-verbs.ts";
import type { Capabilities } from "../../../schemas/adapter.ts";
import { openClient, type OpenHeld } from "../clients.ts";
import { createVerbs, OWN_VERBS, Refused } from "../verbs.ts";

/* Runs inside the page: the reference client, as an app in a browser has it, behind `window.mirubatoAdapter`. */

const IN_BROWSERS: Capabilities = {
  protocol: ADAPTER_PROTOCOL,
  name: "Mirubato Sync reference client, for browsers",
  verbs: OWN_VERBS,
  clients: 100,
  timing: true,
  realtime: true,
  socketMutations: false,
  tabs: true,
};

const open: OpenHeld = async (params, tell) => {
  // As a cookie would be: the tabs of a user have it in common.
  const tokenAt = JSON.stringify([params.storage, params.user]);
  const useToken = (token: string): void => localStorage.setItem(tokenAt, token);
  useToken(params.token);
  const client = await openClient(params, tell, {
    token: () => localStorage.getItem(tokenAt),
    storage: indexedDbStorage({ prefix: params.storage }),
    tabs: together(browserTabs(params.storage)),
    surroundings: browserSurroundings,
    ...(params.realtime && { realtime: realtime() }),
  });
  // The browser itself says so.
  return { client, useToken, hint() {} };
};

const adapter = {
  onEvent(_event: object): void {},
  async ask(verb: AdapterVerb, params: never): Promise<unknown> {
    try {
      return await verbs[verb](params);
    } catch (error) {
      if (error instanceof SyncError || error instanceof Refused) throw error;
      throw new Refused("INTERNAL", error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  },
};
const verbs = createVerbs(IN_BROWSERS, open, (event) => adapter.onEvent(event));
Object.assign(globalThis, { mirubatoAdapter: adapter });

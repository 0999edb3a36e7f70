import { ADAPTER_PROTOCOL } from "../../schemas/adapter-verbs.ts";
import type { Capabilities } from "../../schemas/adapter.ts";
import { realtime, type Surroundings } from "../../reference-client/index.ts";
import { nodeSocket } from "../../reference-client/node.ts";
import { SUITE_VERSION } from "../../conformance/versions.ts";
import { openClient, type OpenHeld } from "./clients.ts";
import { CAN_SHARE, deviceAt } from "./devices.ts";
import { OWN_VERBS } from "./verbs.ts";

/** What the reference client can do in Node. */
export const IN_NODE: Capabilities = {
  protocol: ADAPTER_PROTOCOL,
  name: "Mirubato Sync reference client, for Node",
  version: SUITE_VERSION,
  verbs: OWN_VERBS,
  clients: 100,
  timing: true,
  realtime: true,
  socketMutations: false,
  tabs: CAN_SHARE,
};

/** What the platform would say of the network. */
class Network implements Surroundings {
  #online = true;
  readonly #listeners = new Set<() => void>();

  online(): boolean {
    return this.#online;
  }

  metered(): boolean {
    return false;
  }

  listen(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }

  set(online: boolean): void {
    this.#online = online;
    for (const changed of this.#listeners) changed();
  }
}

export const openInNode: OpenHeld = async (params, tell) => {
  const device = deviceAt(params.storage, params.user, params.token);
  const network = new Network();
  const client = await openClient(params, tell, {
    // The client itself uses none again that was refused.
    token: () => device.token,
    storage: device.storage,
    tabs: device.tabs,
    surroundings: network,
    ...(params.realtime && { realtime: realtime({ openSocket: nodeSocket }) }),
  });
  return {
    client,
    useToken: (token) => void (device.token = token),
    hint: (online) => network.set(online),
  };
};

import type { Params } from "../../schemas/adapter.ts";
import { realtime, SyncClient, type SyncError, type Surroundings } from "../../reference-client/index.ts";
import { nodeSocket } from "../../reference-client/node.ts";
import { scaledClock } from "./clock.ts";
import { type Device, deviceAt } from "./devices.ts";

/** A reference client as the adapter holds it. */
export interface Held {
  client: SyncClient;
  device: Device;
  network: Network;
}

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

/** @param tell writes an event of this client */
export async function openClient(
  params: Params<"open">,
  tell: (event: string, details: Record<string, unknown>) => void,
): Promise<Held> {
  const { url, user, token, storage, secondMs } = params;
  const device = deviceAt(storage, user, token);
  const network = new Network();
  const client = await SyncClient.open({
    url,
    user,
    // The client itself uses none again that was refused.
    token: () => device.token,
    storage: device.storage,
    tabs: device.tabs,
    surroundings: network,
    clock: scaledClock(secondMs),
    ...(params.realtime && { realtime: realtime({ openSocket: nodeSocket }) }),
  });
  client.on("status", (status) => tell("status", { status }));
  client.on("pending", (count) => tell("pending", { count }));
  client.on("deadLetter", ({ type, id, code }) => tell("dead-letter", { type, id, code }));
  client.on("error", ({ code, message }: SyncError) => tell("error", { code, message }));
  return { client, device, network };
}

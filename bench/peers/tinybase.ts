import { createMergeableStore, type MergeableStore } from "tinybase";
import { createWsSynchronizer } from "tinybase/synchronizers/synchronizer-ws-client";
import { Arrivals, type Device, type Peer } from "./peer.ts";
import { startWorker } from "./workerd.ts";

const TABLE = "entries";
const REQUEST_TIMEOUT_SECONDS = 60;

export const tinybase: Peer = {
  subject: {
    id: "tinybase",
    name: "TinyBase",
    about:
      "WsServerDurableObject in workerd, a MergeableStore for each account and device, an entry is a row. Its protocol has no acknowledgement: a device asks the server for its hashes after what it wrote, on the same socket, and waits for the answer. Time-outs of requests raised from 1 to 60 seconds.",
    durability:
      "Durable Object storage (SQLite): its persister, in fragmented mode, saves each change before the answer leaves.",
  },
  async start(folder) {
    const { url, close } = await startWorker("tinybase.worker.ts", "ACCOUNTS", "Account", folder);
    return { url, close, device: (account, through = url) => open(account, through) };
  },
};

async function open(account: string, url: string): Promise<Device> {
  const store = createMergeableStore();
  const address = `${url.replace(/^http/, "ws")}/${account}`;
  const arrivals = new Arrivals((id) => store.hasRow(TABLE, id));
  store.addRowListener(TABLE, null, (_store, _table, id) => arrivals.arrived(id));
  let synchronizer = await synchronize(store, address);
  return {
    async write(entries) {
      store.transaction(() => {
        for (const { id, ...cells } of entries) store.setRow(TABLE, id, cells);
      });
      // Asks for the server's hashes, behind what was written.
      await synchronizer.load();
    },
    has: (ids) => arrivals.of(ids),
    disconnect: async () => void (await synchronizer.destroy()),
    async connect() {
      synchronizer = await synchronize(store, address);
    },
    close: async () => void (await synchronizer.destroy()),
  };
}

async function synchronize(store: MergeableStore, address: string) {
  const synchronizer = await createWsSynchronizer(store, new WebSocket(address), REQUEST_TIMEOUT_SECONDS);
  await synchronizer.startSync();
  return synchronizer;
}

import { bundleServer } from "../../reference-server/build.ts";
import { launch } from "../../reference-server/serve.ts";
import { memoryStorage, realtime, SyncClient } from "../../reference-client/index.ts";
import { tokenFor } from "../../reference-client/testing/server.ts";
import { DEVELOPMENT_SECRET } from "../../spec/development-secret.ts";
import { Arrivals, type Device, type Peer } from "./peer.ts";

/** The reference server with the reference client, as an app would use them. */
export const mirubato: Peer = {
  subject: {
    id: "mirubato",
    name: "Mirubato Sync",
    about:
      "Reference server in workerd and reference client: a request of HTTP for what is written, a WebSocket for what others wrote. Its own limits, but 64 devices of a user. Each request has a signed token and an idempotency key, and each entry is validated.",
    durability: "D1 (SQLite), committed, with the record of the idempotency key.",
  },
  async start(folder) {
    const server = await launch(await bundleServer(), {
      jwtSecret: DEVELOPMENT_SECRET,
      persist: folder,
      limits: { maxConnections: 64 },
    });
    return {
      url: server.url,
      device: (account, url = server.url) => device(account, url),
      close: () => server.close(),
    };
  },
};

async function device(account: string, url: string): Promise<Device> {
  const token = await tokenFor(account);
  const client = await SyncClient.open({
    url,
    user: account,
    token: () => token,
    storage: memoryStorage(),
    realtime: realtime(),
  });
  const arrivals = new Arrivals((id) => client.get("logbook_entry", id) !== undefined);
  client.subscribe((changes) => {
    for (const { id } of changes) arrivals.arrived(id);
  });
  const connected = (): Promise<void> =>
    new Promise((done) => {
      if (client.status === "connected") return done();
      const stop = client.on("status", (status) => {
        if (status !== "connected") return;
        stop();
        done();
      });
    });
  await connected();
  return {
    async write(entries) {
      await Promise.all(entries.map((entry) => client.create("logbook_entry", entry)));
      await client.flush();
      if (client.pendingCount > 0) throw new Error(`${client.pendingCount} entries are not acknowledged`);
    },
    has: (ids) => arrivals.of(ids),
    disconnect: () => client.configure({ realtime: false, autoSync: "never" }),
    connect: () => client.configure({ realtime: true, autoSync: "always" }),
    close: () => client.close(),
  };
}

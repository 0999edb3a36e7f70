import { EventEmitter } from "node:events";
import PouchDB from "pouchdb";
import memoryAdapter from "pouchdb-adapter-memory";
import { Arrivals, type Device, type Peer } from "./peer.ts";
import { startProcess } from "./process.ts";

PouchDB.plugin(memoryAdapter);
// Many devices in one process.
EventEmitter.defaultMaxListeners = 0;

/** By default 100: five requests for what the others send in one. */
const BATCH_SIZE = 500;

export const pouchdb: Peer = {
  subject: {
    id: "pouchdb",
    name: "PouchDB",
    about:
      "express-pouchdb (minimumForPouchDB) in Node over LevelDB, a database for each account; devices with the memory adapter replicate live in both directions. Acknowledged is what the replication tells as written. batch_size raised from 100 to 500.",
    durability: "LevelDB, written to the operating system and not flushed to the disk.",
  },
  async start(folder) {
    const { url, close } = await startProcess("pouchdb.server.ts", folder);
    return { url, close, device: (account, through = url) => open(account, through) };
  },
};

let opened = 0;

async function open(account: string, url: string): Promise<Device> {
  const local = new PouchDB(`${account}-${++opened}`, { adapter: "memory" });
  const remote = new PouchDB(`${url}/${account}`);
  await remote.info();
  // The first time to its end, so that the device has what the account has.
  await local.replicate.from(remote, { batch_size: BATCH_SIZE });
  const here = new Set((await local.allDocs()).rows.map(({ id }) => id));
  const arrivals = new Arrivals((id) => here.has(id));
  const changes = local.changes({ live: true, since: "now" }).on("change", ({ id }) => {
    here.add(id);
    arrivals.arrived(id);
  });
  let acknowledged = 0;
  let told = (): void => {};
  const replicate = () => {
    let before = 0;
    return local
      .sync(remote, { live: true, retry: true, batch_size: BATCH_SIZE })
      .on("change", ({ direction, change }) => {
        if (direction !== "push") return;
        acknowledged += change.docs_written - before;
        before = change.docs_written;
        told();
      });
  };
  let replication = replicate();
  const stop = (): Promise<void> =>
    new Promise((done) => {
      void replication.on("complete", () => done());
      replication.cancel();
    });
  return {
    async write(entries) {
      const wanted = acknowledged + entries.length;
      const all = new Promise<void>((done) => {
        told = () => {
          if (acknowledged >= wanted) done();
        };
      });
      await local.bulkDocs(entries.map(({ id, ...members }) => ({ _id: id, ...members })));
      await all;
    },
    has: (ids) => arrivals.of(ids),
    disconnect: stop,
    async connect() {
      replication = replicate();
    },
    async close() {
      changes.cancel();
      await stop();
      await local.destroy();
    },
  };
}

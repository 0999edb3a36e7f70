import { DurableStream, IdempotentProducer, stream } from "@durable-streams/client";
import { Arrivals, type Device, type Entry, type Peer } from "./peer.ts";
import { startProcess } from "./process.ts";

export const durableStreams: Peer = {
  subject: {
    id: "durable-streams",
    name: "Durable Streams",
    about:
      "DurableStreamTestServer in Node, a JSON stream for each account, an entry is a message; devices write by IdempotentProducer and read live from an offset. It is a log: nothing is compared, merged or validated, and a device that is new reads every message ever written.",
    durability: "A file, flushed to the disk (fdatasync), and LMDB.",
  },
  async start(folder) {
    const { url, close } = await startProcess("durable-streams.server.ts", folder);
    return { url, close, device: (account, through = url) => open(account, `${through}/${account}`) };
  },
};

let opened = 0;

async function open(account: string, url: string): Promise<Device> {
  const contentType = "application/json";
  const handle = new DurableStream({ url, contentType });
  await handle.create({ contentType }).catch(async (error: unknown) => {
    // Another device of the account was here before.
    if ((error as { code?: string }).code !== "CONFLICT_EXISTS") throw error;
  });
  const failures: Error[] = [];
  const producer = new IdempotentProducer(handle, `${account}-${++opened}`, {
    onError: (error) => failures.push(error),
  });
  const replica = new Map<string, Entry>();
  const arrivals = new Arrivals((id) => replica.has(id));
  let offset = "-1";
  const take = (items: readonly Entry[], next: string): void => {
    offset = next;
    for (const entry of items) {
      replica.set(entry.id, entry);
      arrivals.arrived(entry.id);
    }
  };
  const listen = async () => {
    const live = await stream<Entry>({ url, offset, live: true });
    live.subscribeJson(({ items, offset: next }) => take(items, next));
    return live;
  };
  const past = await stream<Entry>({ url, offset, live: false });
  const items = await past.json();
  take(items, past.offset);
  let live = await listen();
  const stop = async (): Promise<void> => {
    live.cancel();
    await live.closed.catch(() => undefined);
  };
  return {
    async write(entries) {
      for (const entry of entries) producer.append(JSON.stringify(entry));
      await producer.flush();
      if (failures.length > 0) throw failures[0]!;
    },
    has: (ids) => arrivals.of(ids),
    disconnect: stop,
    async connect() {
      live = await listen();
    },
    close: stop,
  };
}

import YProvider from "y-partyserver/provider";
import { Doc } from "yjs";
import { Arrivals, type Device, type Entry, type Peer } from "./peer.ts";
import { startWorker } from "./workerd.ts";

export const yjs: Peer = {
  subject: {
    id: "yjs",
    name: "Yjs (y-partyserver)",
    about:
      "YServer in workerd (hibernating), a document for each account with one Y.Map, an entry is a value in it (the leanest form: no merge within an entry). Its protocol has no acknowledgement: a device sends a custom message after what it wrote, on the same socket, and waits for its echo.",
    durability:
      "Durable Object storage (SQLite): each update is appended to a table before the echo leaves. y-partyserver's own hook would save 2 seconds later.",
  },
  async start(folder) {
    const { url, close } = await startWorker("yjs.worker.ts", "ACCOUNT", "Account", folder);
    return { url, close, device: (account, through = url) => open(account, through) };
  },
};

async function open(account: string, url: string): Promise<Device> {
  const doc = new Doc();
  const entries = doc.getMap<Entry>("entries");
  const arrivals = new Arrivals((id) => entries.has(id));
  entries.observe(({ keysChanged }) => {
    for (const id of keysChanged) arrivals.arrived(id);
  });
  const provide = () => new YProvider(url, account, doc, { party: "account", disableBc: true });
  let provider = provide();
  await new Promise<void>((done) => {
    provider.once("synced", () => done());
  });
  let asked = 0;
  return {
    async write(written) {
      doc.transact(() => {
        for (const entry of written) entries.set(entry.id, entry);
      });
      const question = String(++asked);
      await new Promise<void>((done) => {
        provider.once("custom-message", (answer: string) => {
          if (answer === question) done();
        });
        provider.sendMessage(question);
      });
    },
    has: (ids) => arrivals.of(ids),
    // Its socket may take seconds to close; a new provider does not wait for that.
    async disconnect() {
      provider.destroy();
    },
    async connect() {
      provider = provide();
    },
    async close() {
      provider.destroy();
      doc.destroy();
    },
  };
}

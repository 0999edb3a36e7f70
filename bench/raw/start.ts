import { Miniflare, NoOpLog } from "miniflare";
import { bundleWorker } from "../../reference-server/build.ts";

export interface RawServer {
  /** Without a trailing slash. */
  url: string;
  close(): Promise<void>;
}

/** Starts the Worker of raw limits as the reference server is started: same workerd, same options, data in a folder. */
export async function startRaw(persist: string, compatibilityDate: string): Promise<RawServer> {
  const { code } = await bundleWorker(new URL("worker.ts", import.meta.url));
  const miniflare = new Miniflare({
    name: "raw",
    modules: [{ type: "ESModule", path: "worker.js", contents: code }],
    compatibilityDate,
    d1Databases: { DB: "raw" },
    durableObjects: { ROOMS: { className: "Room", useSQLite: true } },
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    defaultPersistRoot: persist,
    d1Persist: true,
    durableObjectsPersist: true,
    cache: false,
    cf: false,
    log: new NoOpLog(),
  });
  await miniflare.ready;
  const { origin } = await miniflare.unsafeGetDirectURL();
  await fetch(`${origin}/table`, { method: "POST" });
  return { url: origin, close: () => miniflare.dispose() };
}

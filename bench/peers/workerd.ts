import { Miniflare, NoOpLog } from "miniflare";
import { bundleWorker } from "../../reference-server/build.ts";

export interface Worker {
  url: string;
  close(): Promise<void>;
}

/** Starts a peer's Worker with its one class of Durable Objects (SQLite), as the reference server is started. */
export async function startWorker(
  entry: string,
  binding: string,
  className: string,
  folder: string,
): Promise<Worker> {
  const { code } = await bundleWorker(new URL(entry, import.meta.url));
  const miniflare = new Miniflare({
    name: "peer",
    modules: true,
    script: code,
    compatibilityDate: "2026-08-06",
    durableObjects: { [binding]: { className, useSQLite: true } },
    durableObjectsPersist: folder,
    // Without Miniflare's own Worker in between, as the reference server.
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    cf: false,
    log: new NoOpLog(),
  });
  await miniflare.ready;
  const { origin } = await miniflare.unsafeGetDirectURL();
  return { url: origin, close: () => miniflare.dispose() };
}

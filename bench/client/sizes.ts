import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Subject } from "../../conformance/bench/result.ts";
import { versionOf } from "../version.ts";

interface Bundled {
  subject: Subject;
  /** What an app takes along: replica, outbox or merge, and the connection. */
  memory: string;
  /** The same with its storage in IndexedDB; absent where there is none. */
  indexedDb?: string;
}

const OURS = "../../reference-client";
const CORE = `export { realtime, SyncClient, together } from "${OURS}/index.ts";`;
const TINYBASE = `
  export { createMergeableStore } from "tinybase";
  export { createWsSynchronizer } from "tinybase/synchronizers/synchronizer-ws-client";`;
const YJS = `export { Doc } from "yjs"; export { default } from "y-partyserver/provider";`;
const RXDB = `
  export { createRxDatabase } from "rxdb/plugins/core";
  export { replicateRxCollection } from "rxdb/plugins/replication";`;

const BUNDLES: readonly Bundled[] = [
  {
    subject: { id: "mirubato", name: "Mirubato Sync", about: "Reference client with socket and tabs." },
    memory: CORE,
    indexedDb: `${CORE}
      export { indexedDbStorage } from "${OURS}/adapters/indexeddb/storage.ts";
      export { browserTabs } from "${OURS}/adapters/browser/tabs.ts";
      export { browserSurroundings } from "${OURS}/adapters/browser/surroundings.ts";`,
  },
  {
    subject: {
      id: "tinybase",
      name: "TinyBase",
      version: versionOf("tinybase"),
      about: "MergeableStore and WebSocket synchronizer.",
    },
    memory: TINYBASE,
    indexedDb: `${TINYBASE}
      export { createIndexedDbPersister } from "tinybase/persisters/persister-indexed-db";`,
  },
  {
    subject: {
      id: "yjs",
      name: "Yjs",
      version: versionOf("yjs"),
      about: "Document and y-partyserver's provider.",
    },
    memory: YJS,
    indexedDb: `${YJS} export { IndexeddbPersistence } from "y-indexeddb";`,
  },
  {
    subject: {
      id: "pouchdb",
      name: "PouchDB",
      version: versionOf("pouchdb-browser"),
      about: "pouchdb-browser: IndexedDB, HTTP and replication are one package.",
    },
    memory: `export { default } from "pouchdb-browser";`,
    indexedDb: `export { default } from "pouchdb-browser";`,
  },
  {
    subject: {
      id: "rxdb",
      name: "RxDB",
      version: versionOf("rxdb"),
      about: "Core and replication; memory storage, or Dexie's.",
    },
    memory: `${RXDB} export { getRxStorageMemory } from "rxdb/plugins/storage-memory";`,
    indexedDb: `${RXDB} export { getRxStorageDexie } from "rxdb/plugins/storage-dexie";`,
  },
];

export const BUNDLED: readonly Subject[] = BUNDLES.map(({ subject }) => subject);

export interface Size {
  subject: string;
  kind: "memory" | "indexedDb";
  /** Minified and gzipped. */
  bytes: number;
}

/** All by the same bundler with the same settings, every export kept. */
export function sizes(): Promise<Size[]> {
  const all = BUNDLES.flatMap(({ subject, memory, indexedDb }) => [
    { subject: subject.id, kind: "memory" as const, source: memory },
    ...(indexedDb === undefined
      ? []
      : [{ subject: subject.id, kind: "indexedDb" as const, source: indexedDb }]),
  ]);
  return Promise.all(
    all.map(async ({ subject, kind, source }) => ({ subject, kind, bytes: await gzipped(source) })),
  );
}

async function gzipped(source: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
    legalComments: "none",
    write: false,
    logLevel: "error",
  });
  return gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
}

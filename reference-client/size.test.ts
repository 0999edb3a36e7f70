import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, it } from "vitest";

/** Bytes of a browser's bundle of what an app takes along, minified and gzipped. */
async function gzipped(source: string): Promise<{ size: number; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    metafile: true,
  });
  const size = gzipSync(outputFiles[0]!.contents, { level: 9 }).length;
  process.stdout.write(
    `${size.toLocaleString("en")} bytes gzip: ${source.match(/(?<=[{,] )\w+/g)!.join(", ")}\n`,
  );
  return {
    size,
    inputs: Object.keys(metafile.inputs),
  };
}

it("takes less than 12 KiB for the core, and brings no library along", async () => {
  const { size, inputs } = await gzipped('export { SyncClient } from "./index.ts";');
  expect(size).toBeLessThan(12 * 1024);
  expect(inputs.filter((input) => input.includes("node_modules"))).toEqual([]);
});

it("takes less than 16 KiB with the socket and other tabs", async () => {
  const { size } = await gzipped('export { realtime, SyncClient, together } from "./index.ts";');
  expect(size).toBeLessThan(16 * 1024);
});

it("takes less than 20 KiB with all that a browser offers: a durable storage, other tabs, hints about the network", async () => {
  const { size, inputs } = await gzipped(`
    export { realtime, SyncClient, together } from "./index.ts";
    export { indexedDbStorage } from "./adapters/indexeddb/storage.ts";
    export { browserTabs } from "./adapters/browser/tabs.ts";
    export { browserSurroundings } from "./adapters/browser/surroundings.ts";
  `);
  expect(size).toBeLessThan(20 * 1024);
  expect(inputs.filter((input) => /node_modules/.test(input) && !/\/idb\//.test(input))).toEqual([]);
  expect(inputs.filter((input) => /adapters\/node|validators/.test(input))).toEqual([]);
});

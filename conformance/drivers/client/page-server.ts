import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname, extname, join, normalize, resolve } from "node:path";
import { CouldNotRun } from "../../verdict.ts";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
};

/** A page that a browser can load. */
export interface ServedPage {
  url: string;
  origin: string;
  close(): Promise<void>;
}

/**
 * Serves a file with what stands beside and below it, on a port of this machine; a URL is served by whoever does that.
 *
 * @throws CouldNotRun where there is no such file
 */
export async function servePage(page: string): Promise<ServedPage> {
  if (/^https?:\/\//i.test(page)) return { url: page, origin: new URL(page).origin, close: async () => {} };
  const file = resolve(page);
  if (!isFile(file)) {
    throw new CouldNotRun(`there is no page ${page}: name an HTML file, or a URL beginning with http://`);
  }
  const folder = dirname(file);
  const server = createServer((request, response) => {
    const asked = fileBelow(folder, request.url ?? "/");
    if (asked === undefined || !isFile(asked)) {
      // Browsers ask for an icon by themselves; no developer is to wonder about that.
      response.writeHead(asked?.endsWith("favicon.ico") ? 204 : 404).end();
      return;
    }
    const type = TYPES[extname(asked)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "cache-control": "no-store" });
    createReadStream(asked)
      .on("error", () => response.destroy())
      .pipe(response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/${encodeURIComponent(basename(file))}`,
    origin,
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function fileBelow(folder: string, url: string): string | undefined {
  try {
    const path = decodeURIComponent(new URL(url, "http://page.example").pathname);
    return path.includes("\0") ? undefined : join(folder, normalize(path));
  } catch {
    return undefined;
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

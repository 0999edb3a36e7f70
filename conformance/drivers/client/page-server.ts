import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname, extname, join, normalize, resolve } from "node:path";
import { UsageError } from "../../run/select.ts";

const HTML = "text/html; charset=utf-8";
const TYPES: Record<string, string> = {
  ".html": HTML,
  ".htm": HTML,
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
 * @throws UsageError where there is no such file, or it is no page
 */
export async function servePage(page: string): Promise<ServedPage> {
  if (/^https?:\/\//i.test(page)) return { url: page, origin: new URL(page).origin, close: async () => {} };
  const file = resolve(page);
  const remedy = "name an HTML file, or a URL beginning with http://";
  if (!isFile(file)) throw new UsageError(`--browser: there is no file ${page}; ${remedy}`);
  if (TYPES[extname(file)] !== HTML)
    throw new UsageError(`--browser: ${page} is no page, as its name does not end in .html; ${remedy}`);
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

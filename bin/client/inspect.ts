import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Source } from "../../reference-client/inspector/index.ts";

const PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sync inspector</title>
<style>
  :root { color-scheme: light dark; }
  body { margin: 0 auto; padding: 1rem; max-width: 48rem; font: 15px/1.5 system-ui, sans-serif; background: light-dark(#fafafa, #0f1114); color: light-dark(#1c2129, #e7eaee); }
  h1 { font-size: 1.1rem; }
</style>
<main><h1>Sync inspector</h1></main>
<script src="inspector.js"></script>
</html>
`;

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

export interface Inspector {
  /** With the secret in its path: who knows it can read what the user wrote. */
  url: string;
  close(): Promise<void>;
}

/** Serves the panel on this machine alone, at a path that nobody can guess. */
export async function serveInspector(source: Source, script: string): Promise<Inspector> {
  const secret = randomBytes(24).toString("base64url");
  const streams = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    const send = (status: number, type: string, body: string): void => {
      response.writeHead(status, { ...HEADERS, "content-type": `${type}; charset=utf-8` }).end(body);
    };
    // A name that somebody else's page has pointed here is no name of this page's.
    const ours = request.headers.host === `127.0.0.1:${port}` && request.method === "GET";
    const path =
      ours && request.url?.startsWith(`/${secret}/`) ? request.url.slice(secret.length + 2) : undefined;
    if (path === "") return send(200, "text/html", PAGE);
    if (path === "inspector.js") return send(200, "text/javascript", script);
    if (path !== "events") return send(404, "text/plain", "Nothing is here.\n");
    response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream" });
    streams.add(response);
    const stop = source((snapshot) => response.write(`data: ${JSON.stringify(snapshot)}\n\n`));
    response.once("close", () => {
      stop();
      streams.delete(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // The program ends when its client does.
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${secret}/`,
    async close() {
      for (const stream of streams) stream.end();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The page's script, from beside this module; from the source tree, from `dist/`. */
export async function inspectorScript(): Promise<string> {
  const folder = import.meta.url.endsWith(".ts") ? "../../dist/bin/client/" : "./";
  try {
    return await readFile(new URL(`${folder}inspector.js`, import.meta.url), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error("The inspector's page has not been built: run `npm run build` first.", { cause: error });
  }
}

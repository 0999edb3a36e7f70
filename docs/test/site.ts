import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { ROOT } from "../root.ts";

export const SITE = join(ROOT, "docs/dist");

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};

/** Every page of the built site, by its path in it. @throws Error where there is none */
export function pages(): string[] {
  const files = readdirSync(SITE, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".html"),
  );
  if (files.length === 0) throw new Error("there is no site: npm run docs builds it");
  return files.toSorted();
}

export function read(page: string): string {
  return readFileSync(join(SITE, page), "utf8");
}

/** Serves the site below a path, as a host might that has other things at its root. */
export async function serveSite(below: string): Promise<{ url: string; server: Server }> {
  const server = createServer(({ url = "/" }, response) => {
    const { pathname } = new URL(url, "http://site");
    const file = pathname.startsWith(below) ? decodeURIComponent(pathname.slice(below.length)) : undefined;
    try {
      if (file === undefined) throw new Error("outside");
      const body = readFileSync(join(SITE, file));
      response
        .writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" })
        .end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${below}`, server };
}

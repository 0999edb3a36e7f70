import { request as plain } from "node:http";
import { request as secure } from "node:https";
import type { HttpRequest } from "./transport.ts";

/**
 * Sends a request on a connection of its own and drops it once all bytes are with the operating system: what a
 * device does that loses the network between request and answer.
 */
export function sendAndDrop(
  url: string,
  request: HttpRequest,
  ca?: string[],
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const open = url.startsWith("https:") ? secure : plain;
    const body = request.body ?? new Uint8Array();
    const headers = { ...request.headers, "content-length": String(body.length) };
    const outgoing = open(url, {
      method: request.method,
      headers,
      agent: false,
      ...(ca ? { ca } : {}),
      ...(signal ? { signal } : {}),
    });
    let dropped = false;
    outgoing.on("error", (error) => (dropped ? resolve() : reject(error)));
    outgoing.on("response", (response) => response.resume());
    outgoing.on("finish", () => {
      dropped = true;
      // `end` lets what is buffered go out before the FIN; `destroy` alone could take it back.
      outgoing.socket?.end(() => {
        outgoing.destroy();
        resolve();
      });
    });
    outgoing.end(body);
  });
}

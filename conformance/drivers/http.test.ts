import { once } from "node:events";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { httpDriver } from "./http.ts";
import type { Transport } from "./transport.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of cleanups.splice(0)) await one();
});

/** A server that also tells how many connections it has seen. */
async function driving(listener: RequestListener, headers?: Record<string, string>) {
  let connections = 0;
  const server = createServer(listener).on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { transport, close } = httpDriver({
    url: `${url}/base/`,
    connections: 2,
    ...(headers ? { headers } : {}),
  });
  cleanups.push(close, () => server.close());
  return { transport, connections: () => connections };
}

const post = (transport: Transport, path = "/x", headers: Record<string, string> = {}) =>
  transport({ method: "POST", path, headers, body: new TextEncoder().encode("{}") });

describe("the HTTP driver", () => {
  it("gives an idle connection up before the server does", async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const { transport, connections } = await driving((request, response) => {
      closed = once(request.socket, "close");
      request.resume();
      response.end("{}");
    });
    await post(transport);
    await post(transport);
    expect(connections()).toBe(1);
    // The server of this test keeps a connection for 5 s, as many do.
    await closed;
    await post(transport);
    expect(connections()).toBe(2);
  });

  it("sends path, headers and body as they are, and reads the answer", async () => {
    const { transport } = await driving(
      (request, response) => {
        const { method, url, headers } = request;
        request.on("data", (body: Buffer) => {
          response.setHeader("X-Many", ["a", "b"]);
          response
            .writeHead(207)
            .end([method, url, headers["x-own"], headers["x-added"], body.toString()].join(" "));
        });
      },
      { "x-added": "everywhere", "x-own": "lost" },
    );
    const { status, headers, body } = await post(transport, "/x?y=%20z", { "x-own": "won" });
    expect(status).toBe(207);
    expect(headers["x-many"]).toBe("a, b");
    expect(new TextDecoder().decode(body)).toBe("POST /base/x?y=%20z won everywhere {}");
  });

  it("keeps connections open, but not those of refusals", async () => {
    const { transport, connections } = await driving((request, response) => {
      request.resume();
      response.writeHead(request.url === "/base/no" ? 401 : 200).end();
    });
    for (let index = 0; index < 3; index += 1) await post(transport);
    expect(connections()).toBe(1);
    await post(transport, "/no");
    await post(transport);
    expect(connections()).toBe(2);
  });

  it("drops the connection of an abandoned request once it is out", async () => {
    let received = "";
    let closed = false;
    const { transport } = await driving((request) => {
      request.on("data", (chunk: Buffer) => (received += chunk.toString()));
      request.socket.on("close", () => (closed = true));
    });
    const body = new TextEncoder().encode("x".repeat(300_000));
    expect(await transport({ method: "POST", path: "/", headers: {}, body, abandon: true })).toMatchObject({
      status: 0,
    });
    await expect.poll(() => closed).toBe(true);
    expect(received.length).toBe(300_000);
  });

  it("ends a request when it is aborted", async () => {
    const { transport } = await driving(() => {});
    const abort = new AbortController();
    const pending = transport({ method: "GET", path: "/", headers: {} }, abort.signal);
    abort.abort();
    await expect(pending).rejects.toThrow(/abort/);
  });
});

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocketServer } from "ws";
import type { OpenSocket } from "../../ports/transport.ts";
import { platformSocket } from "../platform-socket.ts";
import { nodeSocket, wsSocket } from "./socket.ts";

let server: WebSocketServer;
let url: string;
beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: () => "mirubato.v1" });
  await new Promise((resolve) => server.on("listening", resolve));
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => {
      const text = isBinary ? "" : String(data);
      if (text === "close") socket.close(4401, "expired");
      else if (text === "break") socket.terminate();
      else socket.send(text);
    });
  });
});
afterEach(() => {
  server.close();
});

/** Opens a socket and notes what it tells. */
function open(openSocket: OpenSocket, at: string) {
  const told: unknown[] = [];
  const socket = openSocket(at, ["mirubato.v1", "bearer.a.b.c"], {
    opened: () => told.push("opened"),
    received: (text) => told.push(text),
    closed: (code) => told.push(code),
  });
  expect(told).toEqual([]);
  socket.send("too early");
  return { socket, told };
}

describe.each([
  ["Node's", platformSocket],
  ["ws", wsSocket],
  ["whichever there is", nodeSocket],
])("%s", (_, openSocket) => {
  it("tells of opening, texts and the server's code, once", async () => {
    const { socket, told } = open(openSocket, url);
    await expect.poll(() => told).toEqual(["opened"]);
    socket.send('"♪"');
    await expect.poll(() => told).toEqual(["opened", '"♪"']);
    socket.send("close");
    await expect.poll(() => told).toEqual(["opened", '"♪"', 4401]);
    socket.send("too late");
    socket.close();
  });

  it("closes, and may be told so twice", async () => {
    const { socket, told } = open(openSocket, url);
    await expect.poll(() => told).toEqual(["opened"]);
    socket.close();
    socket.close();
    await expect.poll(() => told).toEqual(["opened", 1000]);
  });

  it("tells 1006 when the connection breaks", async () => {
    const { socket, told } = open(openSocket, url);
    await expect.poll(() => told).toEqual(["opened"]);
    socket.send("break");
    await expect.poll(() => told).toEqual(["opened", 1006]);
  });

  it("tells 1006 when nobody listens, the handshake is refused, or the address is none", async () => {
    const refusing = createServer((__, response) => response.writeHead(401).end());
    await new Promise<void>((resolve) => refusing.listen(0, "127.0.0.1", resolve));
    const { port } = refusing.address() as AddressInfo;
    for (const at of [`ws://127.0.0.1:${port}`, "ws://127.0.0.1:9", "nonsense:"]) {
      const { told } = open(openSocket, at);
      await expect.poll(() => told).toEqual([1006]);
    }
    refusing.close();
  });

  it("may be closed before it is open", async () => {
    const { socket, told } = open(openSocket, url);
    socket.close();
    await expect.poll(() => told).toEqual([1006]);
  });
});

it("is that of ws where Node has none", async () => {
  vi.stubGlobal("WebSocket", undefined);
  try {
    const { socket, told } = open(nodeSocket, url);
    await expect.poll(() => told).toEqual(["opened"]);
    socket.close();
    await expect.poll(() => told).toEqual(["opened", 1000]);
  } finally {
    vi.unstubAllGlobals();
  }
});

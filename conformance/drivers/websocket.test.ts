import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import type { Socket, SocketRequest } from "./socket.ts";
import type { HttpResponse } from "./transport.ts";
import { webSocketDriver } from "./websocket.ts";

let server: Server | undefined;
let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
  server?.closeAllConnections();
  server?.close();
});

/** A server that plays `script` on every socket, or refuses with 429 what asks for "/full". */
async function dialTo(
  script: (socket: WebSocket, request: IncomingMessage) => void,
  request: SocketRequest,
  select: (offered: Set<string>) => string | false = ([first]) => first ?? false,
): Promise<Socket | HttpResponse> {
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: select });
  server = createServer();
  server.on("upgrade", (incoming, connection, head) => {
    if (incoming.url === "/full") {
      connection.end("HTTP/1.1 429 Too Many Requests\r\nretry-after: 30\r\ncontent-length: 2\r\n\r\n{}");
      return;
    }
    sockets.handleUpgrade(incoming, connection, head, (socket) => {
      socket.on("error", () => {});
      script(socket, incoming);
    });
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const driver = webSocketDriver({ url, headers: { "x-operator": "1" } });
  close = driver.close;
  return driver.dial(request);
}

const at = (path: string, more: Partial<SocketRequest> = {}): SocketRequest => ({
  path,
  headers: {},
  ...more,
});
const live = (dialled: Socket | HttpResponse): Socket => {
  if ("status" in dialled) throw new Error(`refused with ${dialled.status}`);
  return dialled;
};
const frames = (socket: Socket, count: number): Promise<(string | Uint8Array)[]> =>
  new Promise((resolve) => {
    const got: (string | Uint8Array)[] = [];
    socket.onFrame = (frame) => {
      got.push(frame);
      if (got.length === count) resolve(got);
    };
  });
const ending = (socket: Socket): Promise<[number, string]> =>
  new Promise((resolve) => (socket.onClose = (code, reason) => resolve([code, reason])));

describe("the WebSocket driver", () => {
  it("sends path, headers and subprotocols, and keeps early frames", async () => {
    const request = at("/sync/ws?userId=u", {
      headers: { origin: "https://a.example" },
      protocols: ["a", "b"],
    });
    const socket = live(
      await dialTo((peer, { url, headers }) => {
        peer.send(
          JSON.stringify([url, headers.origin, headers["x-operator"], headers["sec-websocket-protocol"]]),
        );
        peer.send(new Uint8Array([1, 2]));
      }, request),
    );
    expect(socket.protocol).toBe("a");
    const [text, bytes] = await frames(socket, 2);
    expect(JSON.parse(text as string)).toEqual(["/sync/ws?userId=u", "https://a.example", "1", "a,b"]);
    expect([...(bytes as Uint8Array)]).toEqual([1, 2]);
  });

  it("shows the answer that refuses an upgrade", async () => {
    const refused = (await dialTo(() => {}, at("/full"))) as HttpResponse;
    expect(refused).toMatchObject({ status: 429, headers: { "retry-after": "30" } });
    expect(new TextDecoder().decode(refused.body)).toBe("{}");
  });

  it("rejects where nobody answers, and names a broken handshake", async () => {
    const nobody = webSocketDriver({ url: "http://127.0.0.1:9" });
    await expect(nobody.dial(at("/"))).rejects.toMatchObject({ code: "ECONNREFUSED" });
    const wrong = dialTo(
      () => {},
      at("/", { protocols: ["a"] }),
      () => false,
    );
    await expect(wrong).rejects.toMatchObject({ name: "HandshakeError" });
  });

  it("sends texts, bytes, and texts that are none", async () => {
    const got: [boolean, number][] = [];
    const socket = live(
      await dialTo(
        (peer) => peer.on("message", (data, binary) => got.push([binary, (data as Buffer).length])),
        at("/"),
      ),
    );
    const ended = ending(socket);
    socket.send("ab");
    socket.send(new Uint8Array([0xff]));
    socket.send(new Uint8Array([0x63]), "text");
    socket.send(new Uint8Array([0xff]), "text");
    expect((await ended)[0]).toBe(1007);
    expect(got).toEqual([
      [false, 2],
      [true, 1],
      [false, 1],
    ]);
  });

  it("sends a text in fragments that no character need survive, with pings between them", async () => {
    let pings = 0;
    const socket = live(
      await dialTo((peer) => {
        peer.on("ping", () => (pings += 1));
        peer.on("message", (data, binary) => peer.send(`${binary} ${(data as Buffer).toString()}`));
      }, at("/")),
    );
    const answer = frames(socket, 1);
    socket.sendFragments([[0x61, 0xc3], [], [0xa9]].map((bytes) => Uint8Array.from(bytes)));
    expect(await answer).toEqual(["false aé"]);
    expect(pings).toBe(2);
  });

  it("tells how a connection ended", async () => {
    const socket = live(await dialTo((peer) => peer.close(4401, "token expired"), at("/")));
    expect(await ending(socket)).toEqual([4401, "token expired"]);
    const cut = live(await dialTo((peer) => peer.terminate(), at("/")));
    expect((await ending(cut))[0]).toBe(1006);
  });

  it("stops reading on request", async () => {
    let told = (): void => {};
    const socket = live(
      await dialTo((peer) => {
        peer.on("message", () => {
          peer.send("later");
          peer.ping("", undefined, () => told());
        });
      }, at("/")),
    );
    let got = 0;
    const later = new Promise<void>((resolve) => {
      socket.onFrame = () => {
        got += 1;
        resolve();
      };
    });
    const sent = new Promise<void>((resolve) => (told = resolve));
    socket.pause();
    socket.send("go");
    await sent;
    expect(got).toBe(0);
    socket.resume();
    await later;
    expect(got).toBe(1);
  });
});

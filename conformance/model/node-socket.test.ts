import { expect, test } from "vitest";
import { webSocketDriver } from "../drivers/websocket.ts";
import { createModel } from "./model.ts";
import { listen } from "./node-http.ts";
import { peer, SECRET, socketOf } from "./test-peer.ts";

test("serves a model's sockets over the network, refusals before the upgrade included", async () => {
  const model = createModel({ secret: SECRET });
  const anna = peer(model, "anna");
  const { url, close } = await listen(model);
  const driver = webSocketDriver({ url });
  const path = `/sync/ws?userId=anna&token=${anna.token()}`;
  try {
    const refused = await driver.dial({ path: "/sync/ws?userId=anna&token=x", headers: {} });
    expect("status" in refused && refused.status).toBe(401);
    const plain = await fetch(url + path);
    expect(plain.status).toBe(426);

    const live = await socketOf(driver.dial, "/sync/ws?userId=anna", [
      "mirubato.v1",
      `bearer.${anna.token()}`,
    ]);
    expect(live.socket.protocol).toBe("mirubato.v1");
    expect(await live.next()).toMatchObject({ type: "WELCOME" });
    live.send({ type: "SYNC_REQUEST", protocol: "1" });
    await live.through("SYNC_RESPONSE");
    await anna.push({
      entries: [{ id: "e1", timestamp: 1, duration: 1, type: "practice", updatedAt: Date.now() }],
    });
    expect(await live.next()).toMatchObject({ type: "ENTRY_CREATED", seq: 1 });
    live.socket.send(new Uint8Array([0xff]), "text");
    expect(await live.closed()).toBe(1007);

    const long = await socketOf(driver.dial, path);
    long.send({ type: "PING", more: "x".repeat(600_000) });
    expect(await long.closed()).toBe(1009);
    const binary = await socketOf(driver.dial, path);
    binary.socket.send(new Uint8Array([1]));
    expect(await binary.closed()).toBe(1003);
    const cut = await socketOf(driver.dial, path);
    model.restart();
    expect(await cut.closed()).toBe(1012);
  } finally {
    await driver.close();
    await close();
  }
});

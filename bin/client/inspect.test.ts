import { request } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import { memoryStorage, SyncClient } from "../../reference-client/index.ts";
import { createProbe, type Snapshot, sourceOf } from "../../reference-client/inspector/index.ts";
import { type Inspector, serveInspector } from "./inspect.ts";

const TOKEN = "a token that nobody is to see";
let client: SyncClient;
let inspector: Inspector;
beforeAll(async () => {
  const probe = createProbe();
  client = await SyncClient.open({
    url: "http://127.0.0.1:9",
    user: "alice",
    token: () => TOKEN,
    storage: probe.storage(memoryStorage()),
    // It even tells the token, as no server may.
    fetch: probe.fetch(async () => ({ status: 401, headers: new Headers(), text: async () => TOKEN })),
  });
  inspector = await serveInspector(sourceOf(client, probe), "/* the script */");
});
afterAll(async () => {
  await inspector.close();
  await client.close();
});

it("serves the panel's page to who knows the path, and nothing to others", async () => {
  const { status, headers } = await fetch(inspector.url);
  expect(status).toBe(200);
  expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(await (await fetch(`${inspector.url}inspector.js`)).text()).toBe("/* the script */");
  const { origin, port } = new URL(inspector.url);
  for (const url of [origin, `${origin}/events`, `${inspector.url}other`, inspector.url.slice(0, -2)])
    expect((await fetch(url)).status).toBe(404);
  const rebound = await new Promise((resolve) => {
    request(inspector.url, { headers: { host: `evil.example:${port}` } }, ({ statusCode }) =>
      resolve(statusCode),
    ).end();
  });
  expect(rebound).toBe(404);
});

it("tells how the client stands, again and again, and no token", async () => {
  const { body } = await fetch(`${inspector.url}events`);
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const until = async (fits: (snapshot: Snapshot) => boolean): Promise<Snapshot> => {
    for (;;) {
      const last = text.split("\n\n").findLast((event) => event.startsWith("data: ") && event.endsWith("}"));
      const snapshot = last && (JSON.parse(last.slice(6)) as Snapshot);
      if (snapshot && fits(snapshot)) return snapshot;
      const { value, done } = await reader.read();
      if (done) throw new Error("the stream has ended");
      text += value;
    }
  };
  await until(({ outbox }) => outbox.length === 0);
  await client.create("goal", { title: "Ten hours" });
  const { outbox, messages } = await until((snapshot) => snapshot.outbox.length === 1);
  expect(outbox[0]).toMatchObject({ title: "Ten hours", deleted: false });
  expect(messages.map(({ what }) => what)).toContain("POST /api/sync/pull");
  expect(text).not.toContain(TOKEN);
  expect(text).toContain("<redacted>");
  await reader.cancel();
});

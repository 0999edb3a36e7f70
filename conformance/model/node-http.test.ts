import { expect, test } from "vitest";
import { createModel } from "./model.ts";
import { listen } from "./node-http.ts";
import { peer, SECRET } from "./test-peer.ts";

test("serves a model over HTTP, and reads no more of a body than it needs", async () => {
  const model = createModel({ secret: SECRET, limits: { maxBodyBytes: 1_000, legacyMaxBodyBytes: 2_000 } });
  const sizes: number[] = [];
  const { url, close } = await listen({
    ...model,
    handle(request) {
      sizes.push(request.body?.length ?? 0);
      return model.handle(request);
    },
  });
  try {
    const headers = {
      authorization: `Bearer ${peer(model, "anna").token()}`,
      "content-type": "application/json",
    };
    const send = (body: string) => fetch(`${url}/api/sync/push`, { method: "POST", headers, body });

    const small = await send('{"changes":{}}');
    const large = await send("x".repeat(300_000));
    const discovery = await fetch(`${url}/.well-known/mirubato-sync`);

    expect([small.status, large.status]).toEqual([200, 413]);
    expect(await large.json()).toMatchObject({ code: "BODY_TOO_LARGE" });
    expect(sizes).toEqual([14, 2_001, 0]);
    expect(await discovery.json()).toMatchObject({ endpoints: { http: url } });
  } finally {
    await close();
  }
  await expect(fetch(`${url}/health`)).rejects.toThrow("fetch failed");
});

test("a request that the model never answers ends with its connection", async () => {
  const model = createModel({ secret: SECRET });
  const { url, close } = await listen({
    ...model,
    handle: () => Promise.reject(new Error("the server ended")),
  });
  try {
    await expect(fetch(`${url}/health`)).rejects.toThrow("fetch failed");
  } finally {
    await close();
  }
});

test("a request that its client gives up is told, and one that was answered is not", async () => {
  const model = createModel({ secret: SECRET });
  const told: string[] = [];
  const { promise: givenUp, resolve } = Promise.withResolvers<void>();
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: answer, resolve: letAnswer } = Promise.withResolvers<void>();
  const { url, close } = await listen({
    ...model,
    async handle(request) {
      if (request.path === "/slow") {
        arrive();
        await answer;
      }
      return model.handle(request);
    },
    givenUp({ path }) {
      told.push(path);
      resolve();
    },
  });
  try {
    await fetch(`${url}/health`);
    const client = new AbortController();
    const slow = fetch(`${url}/slow`, { signal: client.signal });
    await arrived;
    client.abort();
    await expect(slow).rejects.toThrow("aborted");
    await givenUp;
    letAnswer();
  } finally {
    await close();
  }
  expect(told).toEqual(["/slow"]);
});

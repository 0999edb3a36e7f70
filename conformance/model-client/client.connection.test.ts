import { expect, test } from "vitest";
import { createModel } from "../model/model.ts";
import { peer, SECRET } from "../model/test-peer.ts";
import { conformingClient } from "./behaviour.ts";
import { createModelClient } from "./client.ts";
import { clientMutant, tally } from "./mutant.ts";
import { Store } from "./store.ts";
import { until, world } from "./test-world.ts";

test("after a restore the client is what the server is, and what it had not sent yet is sent", async () => {
  const { subject, open, between, anna, model } = world();
  const now = Date.now();
  await anna.push({ goals: ["g1", "g2", "g3"].map((id) => ({ id, title: "lost", updatedAt: now })) });
  const restored = createModel({ secret: SECRET });
  await peer(restored, "anna").push({ goals: [{ id: "g1", title: "restored", updatedAt: now - 60_000 }] });
  const host = await subject.launch();
  const phone = await open(host, "phone");
  await until("it is connected", async () => (await phone.status()) === "connected");
  expect(await phone.list()).toHaveLength(3);
  await phone.create({ id: "g9", title: "not sent yet" });
  between.transport = restored.handle;
  between.dial = restored.dial;
  model.restart();
  await phone.do("flush");
  await until("it has what the server has", async () => (await phone.list()).length === 2);
  expect((await phone.list()).map(({ title }) => title).toSorted()).toEqual(["not sent yet", "restored"]);
  await until("it is connected again", async () => (await phone.status()) === "connected");
  expect(restored.server.users.get("anna")!.head).toBe(2);
  await host.end();
});

test.each([
  ["later", "mine"],
  ["earlier", "theirs"],
])("an edit that meets a newer version and was made %s: %s stays", async (made, stays) => {
  const { subject, open, anna } = world({ sendsBatches: true });
  const at = Date.now();
  await anna.push({ goals: [{ id: "g1", title: "first", updatedAt: at - 1_000 }] });
  const host = await subject.launch();
  const phone = await open(host, "phone", { realtime: false });
  await phone.do("pull");
  await phone.do("offline");
  await phone.update("g1", { title: "mine" });
  const theirs = made === "later" ? at - 500 : Date.now() + 1_000;
  await anna.push({ goals: [{ id: "g1", title: "theirs", updatedAt: theirs }] });
  await phone.do("online");
  await phone.do("flush");
  expect(await phone.pending()).toBe(0);
  expect((await phone.list())[0]!["title"]).toBe(stays);
  expect((await anna.pull()).body.goals[0].title).toBe(stays);
  await host.end();
});

test("a connection on which nothing comes is given up; there is never a second one", async () => {
  const { subject, open, between, model } = world();
  let dials = 0;
  let pings = 0;
  between.dial = async (request, signal) => {
    const socket = await model.dial(request, signal);
    if (dials++ > 0 || !("send" in socket)) return socket;
    const send = socket.send.bind(socket);
    socket.send = (data) => (data === '{"type":"PING"}' ? void (pings += 1) : send(data));
    return socket;
  };
  const host = await subject.launch();
  const phone = await open(host, "phone");
  await until("it is connected", async () => (await phone.status()) === "connected");
  for (let n = 0; n < 5; n += 1) await phone.do("connect");
  expect(dials).toBe(1);
  await until("it has dialled again", () => dials === 2);
  expect(pings).toBe(1);
  await until("one connection is left", () => model.server.connections.size === 1);
  await host.end();
});

test("closed or killed, it leaves no timer and no connection", async () => {
  const model = createModel({ secret: SECRET });
  for (const end of ["close", "kill"] as const) {
    const timers = new Set<NodeJS.Timeout>();
    const client = createModelClient({
      user: "anna",
      token: () => peer(model, "anna").token(),
      transport: model.handle,
      dial: model.dial,
      store: new Store("phone"),
      realtime: true,
      clock: {
        now: () => Date.now(),
        after(ms, call) {
          const timer = setTimeout(() => {
            timers.delete(timer);
            call();
          }, ms / 100);
          timers.add(timer);
          return () => {
            timers.delete(timer);
            clearTimeout(timer);
          };
        },
      },
      random: () => 0.5,
      unique: () => end,
      behaviour: conformingClient,
    });
    await until("it is connected", async () => (await client.status()).status === "connected");
    await client.create("goal", { id: `g ${end}`, title: "Scales" });
    expect(timers.size).toBeGreaterThan(0);
    await client[end]();
    expect(timers.size).toBe(0);
    await until("it is gone", () => model.server.connections.size === 0);
    expect(timers.size).toBe(0);
    expect(client.context.crashes).toEqual([]);
  }
});

test("a mutant is named, told and blamed, and remembers", async () => {
  const good = { name: "a-b", story: "s", breaks: ["CLI-001"], deform: () => conformingClient };
  expect(clientMutant(good).name).toBe("a-b");
  expect(() => clientMutant({ ...good, name: "A b" })).toThrow("kebab-case");
  expect(() => clientMutant({ ...good, story: " " })).toThrow("story");
  expect(() => clientMutant({ ...good, breaks: [] })).toThrow("requirement");

  const drops = clientMutant({
    ...good,
    deform: (conforming) => ({
      ...conforming,
      enqueue: (context, change) => {
        if (tally(context, "writes") % 2 === 1) return conforming.enqueue(context, change);
      },
    }),
  });
  const { subject, open } = world({ mutant: drops });
  const host = await subject.launch();
  const phone = await open(host, "phone");
  for (const id of ["g1", "g2", "g3"]) await phone.create({ id, title: id });
  expect((await phone.list()).map(({ id }) => id)).toEqual(["g1", "g3"]);
  await host.end();
});

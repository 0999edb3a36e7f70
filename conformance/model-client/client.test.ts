import { expect, test } from "vitest";
import { NOW } from "../model/test-peer.ts";
import { until, world } from "./test-world.ts";

test("writes made offline reach another device, and its writes come back", async () => {
  const { subject, open } = world();
  const host = await subject.launch();
  const phone = await open(host, "phone");
  await phone.do("offline");
  const { id } = await phone.create({ title: "Scales" });
  await phone.entry({ id: "e1", notes: "slow" });
  expect(await phone.list()).toEqual([{ id, title: "Scales" }]);
  expect(await phone.pending()).toBe(2);
  const laptop = await open(host, "laptop", { realtime: false });
  await phone.do("online");
  await until("the phone has sent everything", async () => (await phone.pending()) === 0);
  await laptop.do("pull");
  expect(await laptop.list()).toEqual([{ id, title: "Scales" }]);
  await laptop.update(id, { title: "Scales in thirds" });
  await laptop.do("flush");
  await until("the phone is told", async () => (await phone.list())[0]?.["title"] === "Scales in thirds");
  await phone.delete(id);
  await until("the laptop polls", async () => (await laptop.list()).length === 0);
  expect(await phone.status()).toBe("connected");
  await host.end();
});

test("the server's form of an item and of its id are taken over", async () => {
  const { subject, open } = world();
  const host = await subject.launch();
  const phone = await open(host, "phone");
  await host.ask("create", {
    client: "phone",
    type: "repertoire_item",
    item: { scoreId: "Moonlight Sonata-Beethoven", title: "Moonlight Sonata", status: "learning" },
  });
  await phone.entry({ id: "e1", instrument: "Piano" });
  await phone.do("flush");
  expect((await phone.list("repertoire_item")).map(({ scoreId }) => scoreId)).toEqual([
    "moonlight sonata-beethoven",
  ]);
  expect((await phone.list("logbook_entry"))[0]!["instrument"]).toBe("piano");
  // It still goes by the name that it was made under.
  await host.ask("delete", { client: "phone", type: "repertoire_item", id: "Moonlight Sonata-Beethoven" });
  await phone.do("flush");
  expect(await phone.list("repertoire_item")).toEqual([]);
  await host.end();
});

test("an edit that changes nothing queues nothing, and bad calls are refused", async () => {
  const { subject, open } = world();
  const host = await subject.launch();
  const phone = await open(host, "phone");
  await phone.do("offline");
  await phone.create({ id: "g1", title: "Scales" });
  await phone.do("online");
  await phone.do("flush");
  await phone.update("g1", { title: "Scales" });
  expect(await phone.pending()).toBe(0);
  await expect(phone.update("g2", {})).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(phone.create({ id: "g1" })).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
  await phone.do("close");
  await expect(phone.list()).rejects.toMatchObject({ code: "CLOSED" });
  await host.end();
});

test("an answer that is lost is asked for again, with the same key and body", async () => {
  const { subject, open, between, model } = world();
  const sent: { key: string | undefined; body: string }[] = [];
  between.transport = async (request, signal) => {
    if (!request.path.endsWith("/push")) return model.handle(request, signal);
    sent.push({ key: request.headers["x-idempotency-key"], body: new TextDecoder().decode(request.body) });
    const answer = await model.handle(request, signal);
    if (sent.length === 1) throw new Error("lost");
    if (sent.length === 2)
      return { ...answer, headers: { "content-type": "text/html" }, body: new Uint8Array() };
    return answer;
  };
  const host = await subject.launch();
  const phone = await open(host, "phone", { realtime: false });
  await phone.entry({ id: "e1", notes: "first" });
  await until("it was sent", () => sent.length === 1);
  await phone.update("e1", { notes: "second" }, "logbook_entry");
  await until("everything is acknowledged", async () => (await phone.pending()) === 0);
  expect(sent[1]).toEqual(sent[0]);
  expect(sent[2]).toEqual(sent[0]);
  expect(sent).toHaveLength(4);
  expect(sent[3]!.key).not.toBe(sent[0]!.key);
  expect((await phone.list("logbook_entry"))[0]!["notes"]).toBe("second");
  expect(model.server.users.get("anna")!.head).toBe(2);
  await host.end();
});

test("a token that is refused is waited for; another user's is not taken", async () => {
  const { subject, open, anna, model } = world();
  const host = await subject.launch();
  const phone = await open(host, "phone", { token: anna.token({ exp: 1 }) });
  await phone.create({ id: "g1", title: "Scales" });
  await until("the token is refused", async () => (await phone.status()) === "disconnected");
  const calls = model.server.requests;
  await expect(phone.do("flush")).rejects.toMatchObject({ code: "NO_TOKEN" });
  expect(model.server.requests).toBe(calls);
  await expect(phone.token(anna.token({ sub: "ben" }))).rejects.toMatchObject({ code: "WRONG_USER" });
  await phone.token(anna.token());
  await phone.do("flush");
  expect(await phone.pending()).toBe(0);
  await until("it is connected", async () => (await phone.status()) === "connected");
  await host.end();
});

test("a full pull removes what is gone, and nothing older comes back", async () => {
  const { subject, open, between, model, anna } = world();
  const ids = Array.from({ length: 60 }, (_, n) => `g${n}`);
  await anna.push({ goals: ids.map((id) => ({ id, title: id, updatedAt: NOW })) });
  const host = await subject.launch();
  const phone = await open(host, "phone", { realtime: false });
  await phone.do("pull");
  expect(await phone.list()).toHaveLength(60);
  let arrived = false;
  let forge = false;
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  between.transport = async (request, signal) => {
    const body = JSON.parse(new TextDecoder().decode(request.body)) as Record<string, unknown>;
    if (forge && body["since"] !== undefined) {
      forge = false;
      const spoilt = new TextEncoder().encode(JSON.stringify({ ...body, since: "forged" }));
      return model.handle({ ...request, body: spoilt }, signal);
    }
    const answer = await model.handle(request, signal);
    if (request.path.endsWith("/push") && !arrived) {
      arrived = true;
      await held;
    }
    return answer;
  };
  // An acknowledgement that comes after a full pull has shown its entity to be gone.
  await phone.entry({ id: "e1", notes: "late" });
  await until("the push has arrived", () => arrived);
  await anna.push({
    entries: [{ id: "e1", deletedAt: Date.now() + 5 }],
    goals: [{ id: "g3", deletedAt: NOW + 1 }],
  });
  const deletedBy = Date.now() + 5;
  await until("the deletion is past", () => Date.now() > deletedBy);
  forge = true;
  await phone.do("pull");
  expect(await phone.list()).toHaveLength(59);
  release();
  await until("it is settled", async () => (await phone.pending()) === 0);
  expect(await phone.list("logbook_entry")).toEqual([]);
  await host.end();
});

test("what is refused for good is a dead letter: seen, discarded, tried again, or replaced", async () => {
  const { subject, open } = world();
  const host = await subject.launch();
  const phone = await open(host, "phone");
  await phone.create({ id: "g1", title: 7 });
  await phone.create({ id: "g2", title: "Scales" });
  await phone.do("flush");
  expect(await phone.dead()).toEqual([{ type: "goal", id: "g1", code: "INVALID_ITEM" }]);
  expect(await phone.pending()).toBe(0);
  expect(await phone.list()).toHaveLength(2);
  await phone.retry("g1");
  expect(await phone.pending()).toBe(1);
  await until("it is dead again", async () => (await phone.dead()).length === 1);
  await phone.update("g1", { title: "Arpeggios" });
  expect(await phone.dead()).toEqual([]);
  await phone.do("flush");
  expect(await phone.pending()).toBe(0);
  await phone.update("g1", { title: 8 });
  await phone.do("flush");
  expect((await phone.list()).map(({ title }) => title)).toContain(8);
  await phone.discard("g1");
  expect((await phone.list()).map(({ title }) => title).toSorted()).toEqual(["Arpeggios", "Scales"]);
  await host.end();
});

test("a clock that is ahead is measured, and stamps are made anew", async () => {
  const { subject, open, model } = world({ server: { now: () => Date.now() - 3_600_000 } });
  const host = await subject.launch();
  const phone = await open(host, "phone");
  await phone.do("offline");
  await phone.create({ id: "g1", title: "before the first contact" });
  await phone.do("online");
  await until("everything is sent", async () => (await phone.pending()) === 0);
  await phone.create({ id: "g2", title: "after it" });
  await phone.do("flush");
  const stamps = [...model.server.users.get("anna")!.rows.values()].map(({ stamp }) => stamp.updatedAt);
  expect(stamps).toHaveLength(2);
  // The offset is known as exactly as an answer's way is short.
  for (const stamp of stamps) expect(stamp).toBeLessThan(model.now() + 60_000);
  expect(await phone.dead()).toEqual([]);
  await host.end();
});

test("tabs share outbox and connection; the next one takes over", async () => {
  const { subject, open, model } = world();
  const host = await subject.launch();
  const storage = subject.newStorage();
  const first = await open(host, "first", { storage });
  const second = await open(host, "second", { storage });
  await until("it is connected", async () => (await second.status()) === "connected");
  expect(model.server.connections.size).toBe(1);
  await second.create({ id: "g1", title: "Scales" });
  expect(await first.pending()).toBe(1);
  await second.do("flush");
  expect(await first.list()).toHaveLength(1);
  await second.entry({ id: "e1" });
  await first.do("close");
  await until("the second has sent it", async () => (await second.pending()) === 0);
  await until("it is connected again", async () => (await second.status()) === "connected");
  expect(model.server.connections.size).toBe(1);
  await host.end();
  await until("nothing is connected", () => model.server.connections.size === 0);
});

test("one user's writes wait for that user, whoever signs in meanwhile", async () => {
  const { subject, open, model } = world();
  const host = await subject.launch();
  const storage = subject.newStorage();
  const anna = await open(host, "hers", { storage });
  await anna.do("offline");
  await anna.create({ id: "g1", title: "hers" });
  await anna.do("sign-out");
  await anna.do("online");
  await anna.do("close");
  const ben = await open(host, "his", { storage, user: "ben" });
  await ben.do("flush");
  expect(await ben.list()).toEqual([]);
  expect(model.server.users.get("ben")?.head ?? 0).toBe(0);
  const again = await open(host, "hers", { storage });
  await again.do("flush");
  expect(await again.pending()).toBe(0);
  expect(model.server.users.get("anna")!.head).toBe(1);
  await host.end();
});

test("mutations go over the socket, and by HTTP where no answer comes", async () => {
  const { subject, open, model, between } = world({ socketMutations: true });
  const pushes: unknown[] = [];
  between.transport = (request, signal) => {
    if (request.path.endsWith("/push")) pushes.push(JSON.parse(new TextDecoder().decode(request.body)));
    return model.handle(request, signal);
  };
  let deaf = false;
  const carried: Record<string, unknown>[] = [];
  between.dial = async (request, signal) => {
    const socket = await model.dial(request, signal);
    if (!("send" in socket)) return socket;
    const send = socket.send.bind(socket);
    socket.send = (data) => {
      const message = JSON.parse(String(data)) as Record<string, unknown>;
      if (message["type"] === "ENTITY_CHANGED") carried.push(message["item"] as Record<string, unknown>);
      if (!deaf) send(data);
    };
    return socket;
  };
  const host = await subject.launch();
  const phone = await open(host, "phone");
  await until("it is connected", async () => (await phone.status()) === "connected");
  await phone.entry({ id: "e1" });
  await until("it is acknowledged", async () => (await phone.pending()) === 0);
  expect(pushes).toEqual([]);
  deaf = true;
  await phone.entry({ id: "e2" });
  await until("HTTP has carried it", async () => (await phone.pending()) === 0);
  expect(pushes).toEqual([{ changes: { entries: [carried[1]] } }]);
  await host.end();
});

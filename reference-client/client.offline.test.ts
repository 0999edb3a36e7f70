import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryStorage } from "./adapters/memory/storage.ts";
import { anEntry, newUser, openDevice, until } from "./testing/device.ts";
import { startServer, type TestServer } from "./testing/server.ts";
import { answer, unplugged } from "./testing/wire.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer("--model");
});
afterAll(() => server.kill());

const manual = { settings: { autoSync: "never" } } as const;

describe("offline", () => {
  it("shows a write at once, and has it stored when the call resolves (CLI-015)", async () => {
    const user = newUser();
    const storage = memoryStorage();
    const { client } = await openDevice(server.url, user, { storage, ...manual });
    const creating = client.create("goal", { title: "Scales" });
    expect(client.list("goal").map(({ title }) => title)).toEqual(["Scales"]);
    const { id } = await creating;
    await client.close();
    const again = await openDevice(server.url, user, { storage, ...manual });
    expect(again.client.get("goal", id)?.title).toBe("Scales");
    expect(again.client.pending()).toMatchObject([{ type: "goal", id, sent: false }]);
  });

  it("queues nothing for an edit that changes nothing (CLI-016)", async () => {
    const { client } = await openDevice(server.url, newUser());
    const { id } = await client.create("logbook_entry", anEntry());
    await client.flush();
    await client.update("logbook_entry", id, { instrument: "PIANO", notes: "slow" });
    expect(client.pendingCount).toBe(0);
  });

  it("coalesces edits that were never sent, and sends the whole entity once", async () => {
    const { client, wire } = await openDevice(server.url, newUser(), manual);
    const { id } = await client.create("goal", { title: "Scales", description: "in thirds" });
    await client.update("goal", id, { title: "Arpeggios" });
    await client.update("goal", id, { description: undefined });
    await client.flush();
    expect(wire.calls("push")).toHaveLength(1);
    const { goals } = (wire.calls("push")[0]!.body as { changes: { goals: object[] } }).changes;
    expect(goals).toEqual([{ id, title: "Arpeggios", updatedAt: expect.any(String) }]);
    expect(client.pendingCount).toBe(0);
  });

  it("sends the deletion alone of what was created and deleted without a network", async () => {
    const { client, wire } = await openDevice(server.url, newUser(), manual);
    const { id } = await client.create("goal", { title: "Scales" });
    await client.delete("goal", id);
    await client.flush();
    expect(client.list("goal")).toEqual([]);
    expect(wire.calls("push")).toHaveLength(1);
    expect(client.pendingCount).toBe(0);
  });

  it("sends create and delete where the create may have arrived (CLI-021)", async () => {
    const user = newUser();
    const { client, wire } = await openDevice(server.url, user, manual);
    wire.meddle = async (_, on) => {
      await on();
      throw new TypeError("the answer is lost");
    };
    const { id } = await client.create("goal", { title: "Scales" });
    await expect(client.flush()).rejects.toMatchObject({ code: "UNREACHABLE" });
    await client.delete("goal", id);
    expect(client.list("goal")).toEqual([]);
    wire.meddle = (_, on) => on();
    await client.flush();
    const keys = wire.calls("push").map(({ key }) => key);
    expect(keys).toHaveLength(3);
    expect(keys[0]).toBe(keys[1]);
    const other = await openDevice(server.url, user);
    await other.client.pull();
    expect(other.client.list("goal")).toEqual([]);
    expect(client.pendingCount).toBe(0);
  });

  it("sends the same key and body after a lost answer, and a later edit in a request of its own (CLI-009, CLI-019)", async () => {
    const { client, wire } = await openDevice(server.url, newUser(), manual);
    let losses = 2;
    wire.meddle = async (seen, on) => {
      const response = await on();
      if (seen.call === "push" && losses-- > 0) throw new TypeError("the answer is lost");
      return response;
    };
    const { id } = await client.create("goal", { title: "one" });
    await expect(client.flush()).rejects.toMatchObject({ code: "UNREACHABLE" });
    await client.update("goal", id, { title: "two" });
    await expect(client.flush()).rejects.toMatchObject({ code: "UNREACHABLE" });
    await client.flush();
    const pushes = wire.calls("push");
    expect(pushes.map(({ key }) => key === pushes[0]!.key)).toEqual([true, true, true, false]);
    expect(pushes[2]!.body).toEqual(pushes[0]!.body);
    expect(client.get("goal", id)?.title).toBe("two");
    expect(client.pendingCount).toBe(0);
  });

  it("keeps what was sent over the end of the app, and sends it again under its key", async () => {
    const user = newUser();
    const storage = memoryStorage();
    const first = await openDevice(server.url, user, { storage, ...manual });
    first.wire.meddle = async (_, on) => {
      await on();
      throw new TypeError("the answer is lost");
    };
    await first.client.create("goal", { title: "one" });
    await expect(first.client.flush()).rejects.toMatchObject({ code: "UNREACHABLE" });
    await first.client.close();
    const second = await openDevice(server.url, user, { storage, ...manual });
    await second.client.flush();
    expect(second.wire.calls("push")).toMatchObject([
      { key: first.wire.calls("push")[0]!.key, answer: { results: [{ outcome: "applied" }] } },
    ]);
    expect(second.client.pendingCount).toBe(0);
  });

  it("takes a captive portal's page for no answer, and loses nothing (CLI-042)", async () => {
    const { client, wire } = await openDevice(server.url, newUser(), manual);
    for (const made of [
      answer(200, "<html>Log in</html>"),
      answer(200, { success: true }),
      answer(302, "x"),
    ]) {
      wire.meddle = async () => made;
      await client.create("goal", { title: "Scales" });
      await expect(client.flush()).rejects.toMatchObject({ code: "UNREACHABLE" });
      await expect(client.pull()).rejects.toMatchObject({ code: "UNREACHABLE" });
    }
    expect(client.pendingCount).toBe(3);
    wire.meddle = (_, on) => on();
    await client.flush();
    expect(client.pendingCount).toBe(0);
    expect(client.deadLetters()).toEqual([]);
  });

  it("comes back by itself when the network does", async () => {
    const { client, wire } = await openDevice(server.url, newUser());
    wire.meddle = unplugged;
    await client.create("logbook_entry", anEntry());
    await until(() => expect(wire.calls("push").length).toBeGreaterThan(1));
    wire.meddle = (_, on) => on();
    await until(() => expect(client.pendingCount).toBe(0));
    expect(new Set(wire.calls("push").map(({ key }) => key)).size).toBe(1);
  });
});

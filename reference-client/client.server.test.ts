import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { memoryStorage } from "./adapters/memory/storage.ts";
import { anEntry, newUser, openDevice, until } from "./testing/device.ts";
import { startServer, tokenFor, type TestServer } from "./testing/server.ts";

const started: TestServer[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server.kill();
});
async function start(...args: string[]): Promise<TestServer> {
  const server = await startServer(...args);
  started.push(server);
  return server;
}

describe("with the reference server in workerd", () => {
  it("makes two devices that wrote offline equal, all types, deletions against edits", async () => {
    const { url } = await start();
    const user = newUser();
    const manual = { settings: { autoSync: "never" } } as const;
    const [phone, laptop] = [await openDevice(url, user, manual), await openDevice(url, user, manual)];
    const both = [phone.client, laptop.client];
    const shared = await phone.client.create("goal", { title: "shared" });
    const doomed = await phone.client.create("goal", { title: "doomed" });
    await phone.client.flush();
    await laptop.client.pull();

    // Both go offline.
    await phone.client.update("goal", shared.id, { title: "by the phone" });
    await laptop.client.update("goal", shared.id, { title: "by the laptop" });
    await laptop.client.update("goal", doomed.id, { title: "edited" });
    await phone.client.delete("goal", doomed.id);
    for (const client of both) {
      await client.create("logbook_entry", anEntry());
      await client.create("practice_plan", { title: "plan", schedule: { kind: "single" } });
      await client.create("plan_occurrence", { planId: "p1" });
      await client.create("plan_template", { title: "template", schedule: { kind: "single" } });
    }
    await phone.client.create("repertoire_item", {
      title: "Für Elise",
      composer: "Beethoven",
      status: "learning",
    });
    await laptop.client.create("user_preferences", { id: "preferences", theme: "dark" });
    for (const client of [...both, ...both]) {
      await client.flush();
      await client.pull();
    }
    const types = [
      ["logbook_entry", 2],
      ["repertoire_item", 1],
      ["goal", 1],
      ["practice_plan", 2],
      ["plan_occurrence", 2],
      ["plan_template", 2],
      ["user_preferences", 1],
    ] as const;
    for (const [type, count] of types) {
      expect(phone.client.list(type), type).toHaveLength(count);
      expect(laptop.client.list(type), type).toEqual(phone.client.list(type));
    }
    expect(phone.client.get("repertoire_item", "für elise-beethoven")?.status).toBe("learning");
    expect(phone.client.get("plan_template", laptop.client.list("plan_template")[0]!.id)?.authorId).toBe(
      user,
    );
    expect(both.map(({ pendingCount }) => pendingCount)).toEqual([0, 0]);
  });

  it("lives through the server's death: nothing is lost, nothing doubled", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mirubato-client-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    const first = await start("--persist", folder);
    const user = newUser();
    const [phone, laptop] = [await openDevice(first.url, user), await openDevice(first.url, user)];
    await until(() =>
      expect([phone.client.status, laptop.client.status]).toEqual(["connected", "connected"]),
    );
    const before = await phone.client.create("logbook_entry", anEntry("before"));
    await until(() => expect(laptop.client.list("logbook_entry")).toHaveLength(1));
    await first.kill();
    await until(() => expect(phone.client.status).toBe("reconnecting"));
    const during = await phone.client.create("logbook_entry", anEntry("during"));
    await laptop.client.update("logbook_entry", before.id, { notes: "by the laptop" });
    await start("--persist", folder, "--port", String(first.port));
    for (const { client } of [phone, laptop]) {
      await until(() => expect(client.status).toBe("connected"));
      await until(() => expect(client.get("logbook_entry", during.id)?.notes).toBe("during"));
      await until(() => expect(client.get("logbook_entry", before.id)?.notes).toBe("by the laptop"));
      await until(() => expect(client.pendingCount).toBe(0));
      expect(client.list("logbook_entry")).toHaveLength(2);
    }
  });
});

describe("with a server whose data are another's", () => {
  it("drops what it confirmed before a restore, and keeps its outbox (CLI-014, CLI-050)", async () => {
    const first = await start("--model");
    const user = newUser();
    const storage = memoryStorage();
    const { client } = await openDevice(first.url, user, { storage });
    const { id } = await client.create("goal", { title: "before the restore" });
    await client.flush();
    await until(() => expect(client.status).toBe("connected"));
    await first.kill();
    const { id: kept } = await client.create("goal", { title: "not sent yet" });
    // A model that starts again has forgotten everything: another epoch.
    await start("--model", "--port", String(first.port));
    await until(() => expect(client.get("goal", id)).toBeUndefined());
    await until(() => expect(client.pendingCount).toBe(0));
    await until(() => expect(client.status).toBe("connected"));
    expect(client.list("goal").map((goal) => goal.id)).toEqual([kept]);
  });
});

describe("on the socket", () => {
  it("takes a new token before the old one expires, on the same connection", async () => {
    const { url } = await start("--model");
    const user = newUser();
    let asked = 0;
    const soon = (): number => Math.floor(Date.now() / 1000) + 61 + 3600 * asked++;
    const { client, wire } = await openDevice(url, user, { token: () => tokenFor(user, { exp: soon() }) });
    await until(() => expect(wire.sent.some((text) => text.includes('"AUTH"'))).toBe(true));
    expect(client.metrics.connectionsOpened).toBe(1);
    expect(client.status).toBe("connected");
  });

  it("goes on by HTTP where no socket can be opened, and asks status why (CLI-036, CLI-039)", async () => {
    const { url } = await start("--model");
    const user = newUser();
    const [phone, laptop] = [
      await openDevice(url, user),
      await openDevice(url, user, { realtime: undefined }),
    ];
    phone.wire.socketsOpen = false;
    for (const socket of phone.wire.sockets) socket.close(1000);
    await phone.client.create("logbook_entry", anEntry());
    await until(() => expect(phone.client.pendingCount).toBe(0));
    await until(() => expect(phone.wire.calls("status").length).toBeGreaterThan(0));
    await laptop.client.pull();
    expect(laptop.client.list("logbook_entry")).toHaveLength(1);
    expect(laptop.client.status).toBe("connected");
    expect(laptop.wire.sockets.size).toBe(0);
  });
});

import { expect, it } from "vitest";
import { memoryStorage } from "./adapters/memory/storage.ts";
import { SyncError } from "./errors.ts";
import type { OpenStorage } from "./ports/storage.ts";
import { newUser, openDevice, until } from "./testing/device.ts";
import { answer } from "./testing/wire.ts";

const nowhere = "http://127.0.0.1:9";
const manual = { settings: { autoSync: "never" } } as const;

/** A storage that is full while `full` says so. */
function fillable(full: () => boolean): OpenStorage {
  const inner = memoryStorage();
  return async (user) => {
    const storage = await inner(user);
    return {
      ...storage,
      transact: (keys, plan) =>
        storage.transact(keys, (current) => {
          const changes = plan(current);
          if (full() && changes !== undefined) throw new SyncError("STORAGE_FULL", "There is no space left.");
          return changes;
        }),
    };
  };
}

it("tells the call that wrote when the storage is full, and shows nothing that is not stored (CLI-017)", async () => {
  let full = false;
  const { client } = await openDevice(nowhere, newUser(), { storage: fillable(() => full), ...manual });
  const { id } = await client.create("goal", { title: "stored" });
  full = true;
  const updating = client.update("goal", id, { title: "lost" });
  expect(client.get("goal", id)?.title).toBe("lost");
  await expect(updating).rejects.toMatchObject({ code: "STORAGE_FULL" });
  expect(client.get("goal", id)?.title).toBe("stored");
  full = false;
  await client.update("goal", id, { title: "stored again" });
  expect(client.get("goal", id)?.title).toBe("stored again");
});

it("opens 10 000 stored entities, flushes 10 000 writes, and lets other things happen meanwhile", async () => {
  const user = newUser();
  const storage = memoryStorage();
  const { client, wire } = await openDevice(nowhere, user, { storage, ...manual });
  let seq = 0;
  wire.meddle = async ({ body }) => {
    const { goals } = (body as { changes: { goals: { id: string; updatedAt: string }[] } }).changes;
    const results = goals.map(({ id, updatedAt }, at) => ({
      pointer: `/changes/goals/${at}`,
      entityType: "goal",
      entityId: id,
      outcome: "applied",
      meta: {
        entityType: "goal",
        entityId: id,
        version: 1,
        seq: ++seq,
        updatedAt,
        deletedAt: null,
        checksum: "ab",
      },
    }));
    return answer(200, { success: true, results, timestamp: new Date().toISOString() });
  };
  await Promise.all(
    Array.from({ length: 10_000 }, (_, at) => client.create("goal", { title: `goal ${at}` })),
  );
  expect(client.pendingCount).toBe(10_000);
  await client.flush();
  expect(client.pendingCount).toBe(0);
  expect(wire.calls("push")).toHaveLength(200);
  await client.close();

  let turns = 0;
  let opening = true;
  const turn = (): void => {
    turns++;
    if (opening) setImmediate(turn);
  };
  setImmediate(turn);
  const again = await openDevice(nowhere, user, { storage, ...manual });
  opening = false;
  expect(again.client.list("goal")).toHaveLength(10_000);
  expect(turns).toBeGreaterThan(10);
}, 60_000);

it("does what it is asked for right after it was opened, however long its storage takes", async () => {
  const inner = memoryStorage();
  const slow: OpenStorage = async (user) => {
    const storage = await inner(user);
    const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
    return { ...storage, transact: (keys, plan) => later().then(() => storage.transact(keys, plan)) };
  };
  const { client } = await openDevice(nowhere, newUser(), { storage: slow, ...manual });
  await expect(client.pull()).rejects.toMatchObject({ code: "UNREACHABLE" });
});

it("is closed when each call of close resolves, whichever was first", async () => {
  let ended = false;
  const inner = memoryStorage();
  const slow: OpenStorage = async (user) => {
    const storage = await inner(user);
    const close = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await storage.close();
      ended = true;
    };
    return { ...storage, close };
  };
  const { client } = await openDevice(nowhere, newUser(), { storage: slow, ...manual });
  void client.close();
  await client.close();
  expect(ended).toBe(true);
});

it("ends, and says why, when its storage is gone for good", async () => {
  const inner = memoryStorage();
  const gone = new SyncError("STORAGE_CLOSED", "The browser has cleared what this site has stored.");
  let lose: (why: SyncError) => void = () => {};
  const lost = new Promise<SyncError>((resolve) => (lose = resolve));
  const { client } = await openDevice(nowhere, newUser(), {
    storage: async (user) => ({ ...(await inner(user)), lost }),
    ...manual,
  });
  const told: SyncError[] = [];
  client.on("error", (error) => told.push(error));
  lose(gone);
  await until(() => expect(told).toEqual([gone]));
  await expect(client.create("goal", { title: "Scales" })).rejects.toMatchObject({ code: "CLOSED" });
});

import { beforeEach, expect, test } from "vitest";
import { MemoryStorage } from "../adapters/memory.ts";
import type { Identity, Visit, Witness } from "./ports.ts";
import { RestoreGuard } from "./restore-guard.ts";

let storage: MemoryStorage;
let kept: Witness | undefined;
let guard: RestoreGuard;
let serial: number;

beforeEach(() => {
  storage = new MemoryStorage();
  kept = undefined;
  serial = 0;
  guard = newGuard();
});

function newGuard(): RestoreGuard {
  return new RestoreGuard(storage, {
    read: async () => kept,
    write: async (witness) => {
      kept = witness;
    },
  });
}

const visit = (): Visit => ({
  user: "u",
  now: 1,
  device: null,
  deviceRefreshMs: 0,
  fresh: { epoch: `epoch-${++serial}`, cursorKey: "a2V5" },
});
const read = async () => (await storage.readStatus(visit(), 0)).identity;
const at = (identity: Identity, head: number): Identity => ({ ...identity, head });

test("takes the first identity it meets, and keeps it", async () => {
  const identity = await read();
  expect(await guard.admit(visit(), await guard.witness(), identity)).toEqual(identity);
  expect(await guard.witness()).toEqual({ epoch: identity.epoch, head: 0 });
});

test("a head below the acknowledged one is a restore, also for an object that has just woken up", async () => {
  const identity = await read();
  await guard.admit(visit(), await guard.witness(), identity);
  await guard.acknowledge({ epoch: identity.epoch, head: 5 });
  const woken = newGuard();
  const admitted = await woken.admit(visit(), await woken.witness(), at(identity, 4));
  expect(admitted.epoch).not.toBe(identity.epoch);
  expect(admitted.head).toBe(4);
  expect((await read()).epoch).toBe(admitted.epoch);
  expect(kept?.epoch).toBe(admitted.epoch);
});

test("a restore to the time before the first write is one restore, not one at each waking", async () => {
  const identity = await read();
  await guard.admit(visit(), await guard.witness(), identity);
  await guard.acknowledge({ epoch: identity.epoch, head: 5 });
  const restored = await guard.admit(visit(), await guard.witness(), identity);
  const woken = newGuard();
  expect((await woken.admit(visit(), await woken.witness(), await read())).epoch).toBe(restored.epoch);
});

test("a write that is acknowledged while a pull reads is none", async () => {
  const identity = await read();
  await guard.admit(visit(), await guard.witness(), identity);
  const witness = await guard.witness();
  await guard.acknowledge({ epoch: identity.epoch, head: 5 });
  expect(await guard.admit(visit(), witness, at(identity, 0))).toEqual(at(identity, 0));
});

test("of requests side by side after a restore only one gives a new identity", async () => {
  const identity = await read();
  await guard.admit(visit(), await guard.witness(), identity);
  await guard.acknowledge({ epoch: identity.epoch, head: 5 });
  const witness = await guard.witness();
  const first = await guard.admit(visit(), witness, at(identity, 1));
  const readBefore = await guard.admit(visit(), witness, at(identity, 1));
  const readAfter = await guard.admit(visit(), witness, at(first, 2));
  expect([readBefore.epoch, readBefore.head]).toEqual([first.epoch, 1]);
  expect([readAfter.epoch, readAfter.head]).toEqual([first.epoch, 2]);
});

test("a witness that can't be read fails its request, not the ones after", async () => {
  let failures = 1;
  const fragile = new RestoreGuard(storage, {
    read: async () => {
      if (failures-- > 0) throw new Error("storage");
      return kept;
    },
    write: async () => {},
  });
  await expect(fragile.witness()).rejects.toThrow("storage");
  expect(await fragile.witness()).toBeUndefined();
});

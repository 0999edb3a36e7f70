import { beforeEach, describe, expect, test } from "vitest";
import { MemoryStorage } from "../adapters/memory.ts";
import { goal } from "../testing/harness.ts";
import { localUser } from "../testing/local-user.ts";
import { StorageError, type Commit, type Storage } from "./ports.ts";

/** A store that can be put back to what it was, and tells how often it was read for a write. */
class Restorable implements Storage {
  reads = 0;
  afterCommit: () => void = () => undefined;
  #inner = new MemoryStorage();
  readonly #commits: Commit[] = [];

  openWrite: Storage["openWrite"] = (visit, query) => {
    this.reads += 1;
    return this.#inner.openWrite(visit, query);
  };

  commit: Storage["commit"] = async (write) => {
    const outcome = await this.#inner.commit(write);
    if (outcome === "committed") this.#commits.push(write);
    this.afterCommit();
    return outcome;
  };

  readPage: Storage["readPage"] = (visit, query) => this.#inner.readPage(visit, query);
  readStatus: Storage["readStatus"] = (visit, since) => this.#inner.readStatus(visit, since);
  replaceIdentity: Storage["replaceIdentity"] = (...identity) => this.#inner.replaceIdentity(...identity);

  /** Undoes all but so many writes; undefined: the user, too. */
  async restore(kept: number | undefined): Promise<void> {
    const [{ visit }] = this.#commits as [Commit];
    const { identity } = await this.#inner.readStatus(visit, 0);
    this.#inner = new MemoryStorage();
    const commits = this.#commits.splice(0);
    if (kept === undefined) return;
    await this.#inner.readStatus({ ...visit, fresh: identity }, 0);
    for (const write of commits.slice(0, kept)) await this.commit(write);
  }
}

let storage: Restorable;
let call: ReturnType<typeof localUser>;
beforeEach(() => {
  storage = new Restorable();
  call = localUser(storage, "user");
});

async function push(items: object[], key?: string, by = call, more: Record<string, undefined> = {}) {
  const headers = { ...(key !== undefined && { "x-idempotency-key": key }), ...more };
  const { json, headers: got } = await by("push", { changes: { goals: items } }, headers);
  const outcomes = json.results?.map((result: any) => [result.outcome, result.meta?.seq ?? result.code]);
  return { outcomes: outcomes ?? json.code, replay: got.has("x-idempotent-replay") };
}

const epochAndIds = async () => {
  const { json } = await call("pull", {});
  return [json.epoch, json.goals.map((item: any) => item.id)];
};

test("reads for the first write, and for none that it can judge by what it knows", async () => {
  expect((await push([goal("a")], "k1")).outcomes).toEqual([["applied", 1]]);
  expect((await push([goal("b"), goal("a", 1)], "k2")).outcomes).toEqual([
    ["applied", 2],
    ["applied", 3],
  ]);
  expect((await push([goal("a"), goal("b"), goal("c")])).outcomes).toEqual([
    ["superseded", 3],
    ["duplicate", 2],
    ["applied", 4],
  ]);
  expect(storage.reads).toBe(1);
});

test("an answer that the store has no part in is read for", async () => {
  await push([goal("a")]);
  expect((await push([goal("a")])).outcomes).toEqual([["duplicate", 1]]);
  expect(storage.reads).toBe(2);
});

describe.each([["the user", undefined] as const, ["everything", 0] as const, ["the last write", 1] as const])(
  "a restore that takes %s",
  (_, kept) => {
    test.each([
      ["new", goal("new"), undefined],
      ["new, with a key", goal("new"), "new"],
      ["lost", goal("lost"), undefined],
      ["lost, and repeated with its key", goal("lost"), "lost"],
      ["lost, and repeated with another key", goal("lost"), "again"],
      ["older than the lost one", goal("lost", -1), "older"],
    ])("is recognised by a write of what is %s", async (_name, item, key) => {
      await push([goal("kept")], "kept");
      await push([goal("lost")], "lost");
      const [before] = await epochAndIds();
      await storage.restore(kept);
      const { outcomes, replay } = await push([item], key);
      expect([outcomes, replay]).toEqual([[["applied", (kept ?? 0) + 1]], false]);
      const [after, ids] = await epochAndIds();
      expect(after).not.toBe(before);
      expect(ids).toEqual([...(kept === 1 ? ["kept"] : []), item.id]);
      // From then on it is a store like any other.
      expect((await push([goal("next")], "next")).outcomes).toEqual([["applied", (kept ?? 0) + 2]]);
      expect((await epochAndIds())[0]).toBe(after);
    });
  },
);

describe("what another writer did is seen", () => {
  let other: typeof call;
  beforeEach(async () => {
    await push([goal("a")], "a");
    other = localUser(storage, "user");
  });

  test("its newer state of an entity that is known", async () => {
    await push([goal("a", 2)], "b", other);
    expect((await push([goal("a")], "c")).outcomes).toEqual([["superseded", 2]]);
    expect((await push([goal("a", 1)])).outcomes).toEqual([["superseded", 2]]);
  });

  test("an entity that is taken for a new one", async () => {
    await push([goal("x", 5)], "x", other);
    await push([goal("b")], "b");
    storage.reads = 0;
    const woken = localUser(storage, "user");
    await push([goal("c")], "c", woken);
    expect((await push([goal("x", 4), goal("y")], "y", woken)).outcomes).toEqual([
      ["superseded", 2],
      ["applied", 5],
    ]);
    expect(storage.reads).toBe(2);
  });

  test("an entity whose refusal would depend on it", async () => {
    const now = Date.now();
    const ahead = (ms: number) => ({ ...goal("x"), updatedAt: now + ms });
    const late = localUser(storage, "user", () => now + 60_000);
    expect((await push([ahead(360_000)], "x", late)).outcomes).toEqual([["applied", 2]]);
    const woken = localUser(storage, "user", () => now);
    await push([goal("b")], "b", woken);
    expect((await push([ahead(360_001)], "y", woken)).outcomes).toEqual([["applied", 4]]);
  });

  test("its answer under a key, also where none would be recorded", async () => {
    await push([goal("b")], "b", other);
    await push([goal("c")], "c");
    const deployed = { "x-sync-protocol": undefined };
    const refused = [goal("d"), { id: "bad" }];
    expect((await push([goal("b")], "b")).replay).toBe(true);
    expect((await push(refused, "b")).outcomes).toBe("IDEMPOTENCY_KEY_REUSED");
    expect((await push(refused, "b", call, deployed)).outcomes).toBe("IDEMPOTENCY_KEY_REUSED");
  });
});

test("a write of which it is not known whether it was stored is found if it was", async () => {
  await push([goal("a")]);
  storage.afterCommit = () => {
    storage.afterCommit = () => undefined;
    throw new StorageError("no answer");
  };
  expect((await push([goal("a", 1)])).outcomes).toBe("UNAVAILABLE");
  storage.reads = 0;
  expect((await push([goal("a", 1), goal("b")])).outcomes).toEqual([
    ["duplicate", 2],
    ["applied", 3],
  ]);
  expect(storage.reads).toBe(1);
});

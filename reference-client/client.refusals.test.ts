import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PushResponse } from "../schemas/http/push.ts";
import { anEntry, newUser, openDevice, until, wrongClock } from "./testing/device.ts";
import { startServer, tokenFor, type TestServer } from "./testing/server.ts";
import { answer, problem } from "./testing/wire.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer("--model", "--limits", '{"maxItems": 10}');
});
afterAll(() => server.kill());

const manual = { settings: { autoSync: "never" } } as const;
const HOUR = 3_600_000;
const bad = { title: 7 } as never;

describe("dead letters", () => {
  it("holds what the server refuses for good, and sends the rest (CLI-029)", async () => {
    const { client } = await openDevice(server.url, newUser(), manual);
    const { id } = await client.create("goal", bad);
    await client.create("goal", { title: "Scales" });
    const letters: string[] = [];
    client.on("deadLetter", (letter) => letters.push(letter.code));
    await client.flush();
    expect(client.pendingCount).toBe(0);
    // The member that is wrong, in the item and not in the request.
    expect(client.deadLetters()).toMatchObject([
      { type: "goal", id, code: "INVALID_ITEM", pointer: "/title" },
    ]);
    expect(letters).toEqual(["INVALID_ITEM"]);
    expect(client.list("goal")).toHaveLength(2);
  });

  it("can be sent again, dropped, or replaced by a newer edit", async () => {
    const { client, wire } = await openDevice(server.url, newUser(), manual);
    const goals = await Promise.all([1, 2, 3].map(() => client.create("goal", { title: "good" })));
    await client.flush();
    for (const { id } of goals) await client.update("goal", id, bad);
    await client.flush();
    expect(client.deadLetters()).toHaveLength(3);
    const [retried, dropped, replaced] = goals.map(({ id }) => id) as [string, string, string];
    await client.retry("goal", retried);
    await client.discard("goal", dropped);
    await client.update("goal", replaced, { title: "better" });
    expect(client.get("goal", dropped)?.title).toBe("good");
    const before = wire.calls("push").length;
    await client.flush();
    expect(wire.calls("push").length).toBe(before + 1);
    expect(client.deadLetters()).toMatchObject([{ id: retried }]);
    expect(client.get("goal", replaced)?.title).toBe("better");
    await expect(client.retry("goal", dropped)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("takes an item with an unknown code after three tries, without holding up the others", async () => {
    const { client, wire } = await openDevice(server.url, newUser(), manual);
    const { id } = await client.create("goal", { title: "Scales" });
    wire.meddle = async (seen, on) => {
      await on();
      const { results, ...others } = seen.answer as { results: { entityId: string }[] };
      const changed = results.map(({ entityId, ...one }) =>
        entityId === id ? { pointer: "/changes/goals/0", outcome: "refused", code: "MOON_PHASE" } : one,
      );
      return answer(200, { ...others, results: changed });
    };
    for (const left of [1, 1, 0]) {
      await client.create("logbook_entry", anEntry());
      await client.flush().catch(() => {});
      expect(client.pendingCount).toBe(left);
    }
    expect(client.deadLetters()).toMatchObject([{ id, code: "MOON_PHASE" }]);
  });
});

describe("a push that is refused as a whole", () => {
  it("is split under new keys until it fits (CLI-028)", async () => {
    const { client, wire } = await openDevice(server.url, newUser(), manual);
    await Promise.all(Array.from({ length: 25 }, (_, at) => client.create("goal", { title: `goal ${at}` })));
    await client.flush();
    const pushes = wire
      .calls("push")
      .map(({ status, body }) => [status, (body as { changes: { goals: unknown[] } }).changes.goals.length]);
    expect(pushes).toEqual([
      [413, 25],
      [413, 13],
      [200, 7],
      [200, 6],
      [413, 12],
      [200, 6],
      [200, 6],
    ]);
    expect(new Set(wire.calls("push").map(({ key }) => key)).size).toBe(7);
    expect(client.pendingCount).toBe(0);
    expect(client.deadLetters()).toEqual([]);
  });

  it("leaves one item as a dead letter, also where a gateway refused it", async () => {
    const { client, wire } = await openDevice(server.url, newUser(), manual);
    const { id } = await client.create("goal", { title: "too large" });
    await client.create("goal", { title: "fits" });
    wire.meddle = (seen, on) =>
      JSON.stringify(seen.body).includes(id) ? Promise.resolve(answer(413, "<html>")) : on();
    await client.flush();
    expect(client.deadLetters()).toMatchObject([{ id, code: "HTTP_413" }]);
    expect(client.pendingCount).toBe(0);
  });

  it("has the member that was named in the dead letter", async () => {
    const { client, wire } = await openDevice(server.url, newUser(), manual);
    await client.create("goal", { title: "Scales" });
    const errors = [{ pointer: "/changes/goals/0/steps/2", code: "INVALID_ITEM", detail: "too steep" }];
    wire.meddle = async () => {
      const response = problem(422, "INVALID_REQUEST");
      const body = { ...(JSON.parse(await response.text()) as object), errors };
      return { ...response, text: async () => JSON.stringify(body) };
    };
    await client.flush();
    expect(client.deadLetters()).toMatchObject([
      { code: "INVALID_REQUEST", detail: "too steep", pointer: "/steps/2" },
    ]);
  });

  it("goes out again with the same items under a new key where the key was in use", async () => {
    const { client, wire } = await openDevice(server.url, newUser(), manual);
    await client.create("goal", { title: "Scales" });
    wire.meddle = (_, on) =>
      wire.calls("push").length === 1 ? Promise.resolve(problem(422, "IDEMPOTENCY_KEY_REUSED")) : on();
    await client.flush();
    const [first, second] = wire.calls("push");
    expect(second!.key).not.toBe(first!.key);
    expect(second!.body).toEqual(first!.body);
    expect(client.pendingCount).toBe(0);
  });

  it("is no dead letter however often the server fails or is busy (CLI-030), and Retry-After wins (CLI-034)", async () => {
    const { client, wire } = await openDevice(server.url, newUser(), manual);
    await client.create("goal", { title: "Scales" });
    for (const status of [500, 503, 429, 409, 502]) {
      wire.meddle = async () => problem(status, "BUSY");
      await expect(client.flush()).rejects.toMatchObject({ code: "UNREACHABLE" });
    }
    wire.meddle = async () => problem(503, "UNAVAILABLE", { "retry-after": "3600" });
    await expect(client.flush()).rejects.toMatchObject({ code: "UNREACHABLE" });
    const calls = wire.calls("push").length;
    wire.meddle = (_, on) => on();
    await expect(client.flush()).rejects.toThrow("asked to wait");
    expect(wire.calls("push")).toHaveLength(calls);
    expect(new Set(wire.calls("push").map(({ key }) => key)).size).toBe(1);
    expect(client.deadLetters()).toEqual([]);
    expect(client.pendingCount).toBe(1);
  });

  it("stops and says so where the user may not sync, until it is told to go on", async () => {
    const { client, wire } = await openDevice(server.url, newUser());
    const errors: string[] = [];
    client.on("error", ({ code }) => errors.push(code));
    wire.meddle = async () => problem(403, "FORBIDDEN");
    await client.create("logbook_entry", anEntry());
    await until(() => expect(client.halted?.code).toBe("FORBIDDEN"));
    expect(client.status).toBe("disconnected");
    await expect(client.flush()).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(new Set(errors)).toEqual(new Set(["FORBIDDEN"]));
    wire.meddle = (_, on) => on();
    await client.resume();
    await until(() => expect(client.pendingCount).toBe(0));
    await until(() => expect(client.status).toBe("connected"));
  });
});

describe("clocks", () => {
  it("stamps again what a fast clock got refused, and keeps what was there (CLI-003)", async () => {
    const user = newUser();
    const clock = wrongClock(3 * HOUR);
    const { client, wire } = await openDevice(server.url, user, { ...manual, clock });
    const { id } = await client.create("goal", { title: "fast" });
    await client.flush();
    expect(wire.calls("push").map(({ answer: body }) => (body as PushResponse).results[0]!.outcome)).toEqual([
      "refused",
      "applied",
    ]);
    const { updatedAt } = client.get("goal", id)!;
    expect(Math.abs(Date.parse(updatedAt as string) - Date.now())).toBeLessThan(10_000);
    await client.update("goal", id, { title: "right" });
    const [pending] = client.pending();
    expect(Math.abs(pending!.writtenAt - Date.now())).toBeLessThan(10_000);
    await client.flush();
    expect(client.pendingCount + client.deadLetters().length).toBe(0);
  });

  it("wins with an edit on top of what it has seen, though its clock is slow (CLI-002)", async () => {
    const user = newUser();
    const right = await openDevice(server.url, user, manual);
    const slow = await openDevice(server.url, user, { ...manual, clock: wrongClock(-24 * HOUR) });
    const { id } = await right.client.create("goal", { title: "first" });
    await right.client.flush();
    await slow.client.pull();
    await slow.client.update("goal", id, { title: "second" });
    await slow.client.flush();
    await right.client.pull();
    expect(right.client.get("goal", id)?.title).toBe("second");
  });

  it("orders its own edits although its clock is set back between them", async () => {
    const clock = wrongClock(0);
    const { client } = await openDevice(server.url, newUser(), { ...manual, clock });
    const { id } = await client.create("goal", { title: "first" });
    await client.flush();
    clock.set(-10 * HOUR);
    await client.update("goal", id, { title: "second" });
    await client.flush();
    await client.pull();
    expect(client.get("goal", id)?.title).toBe("second");
  });
});

describe("tokens", () => {
  it("waits for another token after a 401, and does not use the old one again (CLI-035)", async () => {
    const user = newUser();
    let token = await tokenFor(user, { exp: 1 });
    const { client, wire } = await openDevice(server.url, user, { token: () => token });
    const failures: string[] = [];
    client.on("error", ({ code }) => failures.push(code));
    await client.create("logbook_entry", anEntry());
    await until(() => expect(failures).toContain("NO_TOKEN"));
    await expect(client.flush()).rejects.toMatchObject({ code: "NO_TOKEN" });
    expect(
      wire.seen.filter(({ headers }) => headers["authorization"] === `Bearer ${token}`).length,
    ).toBeLessThan(4);
    token = await tokenFor(user);
    await client.resume();
    await until(() => expect(client.pendingCount).toBe(0));
    await until(() => expect(client.status).toBe("connected"));
    const keys = wire.seen.filter(({ call }) => call === "push").map(({ key }) => key);
    expect(new Set(keys).size).toBe(1);
  });

  it("asks the app once at a time, and is closed while the app does not answer", async () => {
    let asked = 0;
    const { client, wire } = await openDevice(server.url, newUser(), {
      token: () => {
        asked++;
        return new Promise(() => {});
      },
    });
    await client.create("logbook_entry", anEntry());
    await until(() => expect(asked).toBe(1));
    const [flushing] = await Promise.allSettled([client.flush(), client.close()]);
    expect(flushing.status).toBe("rejected");
    expect([asked, wire.seen]).toEqual([1, []]);
  });

  it("tells once that there is none, until something succeeds", async () => {
    const { client } = await openDevice(server.url, newUser(), { ...manual, token: () => null });
    const told: string[] = [];
    client.on("error", ({ code }) => told.push(code));
    for (let time = 0; time < 3; time++)
      await expect(client.pull()).rejects.toMatchObject({ code: "NO_TOKEN" });
    expect(told).toEqual(["NO_TOKEN"]);
  });

  it("never sends one user's outbox with another's token (CLI-049)", async () => {
    const { client, wire } = await openDevice(server.url, newUser(), {
      token: () => tokenFor("somebody-else"),
    });
    await client.create("logbook_entry", anEntry());
    await expect(client.flush()).rejects.toMatchObject({ code: "WRONG_USER" });
    expect(wire.seen).toEqual([]);
    expect(client.pendingCount).toBe(1);
  });
});

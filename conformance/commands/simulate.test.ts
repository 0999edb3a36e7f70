import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { DEVELOPMENT_SECRET } from "../../spec/development-secret.ts";
import { signJwt } from "../wire/jwt.ts";
import { simulate } from "./simulate.ts";
import { CATALOGUE } from "../simulator/catalogue.ts";

const token = signJwt(
  { alg: "HS256", typ: "JWT" },
  { sub: "alice", iat: 1_700_000_000, exp: 4_000_000_000 },
  DEVELOPMENT_SECRET,
);
let stop: (() => Promise<unknown>) | undefined;
afterEach(async () => stop?.());

/** A simulator with somebody at its keyboard. */
async function started(...fault: string[]) {
  const told: string[] = [];
  const waiting = new Set<() => void>();
  const say = (line: string): void => {
    told.push(line);
    for (const look of waiting) look();
  };
  const input = new PassThrough();
  const ended = Promise.withResolvers<void>();
  const over = simulate({ port: 0, host: "127.0.0.1", fault }, { say, input, ended: ended.promise });
  stop = () => (ended.resolve(), over);
  const heard = (words: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve) => {
      const look = (): void => {
        const match = told.map((line) => words.exec(line)).find((found) => found !== null);
        if (!match) return;
        waiting.delete(look);
        resolve(match);
      };
      waiting.add(look);
      look();
    });
  const [, url = ""] = await heard(/simulator at (\S+),/);
  const push = (id: string) =>
    fetch(`${url}/api/sync/push`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "x-idempotency-key": id,
      },
      body: JSON.stringify({
        changes: {
          goals: [{ id, title: "Scales", type: "practice_time", updatedAt: "2026-11-21T10:00:00.000Z" }],
        },
      }),
    });
  const pull = async () => {
    const reply = await fetch(`${url}/api/sync/pull`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: "{}",
    });
    return (await reply.json()) as { goals: { id: string }[]; epoch: string };
  };
  return { url, told, heard, push, pull, type: (line: string) => void input.write(`${line}\n`) };
}

describe("the simulator alone", () => {
  it("tells what comes and goes without tokens, and does what it was begun with, once", async () => {
    const { push, pull, told, heard } = await started("lose-answer:push", "503:push");
    await expect(push("one")).rejects.toThrow("fetch failed");
    expect((await push("two")).status).toBe(503);
    expect((await push("three")).status).toBe(200);
    expect((await pull()).goals.map(({ id }) => id).toSorted()).toEqual(["one", "three"]);
    await heard(/→ #1 POST \/api\/sync\/push, key one: goal one/);
    await heard(/← #1 lost, the server had answered 200/);
    await heard(/← #2 503, not the server's own answer/);
    expect(told.join("\n")).not.toContain(token);
  });

  it("does what is typed: a restore goes back under a new epoch, and a mistake is told", async () => {
    const { push, pull, heard, type } = await started();
    await push("before");
    type("backup");
    await heard(/^\* backup/);
    await push("after");
    const { epoch } = await pull();
    type("restore");
    await heard(/^\* restore/);
    const restored = await pull();
    expect(restored.goals.map(({ id }) => id)).toEqual(["before"]);
    expect(restored.epoch).not.toBe(epoch);
    type("empty");
    await heard(/^\* empty/);
    expect((await pull()).goals).toEqual([]);
    type("lose-anser:push");
    await heard(/there is no fault "lose-anser:push".*Did you mean lose-answer\?/);
    type("cut:push");
    await heard(/cut is not about calls/);
    type("help");
    await heard(/half-open +open sockets carry nothing any more/);
  });

  it("breaks sockets, and says things on them that no server says", async () => {
    const { url, heard, type } = await started();
    const socket = new WebSocket(`${url.replace("http", "ws")}/sync/ws?userId=alice&token=${token}`);
    const frames: string[] = [];
    socket.on("message", (data: Buffer) => frames.push(data.toString()));
    const closed = new Promise<number>((resolve) => socket.on("close", resolve));
    await heard(/← socket 1 WELCOME/);
    type("unknown-message");
    await heard(/← socket 1 WEATHER/);
    type("close-4401");
    expect(await closed).toBe(4401);
    await heard(/socket 1 closed with 4401 by the simulator/);
    expect(frames.map((text) => (JSON.parse(text) as { type: string }).type)).toEqual(["WELCOME", "WEATHER"]);
  });

  it("refuses a fault that is none, and names those that there are", async () => {
    const begun = (fault: string) =>
      simulate({ port: 0, host: "127.0.0.1", fault: [fault] }, { say: () => {}, ended: Promise.resolve() });
    await expect(begun("503:pusch")).rejects.toThrow(/no call "pusch"; there are pull, push, batch, status/);
    await expect(begun("503*0")).rejects.toThrow(/must be 1 or more/);
    expect(new Set(CATALOGUE.map(({ name }) => name)).size).toBe(CATALOGUE.length);
  });
});

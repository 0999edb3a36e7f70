import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Conversation } from "../conformance/drivers/client/json-lines.ts";
import { createModel } from "../conformance/model/model.ts";
import { listen } from "../conformance/model/node-http.ts";
import { signJwt } from "../conformance/wire/jwt.ts";
import { createRedactor } from "../conformance/wire/redaction.ts";
import { adapter } from "./adapter.ts";

const SECRET = "a secret of this test, and of nobody else";
const tokenOf = (user: string, seconds = 3_600): string =>
  signJwt({ alg: "HS256", typ: "JWT" }, { sub: user, exp: Math.floor(Date.now() / 1000) + seconds }, SECRET);

let folder: string;
let input: PassThrough;
let talk: Conversation;
let ended: Promise<void>;
let errors = "";
let server: Awaited<ReturnType<typeof listen>>;
let open: Parameters<typeof talk.ask<"open">>[1];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "adapter-"));
  server = await listen(createModel({ secret: SECRET, baseUrl: "http://model.example" }));
  input = new PassThrough();
  const [output, error] = [new PassThrough(), new PassThrough()];
  errors = "";
  error.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  ended = adapter({ input, output, error });
  const waits = { answerTimeoutMs: 20_000, startTimeoutMs: 20_000 };
  talk = new Conversation({
    input: output,
    output: input,
    ended: new Promise(() => {}),
    lastWords: () => errors,
    redactor: createRedactor(),
    ...waits,
    onOver() {},
  });
  const alice = { user: "alice", token: tokenOf("alice") };
  open = { client: "a", url: server.url, ...alice, storage: folder, realtime: true, secondMs: 50 };
});

afterEach(async () => {
  input.end();
  await ended;
  await server.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

/** Ends the client that the tests open. */
const closed = () => talk.ask("close", { client: "a" });

describe("the adapter of the reference client", () => {
  it("says what it can do", async () => {
    const { verbs, clients, timing } = await talk.ask("capabilities", {});
    expect(verbs).toContain("flush");
    expect({ clients, timing }).toEqual({ clients: 100, timing: true });
  });

  it("writes, syncs and tells, and keeps its data", async () => {
    await talk.ask("open", open);
    const { id } = await talk.ask("create", { client: "a", type: "goal", item: { title: "Fugue" } });
    await talk.ask("update", { client: "a", type: "goal", id, patch: { title: "Fugue by heart" } });
    await talk.ask("flush", { client: "a" });
    expect(await talk.ask("pending", { client: "a" })).toEqual({ items: [], count: 0 });
    const piece = { title: "Fugue", composer: "Bach", status: "learning" };
    const { id: scoreId } = await talk.ask("create", { client: "a", type: "repertoire_item", item: piece });
    expect(await talk.ask("list", { client: "a", type: "repertoire_item" })).toMatchObject({
      items: [{ scoreId, title: "Fugue" }],
    });
    await expect.poll(() => talk.ask("status", { client: "a" })).toEqual({ status: "connected" });
    expect(await talk.ask("report", { client: "a" })).toMatchObject({
      health: "healthy",
      settings: { autoSync: "always" },
    });
    await closed();
    await talk.ask("open", { ...open, realtime: false });
    const { items } = await talk.ask("list", { client: "a", type: "goal" });
    expect(items).toMatchObject([{ id, title: "Fugue by heart" }]);
    await talk.ask("delete", { client: "a", type: "goal", id });
    expect(await talk.ask("list", { client: "a", type: "goal" })).toEqual({ items: [] });
    await closed();
    expect(talk.events).toContainEqual({ event: "status", client: "a", status: "connected" });
    expect(errors).toBe("");
  });

  it("uses a token that was refused no more, until it is given another", async () => {
    await talk.ask("open", { ...open, token: tokenOf("alice", -3_600) });
    await expect(talk.ask("pull", { client: "a" })).rejects.toThrow(/TOKEN|UNREACHABLE/);
    await expect(talk.ask("pull", { client: "a" })).rejects.toThrow(/NO_TOKEN/);
    await talk.ask("set-token", { client: "a", token: tokenOf("alice") });
    await talk.ask("pull", { client: "a" });
    await closed();
  });

  it("opens clients on one storage as tabs, that share an outbox", async () => {
    const { tabs } = await talk.ask("capabilities", {});
    await talk.ask("open", open);
    if (tabs === true) {
      await talk.ask("open", { ...open, client: "b" });
      const { id } = await talk.ask("create", { client: "b", type: "goal", item: { title: "Fugue" } });
      await expect
        .poll(async () => (await talk.ask("list", { client: "a", type: "goal" })).items)
        .toMatchObject([{ id }]);
      await closed();
      await talk.ask("flush", { client: "b" });
      await talk.ask("close", { client: "b" });
      await talk.ask("open", open);
    }
    await closed();
  });

  it("answers what makes no sense with an error, and goes on", async () => {
    input.write("not json\n");
    input.write(`{"id": 77, "verb": "dance", "params": {}}\n`);
    await expect(talk.ask("status", { client: "a" })).rejects.toThrow(/77/);
    expect(errors).toMatch(/^passed over: a request is one JSON object a line/);
  });

  it("refuses a client that is not open, and one that is open already", async () => {
    await expect(talk.ask("status", { client: "a" })).rejects.toThrow(/NOT_OPEN: No client "a" is open/);
    await talk.ask("open", open);
    await expect(talk.ask("open", open)).rejects.toThrow(/ALREADY_OPEN/);
    await expect(talk.ask("update", { client: "a", type: "goal", id: "x", patch: {} })).rejects.toThrow(
      /NOT_FOUND/,
    );
    await closed();
  });
});

import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Entries } from "../../conformance/bench/entries.ts";
import { BenchServer, type BenchUser } from "../../conformance/bench/server.ts";
import type { BenchSocket } from "../../conformance/bench/socket.ts";
import { doorstep } from "../../conformance/run/doorstep.ts";
import { readSettings } from "../../conformance/run/settings.ts";
import { openSubject } from "../../conformance/subject/open.ts";
import type { JsonObject } from "../../schemas/json.ts";
import { REFERENCE_LIMITS } from "../../schemas/limits.ts";
import { bundleServer, bundleWorker } from "../../reference-server/build.ts";
import { launch } from "../../reference-server/serve.ts";
import type { Counts } from "./counts.ts";

/** What the reference server asks of its platform, counted in workerd. The same in every run and on every machine, times apart. */
export interface Counted {
  /** By operation, each for one of it. */
  operations: Record<Operation, Counts>;
  /** Bytes of D1 that an entry takes, indexes included. */
  bytesPerEntity: number;
  /** Bytes of D1 that the record of a push of one entry takes, for as long as it is kept. */
  bytesPerRecord: number;
  /** How often a user's object wakes in an hour in which a device does nothing but PING. */
  wakesPerIdleHour: number;
}

export type Operation =
  | "pullNothing"
  | "pull10"
  | "push1"
  | "push50"
  | "push500"
  | "openSocket"
  | "catchUpNothing"
  | "mutation"
  | "ping";

const STORED = 2_000;
const IDLE = { timeoutMs: 1_500, pingMs: 300, forMs: 9_000 };

/** As it is deployed: with the limits that it advertises, and none of what only development has. */
async function started(limits: Record<string, unknown> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "mirubato-count-"));
  const assets = await bundleServer();
  const { code } = await bundleWorker(new URL("counted.worker.ts", import.meta.url));
  const vars = { ...assets.bindings.vars, ENVIRONMENT: "staging" };
  const counted = { ...assets, worker: code, bindings: { ...assets.bindings, vars } };
  const jwtSecret = randomBytes(32).toString("hex");
  const server = await launch(counted, {
    jwtSecret,
    persist: folder,
    limits: { requestBurst: null, ...limits },
  });
  const { signal } = new AbortController();
  const open = await openSubject(readSettings({ url: server.url, jwtSecret }, {}, folder), signal);
  const nonce = "count";
  await doorstep(open.subject, { nonce, signal });
  const counts = async (): Promise<Counts> => (await (await fetch(`${server.url}/counts`)).json()) as Counts;
  return {
    load: new BenchServer(open.subject, nonce),
    /** What was asked since it was called last, by what `act` does. */
    async during(act: () => Promise<unknown>): Promise<Counts> {
      await counts();
      await act();
      return counts();
    },
    async close() {
      await open.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function count(): Promise<Counted> {
  const { load, during, close } = await started();
  try {
    const entries = new Entries("count", "entry");
    const user = await load.user();
    const push = (size: number) => during(user.push(entries.some(size)));
    const before = await push(1);
    let after = before;
    for (let stored = 0; stored < STORED; stored += 500) after = await push(500);
    const bytesPerEntity = (after.d1Bytes - before.d1Bytes) / STORED;
    const records = 200;
    let last = after;
    for (let index = 0; index < records; index++) last = await push(1);
    const bytesPerRecord = Math.max(0, (last.d1Bytes - after.d1Bytes) / records - bytesPerEntity);

    const operations = {
      push1: last,
      push50: await push(50),
      push500: await push(500),
      ...(await reading(user, entries, during)),
      ...(await live(user, entries, during)),
    };
    return { operations, bytesPerEntity, bytesPerRecord, wakesPerIdleHour: await idle() };
  } finally {
    await close();
  }
}

type During = (act: () => Promise<unknown>) => Promise<Counts>;

async function reading(user: BenchUser, entries: Entries, during: During) {
  const { syncToken } = await user.push(entries.some(1))();
  const cursor = syncToken as string;
  const pullNothing = await during(user.pull(cursor));
  await user.push(entries.some(10))();
  return { pullNothing, pull10: await during(user.pull(cursor)) };
}

async function live(user: BenchUser, entries: Entries, during: During) {
  const { syncToken } = await user.push(entries.some(1))();
  const { lastSeq, epoch } = await user.pulled(syncToken as string);
  // The device that is told; then the one that is counted.
  const other = await user.socket();
  let socket: BenchSocket | undefined;
  const openSocket = await during(async () => (socket = await user.socket()));
  const asked = async (message: JsonObject, until: (frame: JsonObject) => boolean) => {
    socket!.send(message);
    await socket!.next(until);
  };
  const end = (frame: JsonObject): boolean => frame["type"] === "SYNC_RESPONSE";
  const catchUp = { type: "SYNC_REQUEST", lastSeq: lastSeq!, epoch: epoch! };
  const catchUpNothing = await during(() => asked(catchUp, end));
  const entry = entries.one();
  const id = entry["id"]!;
  const told = other.next((frame) => frame["type"] === "ENTRY_CREATED");
  const mutation = await during(async () => {
    await asked(
      { type: "ENTRY_CREATED", clientChangeId: id, entry },
      (frame) => frame["clientChangeId"] === id,
    );
    await told;
  });
  const ping = await during(() => asked({ type: "PING" }, (frame) => frame["type"] === "PONG"));
  socket!.close();
  other.close();
  return { openSocket, catchUpNothing, mutation, ping };
}

/** Played with a shorter time-out, for an hour is long: what wakes the object is that time-out, not the clock. */
async function idle(): Promise<number> {
  const { load, during, close } = await started({ idleTimeoutMs: IDLE.timeoutMs });
  try {
    const socket = await (await load.user()).socket();
    const { alarms, messagesIn } = await during(async () => {
      for (const end = Date.now() + IDLE.forMs; Date.now() < end;) {
        const pong = socket.next((frame) => frame["type"] === "PONG");
        socket.sendText('{"type":"PING"}');
        await pong;
        await new Promise((resolve) => setTimeout(resolve, IDLE.pingMs));
      }
    });
    socket.close();
    const perTimeOut = ((alarms + messagesIn) * IDLE.timeoutMs) / IDLE.forMs;
    return (perTimeOut * 3_600_000) / REFERENCE_LIMITS.idleTimeoutMs;
  } finally {
    await close();
  }
}

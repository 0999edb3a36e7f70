import type { Miniflare, MiniflareOptions } from "miniflare";
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { isLoopback } from "../spec/development-secret.ts";
import { readAssets, type ServerAssets } from "./assets.ts";
import { ConfigError, readLimits, readOrigins, readSecret } from "./core/config.ts";
import { Mutex } from "./core/mutex.ts";
import { loadMiniflare } from "./miniflare.ts";
import type { Order } from "./operator.ts";
import { pidFileOf, requireFreePort, requireUnserved, requireWritable } from "./start-checks.ts";
import { UsageError } from "./usage-error.ts";

export { UsageError } from "./usage-error.ts";

const LOCAL = "127.0.0.1";
const LONGEST_FAREWELL_MS = 1_000;

/** The binding of the users' objects. */
const USERS = "USERS";

export interface ServeOptions {
  /** 0 or absent: any free port. */
  port?: number;
  /** Absent: 127.0.0.1. */
  host?: string;
  /** Directory of the data; absent: the data ends with the server. */
  persist?: string;
  /** The data in `persist` has its tables already: a server that was stopped comes back. */
  migrated?: boolean;
  /** How far its clock is ahead from the start, as that of a server that comes back may have been. */
  clockAheadMs?: number;
  /** At least 32 bytes. */
  jwtSecret: string;
  /** Merged over the default limits; `requestBurst: null` switches the rate limit off. */
  limits?: Record<string, unknown>;
  /** Exact origins of browsers that may call; absent: those of wrangler.toml. */
  origins?: readonly string[];
  /** Takes the server's own lines, never a token or a body. */
  log?: (line: string) => void;
}

export interface RunningServer {
  /** Without a trailing slash. */
  url: string;
  /** Tells its sockets (1012), and ends the server, workerd with it. Idempotent. */
  close(): Promise<void>;
  /** Moves the server's clock ahead, while it runs. */
  advanceClock(ms: number): Promise<void>;
  /** Throws the user's object out of memory, as the platform does with idle ones; its sockets stay open. */
  evict(user: string): Promise<void>;
  /** Makes the store fail in the middle of the next write of items, once. */
  failNextWrite(): Promise<void>;
  /** The database, to look into it or to make it fail. */
  database(): Promise<D1Database>;
}

/**
 * Starts the reference server in workerd, with a real Durable Object and D1, offline and without an account. Signals are the caller's
 * affair. Throws a {@link UsageError} for settings that can't work.
 */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  return launch(await readAssets(), options);
}

/** {@link startServer} with a Worker that need not have been built before. */
export async function launch(assets: ServerAssets, options: ServeOptions): Promise<RunningServer> {
  const { host = LOCAL, port = 0, persist, migrated = false } = options;
  checkSettings(options);
  const { Miniflare, NoOpLog } = await loadMiniflare();
  if (persist !== undefined) {
    await requireWritable(persist);
    await requireUnserved(persist);
  }
  await requireFreePort(host, port);

  // Any local process could ask for the operator by name, so nobody else knows it.
  const operator = `${randomUUID()}.invalid`;
  const configure = (listenOn: number) => ({
    ...miniflareOptions(assets, options, host, listenOn, operator),
    log: new NoOpLog(),
  });
  // Nobody may knock before the tables are there: on a port that is known beforehand the server opens after the migrations.
  const miniflare = withoutSignals(() => new Miniflare(configure(migrated ? port : 0)));
  const ask = async (order: Order): Promise<void> => {
    const body = JSON.stringify(order);
    const answer = await miniflare.dispatchFetch(`http://${operator}/`, { method: "POST", body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${order.verb}: ${text}`);
  };
  try {
    await spawning(assets, persist, () => miniflare.ready);
    if (!migrated) {
      await ask({ verb: "migrate", migrations: assets.bindings.migrations });
      if (port !== 0) await spawning(assets, persist, () => miniflare.setOptions(configure(port)));
    }
    const url = await miniflare.unsafeGetDirectURL();
    let closed: Promise<void> | undefined;
    const close = async () => {
      // Where workerd was killed there is nobody left to tell.
      await Promise.race([
        ask({ verb: "close-sockets" }).catch(() => undefined),
        delay(LONGEST_FAREWELL_MS, undefined, { ref: false }),
      ]);
      await miniflare.dispose();
      if (persist !== undefined) await rm(pidFileOf(persist), { force: true });
    };
    return {
      url: url.origin,
      close: () => (closed ??= close()),
      database: () => databaseOf(miniflare, assets),
      failNextWrite: () => ask({ verb: "fail-next-write" }),
      advanceClock: (ms) => ask({ verb: "advance-clock", ms }),
      async evict(name) {
        const { className } = assets.bindings.durableObjects[USERS]!;
        try {
          await miniflare.unsafeEvictDurableObject(assets.bindings.name, className, { name });
        } catch (error) {
          // What sleeps already has nothing to lose.
          if (!(error as Error).message.includes("not currently running")) throw error;
        }
      },
    };
  } catch (error) {
    await miniflare.dispose().catch(() => undefined);
    throw error;
  }
}

/** Miniflare ends the process at once when it is told to stop; then no socket is told, and no folder is cleared away. */
function withoutSignals(make: () => Miniflare): Miniflare {
  const signals = ["SIGINT", "SIGTERM"] as const;
  const before = signals.map((signal) => new Set(process.listeners(signal)));
  const miniflare = make();
  for (const [index, signal] of signals.entries())
    for (const listener of process.listeners(signal))
      if (!before[index]!.has(listener)) process.removeListener(signal, listener);
  return miniflare;
}

function checkSettings({ host = LOCAL, port = 0, jwtSecret, limits, origins }: ServeOptions): void {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`The port must be a whole number from 0 to 65535; got ${port}.`);
  }
  try {
    readSecret(jwtSecret, !isLoopback(host));
    readLimits(limits && JSON.stringify(limits), false);
    readOrigins(origins?.join(","));
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message);
    throw error;
  }
}

function miniflareOptions(
  { worker, operator, bindings }: ServerAssets,
  { persist, clockAheadMs, jwtSecret, limits, origins, log }: ServeOptions,
  host: string,
  port: number,
  operatorHost: string,
): MiniflareOptions {
  const tell = (stream: Readable) =>
    createInterface(stream).on("line", (line) => {
      if (line.trim() !== "") log?.(line);
    });
  const runtime = {
    compatibilityDate: bindings.compatibilityDate,
    compatibilityFlags: bindings.compatibilityFlags,
    d1Databases: bindings.d1Databases,
    // Nothing is cached, and the service for it takes its time to start.
    cache: false,
  };
  return {
    workers: [
      {
        ...runtime,
        name: bindings.name,
        modules: [{ type: "ESModule", path: "worker.js", contents: worker }],
        bindings: {
          ...bindings.vars,
          JWT_SECRET: jwtSecret,
          ...(clockAheadMs !== undefined && { CLOCK_AHEAD_MS: String(clockAheadMs) }),
          ...(limits && { LIMITS: JSON.stringify(limits) }),
          ...(origins && { ALLOWED_ORIGINS: origins.join(",") }),
        },
        durableObjects: bindings.durableObjects,
        // Straight to the Worker: Miniflare's own entrance is for its tools, and costs more than a request itself.
        unsafeDirectSockets: [{ host, port }],
      },
      {
        ...runtime,
        name: "operator",
        modules: [{ type: "ESModule", path: "operator.js", contents: operator }],
        durableObjects: {
          [USERS]: { ...bindings.durableObjects[USERS]!, scriptName: bindings.name },
        },
        routes: [`${operatorHost}/*`],
      },
    ],
    // Else it looks up where in the world it is, which takes seconds offline.
    cf: false,
    ...(persist !== undefined && {
      defaultPersistRoot: persist,
      d1Persist: true,
      durableObjectsPersist: true,
    }),
    handleRuntimeStdio: (stdout: Readable, stderr: Readable) => {
      tell(stdout);
      tell(stderr);
    },
  };
}

function databaseOf(miniflare: Miniflare, { bindings }: ServerAssets): Promise<D1Database> {
  return miniflare.getD1Database(Object.keys(bindings.d1Databases)[0]!);
}

const spawns = new Mutex();

/** Runs what starts workerd, with the guard in its place. The environment is the process's, so one at a time. */
function spawning<T>(assets: ServerAssets, persist: string | undefined, start: () => Promise<T>): Promise<T> {
  return spawns.run(async () => {
    const { env, platform } = process;
    if (platform === "win32") return start();
    env["MIRUBATO_WORKERD"] ??= env["MINIFLARE_WORKERD_PATH"] ?? workerdPath();
    env["MINIFLARE_WORKERD_PATH"] = assets.guard;
    env["MIRUBATO_WORKERD_PID_FILE"] = persist === undefined ? "" : pidFileOf(persist);
    try {
      return await start();
    } finally {
      env["MIRUBATO_WORKERD_PID_FILE"] = "";
    }
  });
}

/** The binary that Miniflare itself would start. */
function workerdPath(): string {
  const miniflare = createRequire(import.meta.url).resolve("miniflare");
  return (createRequire(miniflare)("workerd") as { default: string }).default;
}

import { REFERENCE_LIMITS } from "../../schemas/limits.ts";
import type { Limits } from "../../schemas/limits.ts";
import type { HttpResponse, Transport } from "../drivers/transport.ts";
import { conforming } from "./behaviour.ts";
import type { Behaviour } from "./behaviour.ts";
import type { Context, Server } from "./context.ts";
import { answer } from "./engine.ts";
import { ConnectionLost, Refusal } from "./refusal.ts";
import { emptyUser } from "./state.ts";
import { hasArrived, turn } from "./turns.ts";

export interface ModelOptions {
  /** The HS256 secret. */
  secret: string;
  /** Unix ms; by default the system's clock. */
  now?: () => number;
  /** Differences to the reference limits; `requestBurst: undefined` switches the rate limit off. */
  limits?: Partial<Limits>;
  /** The origins that CORS allows. */
  origins?: readonly string[];
  /** In [0, 1): epochs are made of it. */
  random?: () => number;
  /** The conforming behaviour, or a mutant's deformation of it. */
  behaviour?: Behaviour;
  /** Where clients reach it; by default the request's Host. */
  baseUrl?: string;
}

/** An in-memory server that follows the spec, and can be told to misbehave. */
export interface Model {
  /** Answers one request. Rejects where the server ended before it answered. */
  handle: Transport;
  /** Its settings and state, for mutants and for looking at. */
  readonly server: Server;
  /** Its clock, Unix ms. */
  now(): number;
  /** Moves its clock ahead. */
  advanceClock(ms: number): void;
  /** The process ends and starts again: requests under way get no answer, what is stored survives. */
  restart(): void;
  /** The store will not take the next transaction that it is given. */
  failNextWrite(): void;
}

/** Makes a model server with an empty store. */
export function createModel(options: ModelOptions): Model {
  let clockOffset = 0;
  const clock = options.now ?? Date.now;
  const now = (): number => clock() + clockOffset;
  const server: Server = {
    behaviour: options.behaviour ?? conforming,
    limits: { ...REFERENCE_LIMITS, ...options.limits },
    origins: options.origins ?? [],
    secret: new TextEncoder().encode(options.secret),
    profiles: ["http"],
    baseUrl: options.baseUrl,
    now,
    random: options.random ?? Math.random,
    turn,
    users: new Map(),
    scratch: new Map(),
    requests: 0,
    arriving: 0,
    volatile: new Map(),
    buckets: new Map(),
    inFlight: new Map(),
    locks: new Map(),
    life: 1,
    writesToFail: 0,
    lastCrash: undefined,
  };
  return {
    server,
    now,
    handle: (request, signal) => handle(server, request, signal),
    advanceClock(ms) {
      clockOffset += ms;
    },
    restart() {
      server.life += 1;
      server.behaviour.restart(server);
    },
    failNextWrite() {
      server.writesToFail += 1;
    },
  };
}

async function handle(server: Server, ...[request, signal]: Parameters<Transport>): Promise<HttpResponse> {
  signal?.throwIfAborted();
  server.requests += 1;
  const context = newContext(server, request);
  server.arriving += 1;
  const { status, headers, body } = await answer(context).finally(() => hasArrived(context));
  if (server.life !== context.life) throw new ConnectionLost("the server ended before it answered");
  signal?.throwIfAborted();
  return { status, headers, body };
}

function newContext(server: Server, request: Parameters<Transport>[0]): Context {
  const [path = "", query] = request.path.split(/\?(.*)/s);
  const headers = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    server,
    behaviour: server.behaviour,
    request: { ...request, headers: Object.fromEntries(headers) as Record<string, string> },
    path,
    query: new URLSearchParams(query ?? ""),
    now: server.now(),
    arriving: true,
    life: server.life,
    endpoint: undefined,
    claims: {},
    user: emptyUser("", ""),
    announced: false,
    bytes: new Uint8Array(),
    parsed: { refusal: new Refusal("INVALID_JSON", "the body was not read") },
    key: undefined,
  };
}

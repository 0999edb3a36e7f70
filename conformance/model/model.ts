import { REFERENCE_LIMITS } from "../../schemas/limits.ts";
import type { Limits } from "../../schemas/limits.ts";
import type { Dial, SocketRequest } from "../drivers/socket.ts";
import type { HttpRequest, HttpResponse, Transport } from "../drivers/transport.ts";
import { conforming } from "./behaviour.ts";
import type { Behaviour } from "./behaviour.ts";
import type { Context, Server } from "./context.ts";
import { answer } from "./engine.ts";
import { ring } from "./realtime/alarm.ts";
import { dialled } from "./realtime/pair.ts";
import { accept } from "./realtime/upgrade.ts";
import type { Accepted } from "./realtime/upgrade.ts";
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
  /** By default the system's timers. */
  setTimer?: Server["setTimer"];
  /** In [0, 1): epochs are made of it. */
  random?: () => number;
  /** The conforming behaviour, or a mutant's deformation of it. */
  behaviour?: Behaviour;
  /** By default `http` and `realtime`. */
  profiles?: readonly ("http" | "realtime")[];
  /** Where clients reach it; by default the request's Host. */
  baseUrl?: string;
  /** The timer: how long it waits for its store. By default just long enough for other requests to come in between. */
  turn?: Server["turn"];
}

/** An in-memory server that follows the spec, and can be told to misbehave. */
export interface Model {
  /** Answers one request. Rejects where the server ended before it answered. */
  handle: Transport;
  /** Opens a WebSocket in process. Rejects where the server ended before it answered. */
  dial: Dial;
  /** Judges a request for a WebSocket: the answer that refuses it, or what takes the socket over. */
  upgrade(request: SocketRequest): Promise<HttpResponse | Accepted>;
  /** Its settings and state, for mutants and for looking at. */
  readonly server: Server;
  /** Its clock, Unix ms. */
  now(): number;
  /** Moves its clock ahead; sockets whose time is over close at once. */
  advanceClock(ms: number): void;
  /** The process ends and starts again: requests under way get no answer, sockets close, what is stored survives. */
  restart(): void;
  /** Its memory is given up while its sockets live on, as a hibernating server's. */
  evict(): void;
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
    profiles: options.profiles ?? ["http", "realtime"],
    baseUrl: options.baseUrl,
    now,
    setTimer: options.setTimer ?? systemTimer,
    random: options.random ?? Math.random,
    turn: options.turn ?? turn,
    users: new Map(),
    scratch: new Map(),
    connections: new Set(),
    sockets: 0,
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
    dial: (request, signal) => dial(server, request, signal),
    upgrade: (request) => upgrade(server, request),
    advanceClock(ms) {
      clockOffset += ms;
      for (const connection of server.connections) ring(connection);
    },
    restart() {
      server.life += 1;
      server.behaviour.restart(server);
    },
    evict() {
      server.behaviour.evict(server);
    },
    failNextWrite() {
      server.writesToFail += 1;
    },
  };
}

function systemTimer(milliseconds: number, call: () => void): () => void {
  const timer = setTimeout(call, milliseconds);
  // Where there are processes, as in Node: this one may end before.
  if (typeof timer === "object") timer.unref();
  return () => clearTimeout(timer);
}

async function handle(server: Server, ...[request, signal]: Parameters<Transport>): Promise<HttpResponse> {
  signal?.throwIfAborted();
  const { response } = await respond(server, request);
  signal?.throwIfAborted();
  return response;
}

async function respond(
  server: Server,
  request: HttpRequest,
  socket?: { protocols: readonly string[] },
): Promise<{ context: Context; response: HttpResponse }> {
  server.requests += 1;
  const context = newContext(server, request, socket);
  server.arriving += 1;
  const { status, headers, body } = await answer(context).finally(() => hasArrived(context));
  if (server.life !== context.life) throw new ConnectionLost("the server ended before it answered");
  return { context, response: { status, headers, body } };
}

async function upgrade(server: Server, request: SocketRequest): Promise<HttpResponse | Accepted> {
  const path = request.path.replace(/^wss?:\/\/[^/?]*/, "");
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const offered = request.protocols ?? headers["sec-websocket-protocol"]?.split(",") ?? [];
  const protocols = offered.map((name) => name.trim());
  const { context, response } = await respond(server, { method: "GET", path, headers }, { protocols });
  return response.status === 101 ? accept(context) : response;
}

async function dial(server: Server, ...[request, signal]: Parameters<Dial>): ReturnType<Dial> {
  signal?.throwIfAborted();
  return dialled(await upgrade(server, request));
}

function newContext(
  server: Server,
  request: HttpRequest,
  socket: { protocols: readonly string[] } | undefined,
): Context {
  const [path = "", query] = request.path.split(/\?(.*)/s);
  const headers = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    server,
    behaviour: server.behaviour,
    request: { ...request, headers: Object.fromEntries(headers) as Record<string, string> },
    path,
    query: new URLSearchParams(query ?? ""),
    now: server.now(),
    upgrade: socket !== undefined,
    protocols: socket?.protocols ?? [],
    arriving: true,
    life: server.life,
    endpoint: undefined,
    claims: {},
    user: emptyUser("", ""),
    announced: false,
    bytes: new Uint8Array(),
    parsed: { refusal: new Refusal("INVALID_JSON", "the body was not read") },
    key: undefined,
    connection: undefined,
    message: undefined,
  };
}

import { platformFetch } from "../adapters/platform-fetch.ts";
import { platformSocket } from "../adapters/platform-socket.ts";
import { type Clock, systemClock } from "../ports/clock.ts";
import type { OpenStorage, Storage, StoredEntity } from "../ports/storage.ts";
import type { Fetch, OpenSocket } from "../ports/transport.ts";
import type { ReplicaState } from "../replica/records.ts";
import { redactor } from "./redaction.ts";

/** One message between the client and its server; tokens are taken out. */
export interface SeenMessage {
  /** Counts from 1. */
  readonly n: number;
  /** By the device's clock, Unix milliseconds. */
  readonly at: number;
  readonly direction: "sent" | "received";
  readonly channel: "http" | "socket";
  /** Such as `POST /api/sync/push`, `200`, `ENTRY_CREATED`, `closed 1006`. */
  readonly what: string;
  /** JSON, indented; a text that is none as it was; empty where there is nothing more to tell. */
  readonly body: string;
}

/** All that is stored of a user on this device. */
export interface Stored {
  state: ReplicaState;
  entities: StoredEntity[];
}

/**
 * Looks over a client's shoulder: wraps the ports that the client is opened with, forwards everything, and remembers what came by. One
 * probe for one client. It changes nothing, and keeps no token.
 */
export interface Probe {
  storage(open: OpenStorage): OpenStorage;
  fetch(fetch?: Fetch): Fetch;
  openSocket(open?: OpenSocket): OpenSocket;
  /** The latest messages, oldest first: at most 200. */
  readonly messages: readonly SeenMessage[];
  /** Reads what is stored now; undefined before the storage is open, and once it can't be read any more. */
  stored(): Promise<Stored | undefined>;
  /** Calls after a message and after a transaction. Returns what ends it. */
  listen(changed: () => void): () => void;
  now(): number;
}

const MOST_MESSAGES = 200;

/** @param clock that of the client, if it was given one */
export function createProbe(clock: Pick<Clock, "now"> = systemClock): Probe {
  const messages: SeenMessage[] = [];
  const listeners = new Set<() => void>();
  const { keepSecret, redact } = redactor();
  let storage: Storage | undefined;
  let count = 0;

  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const note = (
    direction: SeenMessage["direction"],
    channel: SeenMessage["channel"],
    what: string,
    text = "",
  ): void => {
    messages.push({ n: ++count, at: clock.now(), direction, channel, what, body: redact(indented(text)) });
    if (messages.length > MOST_MESSAGES) messages.shift();
    changed();
  };

  return {
    messages,
    now: () => clock.now(),
    storage: (open) => async (user) => {
      const opened = await open(user);
      storage = opened;
      return {
        ...(opened.lost && { lost: opened.lost }),
        load: (each) => opened.load(each),
        async transact(keys, plan) {
          await opened.transact(keys, plan);
          changed();
        },
        close: () => opened.close(),
        destroy: () => opened.destroy(),
      };
    },
    fetch:
      (inner = platformFetch) =>
      async (url, request) => {
        keepSecret(request.headers["authorization"]?.replace(/^Bearer /, ""));
        note("sent", "http", `${request.method} ${new URL(url).pathname}`, request.body);
        try {
          const response = await inner(url, request);
          const text = await response.text();
          const replay = response.headers.get("x-idempotent-replay") === "true";
          note("received", "http", replay ? `${response.status}, replayed` : `${response.status}`, text);
          return { status: response.status, headers: response.headers, text: async () => text };
        } catch (error) {
          note("received", "http", "no answer");
          throw error;
        }
      },
    openSocket:
      (inner = platformSocket) =>
      (url, protocols, events) => {
        for (const name of protocols) if (name.startsWith("bearer.")) keepSecret(name.slice(7));
        keepSecret(new URL(url).searchParams.get("token") ?? undefined);
        note("sent", "socket", "connect");
        const socket = inner(url, protocols, {
          opened() {
            note("received", "socket", "open");
            events.opened();
          },
          received(text) {
            note("received", "socket", typeOf(text), text);
            events.received(text);
          },
          closed(code, reason) {
            note("received", "socket", `closed ${code}`, reason);
            events.closed(code, reason);
          },
        });
        return {
          send(text) {
            if (typeOf(text) === "AUTH") keepSecret((JSON.parse(text) as { token?: string }).token);
            note("sent", "socket", typeOf(text), text);
            socket.send(text);
          },
          close: (code) => socket.close(code),
        };
      },
    async stored() {
      const entities: StoredEntity[] = [];
      try {
        const state = await storage?.load((batch) => void entities.push(...batch));
        return state && { state, entities };
      } catch {
        // Closed, or lost: the client itself says so.
        return undefined;
      }
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function typeOf(text: string): string {
  try {
    return String((JSON.parse(text) as { type?: unknown }).type);
  } catch {
    return "no JSON";
  }
}

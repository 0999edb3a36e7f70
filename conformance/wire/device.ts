import type { EntityType } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import type { Connection, ConnectOptions } from "./connection.ts";
import { Pulled } from "./pulled.ts";
import { Reply } from "./reply.ts";
import type { BatchBody, BatchEntity, Changes, PullBody, PushBody, StatusBody } from "./shapes.ts";
import { CheckFailure } from "../verdict.ts";

/** What distinguishes one call from the device's ordinary ones. */
export interface CallOptions {
  /** Idempotency key; null sends none. A push or batch without this option gets a fresh key. */
  key?: string | null;
  /** Added to, or replacing, the device's headers; undefined leaves one out. Names lower case. */
  headers?: Record<string, string | undefined>;
  /** The message breaks its schema on purpose; without these words a bad message is the suite's own fault. */
  invalid?: "on purpose";
  /** Members of the body beside `changes` or `entities`. */
  extra?: Record<string, unknown>;
}

export interface PullOptions {
  since?: string | null;
  limit?: number | null;
  types?: readonly EntityType[] | null;
}

/** A request that is frozen, body and key: sent twice, it is a replay. */
export interface Prepared<Body> {
  readonly key: string | null;
  /** Sends it; any status is returned. */
  send(): Promise<Reply<Body>>;
  /** Sends it, and drops the connection as soon as the request is out: the answer, if any, is lost. */
  abandon(): Promise<void>;
}

/** One call of a device, before it becomes bytes. */
export interface Call {
  method: string;
  path: string;
  headers: Record<string, string | undefined>;
  json?: unknown;
  /** Drop the connection once the request is out. */
  abandon?: boolean;
  invalid?: "on purpose";
}

export interface Identity {
  user: string;
  token: string;
  /** X-Device-ID. */
  id: string;
  /** X-Sync-Protocol, or null for a deployed peer, which announces nothing. */
  protocol: "1" | null;
}

/** How a device comes to a socket: the answer instead, where the server refuses the upgrade. */
export type OpenSocket = (device: Device, options: ConnectOptions) => Promise<Connection | Reply>;

/** A device of one user, telling its story over HTTP and on sockets. Verbs without `try` demand 200 and fail the check otherwise. */
export class Device {
  readonly user: string;
  readonly token: string;
  readonly id: string;
  readonly protocol: "1" | null;
  readonly #call: (call: Call) => Promise<Reply>;
  readonly #freshKey: () => string;
  readonly #openSocket: OpenSocket;
  #cursor: string | undefined;

  constructor(
    identity: Identity,
    call: (call: Call) => Promise<Reply>,
    freshKey: () => string,
    openSocket: OpenSocket,
  ) {
    this.user = identity.user;
    this.token = identity.token;
    this.id = identity.id;
    this.protocol = identity.protocol;
    this.#call = call;
    this.#freshKey = freshKey;
    this.#openSocket = openSocket;
  }

  /** The same device in another guise: another token, device id or protocol announcement. */
  with(change: Partial<Identity>): Device {
    return new Device({ ...this.identity, ...change }, this.#call, this.#freshKey, this.#openSocket);
  }

  get identity(): Identity {
    return { user: this.user, token: this.token, id: this.id, protocol: this.protocol };
  }

  /** The headers this device sends with every request. */
  get headers(): Record<string, string> {
    return {
      authorization: `Bearer ${this.token}`,
      "x-device-id": this.id,
      ...(this.protocol === null ? {} : { "x-sync-protocol": this.protocol }),
    };
  }

  /** Opens a socket and waits for its first message. Fails if the upgrade is refused, or the message is not WELCOME. */
  async connect(options: ConnectOptions = {}): Promise<Connection> {
    const opened = await this.tryConnect(options);
    if (opened instanceof Reply) {
      throw new CheckFailure("the server refused the WebSocket", { expected: 101, actual: opened.summary });
    }
    await opened.until("WELCOME, the first message of the server", () => true);
    void opened.welcome;
    return opened;
  }

  /** Opens a socket and waits for nothing on it; or the answer that refused the upgrade. */
  tryConnect(options: ConnectOptions = {}): Promise<Connection | Reply> {
    return this.#openSocket(this, options);
  }

  async push(changes: Changes, options?: CallOptions): Promise<Reply<PushBody>> {
    return demand200(await this.tryPush(changes, options));
  }

  tryPush(changes: Changes, options?: CallOptions): Promise<Reply<PushBody>> {
    return this.preparePush(changes, options).send();
  }

  preparePush(changes: Changes, options: CallOptions = {}): Prepared<PushBody> {
    return this.#prepare("/api/sync/push", { changes, ...options.extra }, options);
  }

  async batch(entities: readonly BatchEntity[], options?: CallOptions): Promise<Reply<BatchBody>> {
    return demand200(await this.tryBatch(entities, options));
  }

  tryBatch(entities: readonly BatchEntity[], options?: CallOptions): Promise<Reply<BatchBody>> {
    return this.prepareBatch(entities, options).send();
  }

  prepareBatch(entities: readonly BatchEntity[], options: CallOptions = {}): Prepared<BatchBody> {
    return this.#prepare("/api/sync/batch", { entities, ...options.extra }, options);
  }

  /** One page. Without options: one complete answer. */
  async pull(options: PullOptions = {}, call: CallOptions = {}): Promise<Reply<PullBody>> {
    return demand200(await this.tryPull(options, call));
  }

  tryPull(options: PullOptions = {}, call: CallOptions = {}): Promise<Reply<PullBody>> {
    const json = { ...options, ...call.extra };
    return this.#send<PullBody>({
      method: "POST",
      path: "/api/sync/pull",
      headers: call.headers ?? {},
      json,
      ...purpose(call),
    });
  }

  /** Walks all pages of one pull. A walk that gets no further fails the check. */
  async pullAll(options: PullOptions = {}): Promise<Pulled> {
    const pages = [await this.pull(options)];
    const seen = new Set<string>();
    for (let page = pages[0]!.body; page.hasMore; page = pages.at(-1)!.body) {
      if (seen.has(page.syncToken)) {
        throw new CheckFailure("a pull never reaches its end: a page returned the token of an earlier one", {
          expected: "hasMore: false in the end",
          actual: `${pages.length} pages`,
        });
      }
      seen.add(page.syncToken);
      pages.push(await this.pull({ ...options, since: page.syncToken }));
    }
    return new Pulled(pages);
  }

  /** What changed since this device's last `sync`, all pages; the first time everything. Moves the device's cursor. */
  async sync(options: Omit<PullOptions, "since"> = {}): Promise<Pulled> {
    const pulled = await this.pullAll({
      ...options,
      ...(this.#cursor === undefined ? {} : { since: this.#cursor }),
    });
    this.#cursor = pulled.syncToken;
    return pulled;
  }

  /** What changed after a token, all pages, without moving the device's cursor. */
  changesSince(token: string): Promise<Pulled> {
    return this.pullAll({ since: token });
  }

  /** A token for the present head: nothing that is stored now comes after it. */
  async cursor(): Promise<string> {
    return (await this.pullAll()).syncToken;
  }

  async status(): Promise<Reply<StatusBody>> {
    return demand200(await this.tryStatus());
  }

  tryStatus(call: CallOptions = {}): Promise<Reply<StatusBody>> {
    return this.#send<StatusBody>({ method: "GET", path: "/api/sync/status", headers: call.headers ?? {} });
  }

  #prepare<Body>(path: string, json: JsonObject | object, options: CallOptions): Prepared<Body> {
    const key = options.key === undefined ? this.#freshKey() : options.key;
    const frozen = structuredClone(json);
    const headers = { ...(key === null ? {} : { "x-idempotency-key": key }), ...options.headers };
    const call: Call = { method: "POST", path, headers, json: frozen, ...purpose(options) };
    return {
      key,
      send: () => this.#send<Body>(call),
      abandon: async () => {
        await this.#call({ ...call, headers: { ...this.headers, ...headers }, abandon: true });
      },
    };
  }

  async #send<Body>(call: Call): Promise<Reply<Body>> {
    return (await this.#call({ ...call, headers: { ...this.headers, ...call.headers } })) as Reply<Body>;
  }
}

function purpose({ invalid }: CallOptions): Pick<Call, "invalid"> {
  return invalid === undefined ? {} : { invalid };
}

function demand200<Body>(reply: Reply<Body>): Reply<Body> {
  if (reply.status === 200) return reply;
  throw new CheckFailure(`${reply.label} was not answered 200`, { expected: 200, actual: reply.summary });
}

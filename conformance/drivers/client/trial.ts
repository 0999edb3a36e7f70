import { randomBytes } from "node:crypto";
import type { AdapterVerb } from "../../../schemas/adapter-verbs.ts";
import type { Answer, Params } from "../../../schemas/adapter.ts";
import type { EntityType } from "../../../schemas/collections.ts";
import { createModel } from "../../model/model.ts";
import { type Listening, listen } from "../../model/node-http.ts";
import { idOf } from "../../simulator/seen.ts";
import { Simulator } from "../../simulator/simulator.ts";
import { signJwt } from "../../wire/jwt.ts";
import type { AdapterHost, ClientSubject } from "./port.ts";

const HOUR_S = 3_600;
/** What a slow machine may take in addition to the client's own waiting. */
const SLACK_MS = 5_000;
const LOOK_MS = 20;

/** What an adapter answered is of the right form, but is not what its client should have done. */
export class Wrong extends Error {
  override readonly name = "Wrong";
  readonly remedy: string;
  constructor(what: string, remedy: string) {
    super(what);
    this.remedy = remedy;
  }
}

/** A server on a port, and clients of one user there, that try what an adapter does. */
export class Trial {
  readonly subject: ClientSubject;
  readonly simulator: Simulator;
  /** How long a second of the client's time takes, in ms. */
  readonly secondMs: number;
  readonly #secret = randomBytes(32).toString("hex");
  readonly #hosts: AdapterHost[] = [];
  #listening: Listening | undefined;
  #clients = 0;

  /** @param realTime a second of the client's time is to take a second, whatever it declares */
  constructor(subject: ClientSubject, { realTime = false } = {}) {
    this.subject = subject;
    this.secondMs = subject.capabilities.timing === true && !realTime ? 50 : 1_000;
    const model = createModel({
      secret: this.#secret,
      baseUrl: "http://trial.example",
      limits: { requestBurst: 100_000, messageBurst: 100_000 },
      ...(subject.origin === undefined ? {} : { origins: [subject.origin] }),
    });
    this.simulator = new Simulator(model);
  }

  token(): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = { sub: "trial", iat: now, exp: now + HOUR_S, jti: randomBytes(8).toString("hex") };
    return signJwt({ alg: "HS256", typ: "JWT" }, claims, this.#secret);
  }

  /** A client that is open. */
  async open({
    storage = this.subject.newStorage(),
    realtime = false,
    beside,
    alone = false,
  }: { storage?: string; realtime?: boolean; beside?: Client; alone?: boolean } = {}): Promise<Client> {
    const { origin, listenOn: at } = this.subject;
    this.#listening ??= await listen(this.simulator, { host: at, manners: { closes: origin !== undefined } });
    const host = beside?.host ?? (await this.subject.launch({ alone }));
    if (!beside) this.#hosts.push(host);
    const client = new Client(host, `client-${(this.#clients += 1)}`, storage);
    const { url } = this.#listening;
    const where = { url, user: "trial", token: this.token(), storage, realtime, secondMs: this.secondMs };
    await client.ask("open", where);
    return client;
  }

  /** Another device writes an entry. */
  async otherWrites(id: string): Promise<void> {
    const entry = { id, ...ENTRY, notes: "from another device", updatedAt: new Date().toISOString() };
    await this.simulator.model.handle({
      method: "POST",
      path: "/api/sync/push",
      headers: {
        authorization: `Bearer ${this.token()}`,
        "content-type": "application/json",
        "x-sync-protocol": "1",
        "x-idempotency-key": randomBytes(8).toString("hex"),
      },
      body: Buffer.from(JSON.stringify({ changes: { entries: [entry] } })),
    });
  }

  /** Whether that comes true within so many seconds of the client's time. */
  async eventually(look: () => boolean | Promise<boolean>, seconds = 2): Promise<boolean> {
    const until = performance.now() + seconds * this.secondMs + SLACK_MS;
    while (!(await look())) {
      if (performance.now() > until) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return true;
  }

  async end(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.end()));
    await this.#listening?.close();
  }
}

/** What every entry of a trial has. */
export const ENTRY = { timestamp: "2026-01-02T10:00:00.000Z", duration: 30, type: "practice" };

/** One client of an adapter. */
export class Client {
  readonly host: AdapterHost;
  readonly storage: string;
  readonly #name: string;

  constructor(host: AdapterHost, name: string, storage: string) {
    this.host = host;
    this.#name = name;
    this.storage = storage;
  }

  ask<V extends AdapterVerb>(verb: V, params: Omit<Params<V>, "client">): Promise<Answer<V>> {
    return this.host.ask(verb, { client: this.#name, ...params });
  }

  async create(notes = "created in a trial"): Promise<string> {
    return (await this.ask("create", { type: "logbook_entry", item: { ...ENTRY, notes } })).id;
  }

  async get(id: string, type: EntityType = "logbook_entry"): Promise<Record<string, unknown> | undefined> {
    const { items } = await this.ask("list", { type });
    return items.find((item) => idOf(type, item as never) === id);
  }
}

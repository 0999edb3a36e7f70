import { isJsonObject, type JsonObject } from "../../schemas/json.ts";
import { effectiveLimits, type Limits } from "../../schemas/limits.ts";
import type { HttpResponse } from "../drivers/transport.ts";
import { socketEndpoint, type Subject } from "../subject/subject.ts";
import { CouldNotRun } from "../verdict.ts";
import { createTokens } from "../wire/tokens.ts";
import { BenchSocket } from "./socket.ts";

const encoder = new TextEncoder();

/** What to do about a server that limits rates: it would be measured by them, and not by what it can. */
export const RATES_REMEDY =
  'rates are what would be measured. Raise its limits for this run; the reference server\'s by: serve --limits \'{"requestBurst": null, "messageBurst": null}\'';

/** A conforming server under load. */
export class BenchServer {
  readonly subject: Subject;
  readonly limits: Limits;
  readonly #users: BenchUser[] = [];
  readonly #nonce: string;
  #count = 0;

  /** @param nonce makes users that no earlier run on the same server has had */
  constructor(subject: Subject, nonce: string) {
    this.subject = subject;
    this.limits = effectiveLimits(subject.discovery.limits);
    this.#nonce = nonce;
  }

  /** A user that nobody else has. */
  async user(): Promise<BenchUser> {
    const name = `bench-${this.#nonce}-${(this.#count += 1)}`;
    const now = (): number => Date.now() + this.subject.clockOffsetMs;
    const tokens = createTokens(this.subject.tokens!, name, now, () => {});
    const user = new BenchUser(this, name, await tokens.valid());
    this.#users.push(user);
    return user;
  }

  async send(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: Uint8Array,
  ): Promise<HttpResponse> {
    const signal = AbortSignal.timeout(60_000);
    const answer = await this.subject.transport({ method, path, headers, ...(body && { body }) }, signal);
    if (answer.status === 200) return answer;
    if (answer.status === 429)
      throw new CouldNotRun(
        `${method} ${path} got 429: the server limits how often it is asked, and ${RATES_REMEDY}`,
      );
    const text = this.subject.redactor.text(new TextDecoder().decode(answer.body).slice(0, 200));
    throw new CouldNotRun(`${method} ${path} got ${answer.status}: ${text}`);
  }

  /** Deletes everything that was written. */
  async cleanUp(): Promise<void> {
    for (const user of this.#users) await user.deleteAll();
  }
}

/** One of its users. Requests are made ready before the clock starts, and answers read after it has stopped. */
export class BenchUser {
  readonly name: string;
  readonly #server: BenchServer;
  readonly #token: string;
  readonly #written = new Map<unknown, string>();
  #count = 0;

  constructor(server: BenchServer, name: string, token: string) {
    this.#server = server;
    this.name = name;
    this.#token = token;
  }

  /** A push of these entries, ready to be sent. It must apply each of them. */
  push(entries: readonly JsonObject[]): () => Promise<JsonObject> {
    const send = this.#request(
      "push",
      { changes: { entries: [...entries] } },
      { "x-idempotency-key": `key-${(this.#count += 1)}` },
    );
    for (const { id, updatedAt } of entries) this.#written.set(id, String(updatedAt));
    return async () => {
      const answer = parsed(await send());
      const results = answer["results"];
      const applied = Array.isArray(results)
        ? results.filter((each) => isJsonObject(each) && each["outcome"] === "applied").length
        : 0;
      if (applied !== entries.length)
        throw new CouldNotRun(
          `a push of ${entries.length} new items: the server says it applied ${applied} of them`,
        );
      return answer;
    };
  }

  /** A pull, ready to be sent again and again. */
  pull(since?: string): () => Promise<HttpResponse> {
    return this.#request("pull", since === undefined ? {} : { since });
  }

  async pulled(since?: string): Promise<JsonObject> {
    return parsed(await this.pull(since)());
  }

  async socket(): Promise<BenchSocket> {
    const { subject } = this.#server;
    const query = new URLSearchParams({ userId: this.name, token: this.#token }).toString();
    const live = await subject.dial!({ path: `${socketEndpoint(subject)}?${query}`, headers: {} });
    if ("status" in live) {
      const how = live.status === 429 ? `; ${RATES_REMEDY}` : "";
      throw new CouldNotRun(`a socket was refused with ${live.status}${how}`);
    }
    const socket = new BenchSocket(live);
    await socket.next((frame) => frame["type"] === "WELCOME");
    return socket;
  }

  /** What a device has written on a socket, to be deleted in the end. */
  wrote(entries: readonly JsonObject[]): void {
    for (const { id, updatedAt } of entries) this.#written.set(id, String(updatedAt));
  }

  async deleteAll(): Promise<void> {
    const all = [...this.#written];
    const { maxItems } = this.#server.limits;
    for (let from = 0; from < all.length; from += maxItems) {
      const deletions = all.slice(from, from + maxItems).map(([id, stamp]) => ({
        id: id as string,
        deletedAt: new Date(Date.parse(stamp) + 1).toISOString(),
      }));
      await this.#request("push", { changes: { entries: deletions } })();
    }
    this.#written.clear();
  }

  #request(
    call: "push" | "pull",
    json: JsonObject,
    more: Record<string, string> = {},
  ): () => Promise<HttpResponse> {
    const body = encoder.encode(JSON.stringify(json));
    const headers = {
      authorization: `Bearer ${this.#token}`,
      "content-type": "application/json",
      "x-sync-protocol": "1",
      "x-device-id": "bench",
      ...more,
    };
    return () => this.#server.send("POST", `/api/sync/${call}`, headers, body);
  }
}

export function parsed({ body }: HttpResponse): JsonObject {
  const value: unknown = JSON.parse(new TextDecoder().decode(body));
  if (!isJsonObject(value)) throw new CouldNotRun("an answer is no JSON object");
  return value;
}

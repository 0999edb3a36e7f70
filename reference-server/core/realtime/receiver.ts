import { client_message } from "../../../schemas/generated/validators.js";
import { isJsonObject, type Json, type JsonObject } from "../../../schemas/json.ts";
import type { Limits } from "../../../schemas/limits.ts";
import { IJsonError, parseIJson } from "../../../spec/rules/i-json.ts";
import { requireSchema } from "../envelope.ts";
import { StorageError, type Clock, type Log, type Visit } from "../ports.ts";
import { Problem } from "../problem.ts";
import { VERSIONS } from "../request.ts";
import type { WritePath } from "../write-path.ts";
import { clientChangeIdOf, errorMessage, pong, welcome } from "./answers.ts";
import { begin, type Reader, type SyncRequest } from "./catch-up.ts";
import type { Connection } from "./connection.ts";
import type { Hub } from "./hub.ts";
import type { Later } from "./inbox.ts";
import { CLIENT_TYPES, mutationOf } from "./mutation.ts";
import { Mutations } from "./mutations.ts";
import type { Grant, Socket, VerifyToken } from "./ports.ts";

export interface ReceiverPorts {
  hub: Hub;
  reader: (user: string) => Reader;
  path: WritePath;
  visit: (user: string) => Visit;
  verify: VerifyToken;
  clock: Clock;
  log: Log;
}

/** Judges what comes in on sockets, frame by frame, and answers it. */
export class Receiver {
  readonly #ports: ReceiverPorts;
  readonly #limits: Limits;

  readonly #mutations: Mutations;

  constructor(ports: ReceiverPorts, limits: Limits) {
    this.#ports = ports;
    this.#mutations = new Mutations(ports, limits);
    this.#limits = limits;
  }

  /** Settles when the frame has been answered. Never throws. */
  async frame(socket: Socket, data: string | ArrayBuffer): Promise<void> {
    const connection = this.#ports.hub.connectionOf(socket);
    if (connection === undefined || connection.dismissed) return;
    this.#ports.hub.wake();
    connection.update({ heardAt: this.#ports.clock() });
    const size = typeof data === "string" ? data.length : data.byteLength;
    const handled = connection.inbox.take(size, () => this.#handle(connection, data));
    if (handled === false) connection.close(4429, "too many messages");
    else await handled;
  }

  async #handle(connection: Connection, data: string | ArrayBuffer): Promise<Later | void> {
    if (connection.dismissed) return;
    const { at, code, reason } = connection.deadline();
    if (at <= this.#ports.clock()) return connection.close(code, reason);
    if (typeof data !== "string") return connection.close(1003, "text frames only");
    if (isLonger(data, this.#limits.maxMessageBytes))
      return connection.close(1009, "the message is too long");
    // The platform decodes frames and puts U+FFFD where bytes are not UTF-8; what was there before can't be told any more.
    if (data.includes("\ufffd")) return connection.close(1007, "the message is not UTF-8");
    let name: string | undefined;
    try {
      const frame = this.#parse(data);
      name = clientChangeIdOf(frame);
      if (!this.#meet(connection, frame)) return;
      if (!CLIENT_TYPES.has(frame["type"] as string)) {
        const problem = new Problem("INVALID_REQUEST", "The server knows no message of this type.");
        return this.#refuse(connection, name, problem, "UNKNOWN_MESSAGE");
      }
      requireSchema(client_message, frame);
      const later = await this.#serve(connection, frame, name);
      return later && { done: later.done.catch((error: unknown) => this.#refuse(connection, name, error)) };
    } catch (error) {
      return this.#refuse(connection, name, error);
    }
  }

  #parse(text: string): JsonObject {
    let frame: Json;
    try {
      frame = parseIJson(text, { maxDepth: this.#limits.maxDepth });
    } catch (error) {
      if (!(error instanceof IJsonError)) throw error;
      throw new Problem("INVALID_JSON", error.message);
    }
    if (!isJsonObject(frame)) throw new Problem("INVALID_REQUEST", "A message must be a JSON object.");
    if (typeof frame["type"] !== "string") throw new Problem("INVALID_REQUEST", "/type must be a text.");
    return frame;
  }

  /** Takes from the first message other than PING which peer this is (RT-006). False: the socket has been closed. */
  #meet(connection: Connection, frame: JsonObject): boolean {
    if (connection.state.peer !== "unknown" || frame["type"] === "PING") return true;
    const protocol = frame["protocol"] ?? null;
    if (protocol === null || VERSIONS.includes(protocol as string)) {
      connection.update({ peer: protocol === null ? "deployed" : "announced" });
      return true;
    }
    const text = `protocol must be one of: ${VERSIONS.join(", ")}.`;
    const more = { supported: VERSIONS, clientChangeId: clientChangeIdOf(frame) };
    connection.send(errorMessage("UNSUPPORTED_VERSION", text, this.#ports.clock(), more));
    connection.close(4400, "the protocol's version is not supported");
    return false;
  }

  async #serve(
    connection: Connection,
    frame: JsonObject,
    name: string | undefined,
  ): Promise<Later | undefined | void> {
    switch (frame["type"]) {
      case "PING":
        return connection.send(pong(this.#ports.clock()));
      case "AUTH":
        return this.#authenticate(connection, frame["token"] as string);
      case "SYNC_REQUEST":
        return this.#catchUp(connection, frame, name);
      default:
        return this.#mutate(connection, frame, name);
    }
  }

  async #authenticate(connection: Connection, token: string): Promise<void> {
    let grant: Grant;
    try {
      grant = await this.#ports.verify(token);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      throw new Problem("TOKEN_INVALID", error.message);
    }
    if (grant.user !== connection.state.user) return connection.close(4403, "the token is another user's");
    connection.update({ expiresAt: grant.expiresAt });
    connection.send(welcome(connection.state.id, this.#ports.clock()));
    await this.#ports.hub.sweep();
  }

  async #catchUp(connection: Connection, request: SyncRequest, name: string | undefined): Promise<void> {
    const { hub, reader, clock } = this.#ports;
    if (connection.state.catchUp !== null) {
      const problem = new Problem("INVALID_REQUEST", "A catch-up is running; wait for its end.");
      return this.#refuse(connection, name, problem, "CATCH_UP_RUNNING");
    }
    await hub.turn(() => begin(connection, request, reader(connection.state.user), clock));
    hub.walk(connection);
  }

  async #mutate(
    connection: Connection,
    frame: JsonObject,
    clientChangeId: string | undefined,
  ): Promise<Later> {
    const { user, peer } = connection.state;
    const announced = peer === "announced";
    const { items, several } = await mutationOf(frame, {
      user,
      announced,
      maxItems: announced ? this.#limits.maxItems : this.#limits.legacyMaxItems,
      maxItemBytes: this.#limits.maxItemBytes,
    });
    return { done: this.#mutations.submit({ connection, items, several, clientChangeId }) };
  }

  #refuse(
    connection: Connection,
    clientChangeId: string | undefined,
    error: unknown,
    special?: "UNKNOWN_MESSAGE" | "CATCH_UP_RUNNING",
  ): void {
    const now = this.#ports.clock();
    const tell = (
      code: Parameters<typeof errorMessage>[0],
      text: string,
      errors?: Problem["extras"]["errors"],
    ) => connection.send(errorMessage(code, text, now, { clientChangeId, errors }));
    if (error instanceof Problem) return tell(special ?? error.code, error.message, error.extras.errors);
    if (error instanceof StorageError) {
      this.#ports.log(`storage failed: ${error.message}`);
      return tell("UNAVAILABLE", "The store does not answer now; nothing was applied. Send it again.");
    }
    this.#ports.log(`internal error on a socket: ${error instanceof Error ? error.name : typeof error}`);
    tell("INTERNAL", "The server failed; send the same change again later.");
  }
}

function isLonger(text: string, bytes: number): boolean {
  if (text.length * 3 <= bytes) return false;
  return text.length > bytes || new TextEncoder().encode(text).length > bytes;
}

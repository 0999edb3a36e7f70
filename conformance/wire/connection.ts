import type { EntityType } from "../../schemas/collections.ts";
import type { JsonObject } from "../../schemas/json.ts";
import type { Device } from "./device.ts";
import type { Socket } from "../drivers/socket.ts";
import type { Closing, Inbox } from "./inbox.ts";
import { Listener } from "./listener.ts";
import { isAck, isChunk, isError, toldBy } from "./messages.ts";
import type { Ack, ErrorMessage, Message, Told } from "./messages.ts";
import { CheckFailure } from "../verdict.ts";

/** How a device opens its socket, where that is not the ordinary way. */
export interface ConnectOptions {
  /** Where the token goes; default "query". */
  via?: "query" | "subprotocol";
  /** In place of the device's; null sends none. */
  token?: string | null;
  /** Offered in place of those that `via` says. */
  protocols?: readonly string[];
  /** In place of the device's user in the query; null leaves it out. */
  userId?: string | null;
  /** Added to the upgrade request; undefined leaves one out. Names lower case. */
  headers?: Record<string, string | undefined>;
}

/** What distinguishes one message from the device's ordinary ones. */
export interface SendOptions {
  /** The message breaks its schema on purpose; without these words a bad message is the suite's own fault. */
  invalid?: "on purpose";
}

/** A message to the server. `timestamp` and, in mutations, `clientChangeId` are added unless they are given. */
export type Outgoing = { type: string } & Record<string, unknown>;

/** A place in the log to catch up from. */
export interface CatchUpRequest {
  lastSeq?: number;
  epoch?: string;
  lastSyncTime?: string;
}

/** What a catch-up brought. */
export interface CaughtUp {
  /** Every message from the request to the end of the catch-up, the end included. */
  frames: readonly Message[];
  chunks: readonly Message[];
  /** Entities in the order in which they were told, deletions included. */
  told: readonly Told[];
  deletions: readonly Told[];
  /** The SYNC_RESPONSE at the end. */
  end: Message;
  lastSeq: number;
  epoch: string;
}

/** What a connection needs of the check that it belongs to. */
export interface ConnectionTools {
  /** For transcripts and failures: "socket 1". */
  label: string;
  socket: Socket;
  inbox: Inbox;
  /** Judges and records a message before it goes out. */
  onSend(data: string | Uint8Array, message?: Message, options?: SendOptions): void;
  /** Records that this side ends the connection. */
  onEnd(note: string): void;
  /** A stamp later than every one before. */
  at(): string;
  unique(prefix: string): string;
  /** Writes an entity of this user over HTTP, by no connection; returns its id. */
  writeFence(): Promise<string>;
}

const PING = '{"type":"PING"}';

/** A device's live socket: what it hears, and what it says. */
export class Connection extends Listener {
  readonly device: Device;
  readonly #tools: ConnectionTools;
  #announced = false;

  constructor(device: Device, tools: ConnectionTools) {
    super(tools);
    this.device = device;
    this.#tools = tools;
  }

  /** The selected subprotocol, "" for none. */
  get protocol(): string {
    return this.#tools.socket.protocol;
  }

  /** Sends a message. The first but PING announces the protocol, unless the device is a deployed one. */
  send(message: Outgoing, options: SendOptions = {}): void {
    const first = !this.#announced && message.type !== "PING";
    if (first) this.#announced = true;
    const protocol = first && this.device.protocol !== null ? { protocol: this.device.protocol } : {};
    const { type, ...members } = message;
    const whole = defined({ type, ...protocol, timestamp: this.#tools.at(), ...members });
    const text = JSON.stringify(whole);
    this.#tools.onSend(text, whole, options);
    this.#tools.socket.send(text);
  }

  /** Sends exactly this text, never validated. */
  sendText(text: string): void {
    this.#tools.onSend(text);
    this.#tools.socket.send(text);
  }

  /** Sends a binary frame; as "text", a text frame of these bytes, which need not be UTF-8. */
  sendBytes(bytes: Uint8Array, as?: "text"): void {
    this.#tools.onSend(bytes);
    this.#tools.socket.send(bytes, as);
  }

  /** Sends a text in so many fragments of about equal length, cut wherever that falls, also within a character. */
  sendFragments(text: string, count: number): void {
    const bytes = new TextEncoder().encode(text);
    const cut = (index: number): number => Math.floor((index * bytes.length) / count);
    this.#tools.onSend(text);
    this.#tools.socket.sendFragments(
      Array.from({ length: count }, (_, index) => bytes.slice(cut(index), cut(index + 1))),
    );
  }

  /** Sends a mutation and waits for its acknowledgement. Fails on an ERROR. */
  async mutate(type: string, members: Record<string, unknown>, options?: SendOptions): Promise<Ack> {
    const answer = await this.tryMutate(type, members, options);
    if (isAck(answer)) return answer;
    throw new CheckFailure(`${type} on ${this.label} was refused`, {
      expected: "an acknowledgement",
      actual: answer,
    });
  }

  /** Sends a mutation and waits for its acknowledgement or its ERROR. */
  async tryMutate(
    type: string,
    members: Record<string, unknown>,
    options?: SendOptions,
  ): Promise<Ack | ErrorMessage> {
    const clientChangeId = this.#tools.unique("change");
    const message: Outgoing = { clientChangeId, ...members, type };
    return this.answerTo(message["clientChangeId"] as string, () => this.send(message, options));
  }

  /** The acknowledgement or ERROR with this `clientChangeId` that comes after `act`. */
  async answerTo(clientChangeId: string, act: () => void = () => {}): Promise<Ack | ErrorMessage> {
    const answers = (frame: Message): frame is Ack | ErrorMessage =>
      frame.clientChangeId === clientChangeId && (isAck(frame) || isError(frame));
    return this.after(`the answer to ${clientChangeId}`, answers, act);
  }

  /** Writes an item of any type by the message that is for it, and waits for the acknowledgement. */
  write(entityType: EntityType, item: JsonObject): Promise<Ack> {
    const [type, member] = WRITING[entityType] ?? ["ENTITY_CHANGED", "item"];
    return this.mutate(type, { ...(type === "ENTITY_CHANGED" ? { entityType } : {}), [member]: item });
  }

  /** Deletes an entity of any type by the message that is for it, and waits for the acknowledgement. */
  remove(entityType: EntityType, id: string, deletedAt = this.#tools.at()): Promise<Ack> {
    if (entityType === "logbook_entry") return this.mutate("ENTRY_DELETED", { entryId: id, deletedAt });
    if (entityType === "repertoire_item") return this.mutate("PIECE_REMOVED", { scoreId: id, deletedAt });
    return this.mutate("ENTITY_CHANGED", { entityType, item: { id, deletedAt } });
  }

  /**
   * Waits until everything that the user wrote before this call must have been told here: an event of a later write,
   * made over HTTP, has come (RT-021). What is not among `frames` now will not come.
   */
  async fence(): Promise<void> {
    const id = await this.#tools.writeFence();
    await this.hears(id);
  }

  /** Sends the exact bytes of PING and waits for the next PONG. */
  async ping(): Promise<Message> {
    return this.after(
      "PONG",
      ({ type }) => type === "PONG",
      () => this.sendText(PING),
    );
  }

  /** Asks for everything after a place in the log (default: everything) and waits for the end. Fails on an ERROR. */
  async catchUp(from: CatchUpRequest = {}): Promise<CaughtUp> {
    const caughtUp = await this.tryCatchUp(from);
    if (!("type" in caughtUp)) return caughtUp;
    throw new CheckFailure(`SYNC_REQUEST on ${this.label} was refused`, {
      expected: "a catch-up",
      actual: caughtUp,
    });
  }

  /** Like {@link catchUp}, or the ERROR that answers the request. */
  async tryCatchUp(from: CatchUpRequest = {}): Promise<CaughtUp | ErrorMessage> {
    const before = this.frames.length;
    const ends = (frame: Message): boolean =>
      frame.clientChangeId === undefined && (frame.type === "SYNC_RESPONSE" || isError(frame));
    const what = "the end of the catch-up, SYNC_RESPONSE without clientChangeId";
    const end = await this.after(what, ends, () => this.send({ type: "SYNC_REQUEST", ...from }));
    if (isError(end)) return end;
    const frames = this.frames.slice(before, this.frames.indexOf(end) + 1);
    const told = frames.flatMap(toldBy);
    return {
      frames,
      told,
      end,
      chunks: frames.filter(isChunk),
      deletions: told.filter(({ item }) => item === null),
      lastSeq: end.lastSeq as number,
      epoch: end["epoch"] as string,
    };
  }

  /** Closes it and waits for the other side to agree. */
  close(code = 1000, reason = ""): Promise<Closing> {
    this.#tools.onEnd(`closes, code ${code}${reason ? `, ${reason}` : ""}`);
    this.#tools.socket.close(code, reason);
    return this.closed();
  }

  /** Cuts the connection, as a lost network does. */
  terminate(): void {
    this.#tools.onEnd("cuts the connection");
    this.#tools.socket.terminate();
  }

  /** Stops reading, as a slow reader does, until `resume`. */
  pause(): void {
    this.#tools.inbox.paused = true;
    this.#tools.socket.pause();
  }

  resume(): void {
    this.#tools.inbox.paused = false;
    this.#tools.socket.resume();
  }
}

/** Types of entities that have messages of their own; those of a new and of a changed entity are judged alike. */
const WRITING: Partial<Record<EntityType, [type: string, member: string]>> = {
  logbook_entry: ["ENTRY_UPDATED", "entry"],
  repertoire_item: ["PIECE_UPDATED", "piece"],
  practice_plan: ["PLAN_UPDATED", "plan"],
};

function defined(members: Outgoing): Message {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Message;
}

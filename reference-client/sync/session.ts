import type { JsonObject } from "../../schemas/json.ts";
import type { OpenSocket, Socket } from "../ports/transport.ts";
import { apply, type Told } from "../replica/apply.ts";
import type { Context } from "./context.ts";
import { type Frame, frameOf, messageOf } from "./frames.ts";
import { Heartbeat } from "./heartbeat.ts";
import { claimsOf } from "./token.ts";

/** For the handshake, `WELCOME` included. */
const OPENING = 15_000;
/** A token is replaced so long before it expires. */
const RENEWAL = 60_000;
const DAY = 86_400_000;
const SUBPROTOCOL = /^[\w!#$%&'*+.^`|~-]+$/;

export interface SessionEvents {
  /** A message of the server, before it is acted on. */
  message(message: JsonObject): void;
  /** The first frame beyond `WELCOME` that could be used: the connection is of use (CLI-033). */
  useful(): void;
  /** Catch-up has ended: everything is heard from now on. */
  live(): void;
  /** Told once. `opened`: whether the handshake succeeded. */
  ended(code: number, opened: boolean): void;
  /** Pulls all that is new, or all there is if `forget`: the socket's cursor is missing, or good no more. */
  pull(forget: boolean): Promise<void>;
}

/** One socket, from its handshake to its end: catches up, then applies what it is told. */
export class Session {
  token: string;
  live = false;
  connectionId: string | undefined;
  readonly #context: Context;
  readonly #events: SessionEvents;
  readonly #socket: Socket;
  readonly #begun: number;
  #opened = false;
  #welcomed = false;
  #ended = false;
  #used = false;
  #expired = 0;
  #heartbeat: Heartbeat | undefined;
  #cancel: () => void;
  /** Frames are acted on one after the other. */
  #queue = Promise.resolve();

  /** @param url of the endpoint, the user in its query */
  constructor(context: Context, url: string, token: string, openSocket: OpenSocket, events: SessionEvents) {
    this.#context = context;
    this.#events = events;
    this.token = token;
    this.#begun = context.clock.monotonic();
    this.#cancel = context.clock.setTimer(OPENING, () => this.end(1006));
    // A token with other characters than a subprotocol may have goes the older way (AUTH-016, AUTH-017).
    const fits = SUBPROTOCOL.test(token);
    const address = fits ? url : `${url}&token=${encodeURIComponent(token)}`;
    this.#socket = openSocket(address, ["mirubato.v1", ...(fits ? [`bearer.${token}`] : [])], {
      opened: () => {
        this.#opened = true;
        context.metrics.counts.connectionsOpened++;
      },
      received: (text) => this.#received(text),
      closed: (code) => this.end(code),
    });
  }

  /** Asks whether the other side is still there. */
  ask(): void {
    this.#heartbeat?.ask();
  }

  /** Idempotent. */
  end(code: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.live = false;
    this.#cancel();
    this.#heartbeat?.stop();
    this.#socket.close(1000);
    this.#events.ended(code, this.#opened);
  }

  #received(text: string): void {
    if (this.#ended) return;
    this.#context.metrics.counts.messagesReceived++;
    this.#heartbeat?.heard();
    const message = messageOf(text);
    if (message === undefined) return;
    this.#events.message(message);
    const frame = frameOf(message);
    if (frame.kind === "other") this.#useful();
    else this.#queue = this.#queue.then(() => this.#try(frame));
  }

  async #try(frame: Frame): Promise<void> {
    if (this.#ended) return;
    try {
      await this.#act(frame);
      // Not one that was refused, nor one that could not be stored: trying again at once would not help.
      if (frame.kind === "rows" || frame.kind === "end") this.#useful();
    } catch (error) {
      this.#context.log("warn", "a frame could not be applied", { why: String(error) });
      this.end(1006);
    }
  }

  #useful(): void {
    if (!this.#used) this.#events.useful();
    this.#used = true;
  }

  async #act(frame: Frame): Promise<void> {
    switch (frame.kind) {
      case "welcome":
        // A later one answers AUTH.
        if (!this.#welcomed) await this.#greeted(frame.connectionId);
        return;
      case "rows":
        // Live events move the cursor only once this connection has caught up (CLI-038).
        await this.#apply(frame.rows, frame.chunk || this.live ? frame.place : undefined);
        return;
      case "end":
        await this.#caughtUp(frame.lastSeq, frame.epoch);
        return;
      case "error":
        await this.#refused(frame.code, frame.text);
        return;
      default:
        throw new Error("the server sent a message that can't be read");
    }
  }

  async #greeted(connectionId: string | undefined): Promise<void> {
    this.#welcomed = true;
    this.connectionId = connectionId;
    this.#cancel();
    const ping = (): void => this.#send({ type: "PING" });
    this.#heartbeat = new Heartbeat(this.#context.clock, ping, () => this.end(1006));
    this.#renewLater();
    await this.#catchUp();
  }

  async #catchUp(): Promise<void> {
    const { replica, clock } = this.#context;
    if (replica.state.lastSeq === undefined) await this.#events.pull(false);
    const { lastSeq, epoch, deviceId } = replica.state;
    const timestamp = new Date(clock.now()).toISOString();
    this.#send({ type: "SYNC_REQUEST", protocol: "1", lastSeq, epoch, deviceId, timestamp });
  }

  async #caughtUp(lastSeq: number, epoch: string | undefined): Promise<void> {
    const { replica, metrics } = this.#context;
    if (epoch !== undefined && epoch !== replica.state.epoch) {
      await this.#anew();
      return;
    }
    await this.#apply([], lastSeq);
    if (this.live || this.#ended) return;
    this.live = true;
    metrics.succeeded(this.#begun);
    this.#events.live();
  }

  /** CLI-014 by way of the socket: everything by HTTP, then what has come since. */
  async #anew(): Promise<void> {
    await this.#events.pull(true);
    await this.#catchUp();
  }

  async #refused(code: string, text: string): Promise<void> {
    this.#context.log("warn", "the server refused a message", { code, text });
    if (code === "CURSOR_EXPIRED" && ++this.#expired < 3) await this.#anew();
    else if (code === "CURSOR_EXPIRED" || code === "INTERNAL" || code === "UNAVAILABLE") this.end(1011);
  }

  async #apply(rows: readonly Told[], place: number | undefined): Promise<void> {
    await this.#context.replica.commit(
      rows.map(({ key }) => key),
      (work) => {
        for (const row of rows) apply(work, row);
        if (place !== undefined) work.state.lastSeq = Math.max(work.state.lastSeq ?? 0, place);
      },
      "remote",
    );
  }

  /** Before the token expires a new one takes its place on the same socket (AUTH-018). */
  #renewLater(): void {
    const { clock, replica } = this.#context;
    // Unix seconds.
    const exp = claimsOf(this.token)?.["exp"];
    if (typeof exp !== "number") return;
    const left = exp * 1000 - (clock.now() + replica.state.clockOffset) - RENEWAL;
    this.#cancel = clock.setTimer(Math.min(Math.max(left, 1_000), DAY), () => void this.#renew());
  }

  async #renew(): Promise<void> {
    try {
      const token = await this.#context.tokens.get(true);
      if (this.#ended || token === this.token) return;
      this.token = token;
      this.#send({ type: "AUTH", token });
      this.#renewLater();
    } catch {
      // The server closes with 4401 when it is time, and then the app is asked again.
    }
  }

  #send(message: { type: string; [member: string]: unknown }): void {
    if (this.#ended) return;
    this.#context.metrics.counts.messagesSent++;
    this.#socket.send(JSON.stringify(message));
  }
}

import type { ConnectionState, Socket, Sockets } from "../core/realtime/ports.ts";
import type { ServerTime } from "../env.ts";

/** The answer to these exact bytes, given by the platform while the object sleeps (RT-034, RT-035). */
const PING = '{"type":"PING"}';
const PONG = '{"type":"PONG"}';
const OPEN = 1;
const MOST_SLEEP_MS = 30 * 86_400_000;
/** How long a client may take to answer a farewell; one that is not there never does. */
const FAREWELL_MS = 200;
const GLANCE_MS = 5;

/** The sockets of a Durable Object, by the hibernation API: they outlive the object's time in memory, each with its state attached. */
export class HibernatingSockets implements Sockets {
  readonly #object: DurableObjectState;
  readonly #time: ServerTime;
  readonly #known = new WeakMap<WebSocket, HibernatingSocket>();

  constructor(object: DurableObjectState, time: ServerTime) {
    this.#object = object;
    this.#time = time;
    object.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
  }

  /** Takes a new socket, and the answer that gives its other end to the client. */
  accept(id: string, protocol: string | null): [Socket, Response] {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#object.acceptWebSocket(server, [id]);
    const headers = protocol === null ? undefined : { "sec-websocket-protocol": protocol };
    return [this.of(server), new Response(null, { status: 101, webSocket: client, headers })];
  }

  /** The one wrapper of a socket. */
  of(socket: WebSocket): Socket {
    let known = this.#known.get(socket);
    if (known === undefined) {
      known = new HibernatingSocket(socket, this.#object, this.#time);
      this.#known.set(socket, known);
    }
    return known;
  }

  all(): Socket[] {
    const open = this.#object.getWebSockets().filter((socket) => socket.readyState === OPEN);
    return open.map((socket) => this.of(socket));
  }

  /** Resolves when all that are closed have answered, or have had their time. */
  async gone(): Promise<void> {
    for (let waited = 0; waited < FAREWELL_MS && this.#object.getWebSockets().length > 0; waited += GLANCE_MS)
      await scheduler.wait(GLANCE_MS);
  }

  async wakeBy(time: number): Promise<void> {
    const alarm = Date.now() + Math.min(MOST_SLEEP_MS, Math.max(0, time - this.#time.now()));
    const set = await this.#object.storage.getAlarm();
    if (set === null || set > alarm) await this.#object.storage.setAlarm(alarm);
  }

  sleep(ms: number): Promise<void> {
    return scheduler.wait(ms);
  }

  background(work: Promise<void>): void {
    this.#object.waitUntil(work);
  }
}

class HibernatingSocket implements Socket {
  readonly #socket: WebSocket;
  readonly #object: DurableObjectState;
  readonly #time: ServerTime;

  constructor(socket: WebSocket, object: DurableObjectState, time: ServerTime) {
    this.#socket = socket;
    this.#object = object;
    this.#time = time;
  }

  load(): ConnectionState | undefined {
    return (this.#socket.deserializeAttachment() as ConnectionState | null) ?? undefined;
  }

  save(state: ConnectionState): void {
    this.#socket.serializeAttachment(state);
  }

  send(text: string): void {
    try {
      this.#socket.send(text);
    } catch {
      // It closed a moment ago; its event is on the way.
    }
  }

  close(code: number, reason: string): void {
    try {
      this.#socket.close(code, reason);
    } catch {
      // It is closed already.
    }
  }

  lastPing(): number | undefined {
    const answered = this.#object.getWebSocketAutoResponseTimestamp(this.#socket);
    return answered === null ? undefined : this.#time.at(answered.getTime());
  }
}

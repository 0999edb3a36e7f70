import { validate } from "../../schemas/validators.ts";
import { readLimits } from "../core/config.ts";
import type { Storage, Witness } from "../core/ports.ts";
import { Problem } from "../core/problem.ts";
import type { ConnectionState, Socket, Sockets } from "../core/realtime/ports.ts";
import { UserSync } from "../core/user-sync.ts";

/** A socket without a network: what was sent on it, and what closed it. */
export class LocalSocket implements Socket {
  state: ConnectionState | undefined;
  closedWith: number | undefined;
  // Tests assert on what they read; a shape that is not there fails them.
  readonly sent: any[] = [];

  load(): ConnectionState | undefined {
    return structuredClone(this.state);
  }

  save(state: ConnectionState): void {
    this.state = structuredClone(state);
  }

  send(text: string): void {
    const frame = JSON.parse(text);
    for (const { pointer, detail } of validate("server_message", frame))
      throw new Error(`${pointer} ${detail}`);
    this.sent.push(frame);
  }

  close(code: number): void {
    this.closedWith ??= code;
  }

  lastPing(): number | undefined {
    return undefined;
  }

  /** Takes what was sent since the last time. */
  take(): any[] {
    return this.sent.splice(0);
  }
}

/** The sockets of a user over any storage, in this process; the object that serves them can vanish and come back. */
export class LocalRealtime implements Sockets {
  readonly list: LocalSocket[] = [];
  now = Date.UTC(2026, 5, 1);
  readonly #storage: Storage;
  readonly #limits: object;
  #sync: UserSync;
  #witness: Witness | undefined;
  #work: Promise<void>[] = [];

  constructor(storage: Storage, limits: object = {}) {
    this.#storage = storage;
    this.#limits = limits;
    this.#sync = this.#start();
  }

  /** Loses everything that is in memory. */
  vanish(): void {
    this.#work = [];
    this.#sync = this.#start();
  }

  async open(): Promise<LocalSocket> {
    const socket = new LocalSocket();
    const grant = { user: "user", expiresAt: this.now + 3_600_000 };
    const answer = await this.#sync.open(grant, () => {
      this.list.push(socket);
      return [socket, new Response("opened")];
    });
    if (answer.status !== 200) throw new Error(`refused: ${answer.status}`);
    socket.take();
    return socket;
  }

  /** Sends a frame of an announced peer, and waits until everything has settled. */
  async send(socket: LocalSocket, frame: object): Promise<any[]> {
    await this.#sync.frame(socket, JSON.stringify({ protocol: "1", ...frame }));
    await this.settle();
    return socket.take();
  }

  async push(changes: object): Promise<number> {
    const request = new Request("https://sync.example/api/sync/push", {
      method: "POST",
      headers: { "content-type": "application/json", "x-sync-protocol": "1" },
      body: JSON.stringify({ changes }),
    });
    const { status } = await this.#sync.handle("user", "push", request);
    return status;
  }

  sweep(): Promise<void> {
    return this.#sync.sweep();
  }

  /** Waits for what goes on in the background. */
  async settle(): Promise<void> {
    while (this.#work.length > 0) await Promise.all(this.#work.splice(0));
  }

  all(): LocalSocket[] {
    return this.list.filter((socket) => socket.closedWith === undefined);
  }

  async wakeBy(): Promise<void> {}

  async sleep(ms: number): Promise<void> {
    this.now += ms;
  }

  background(work: Promise<void>): void {
    this.#work.push(work);
  }

  #start(): UserSync {
    return new UserSync(
      {
        storage: this.#storage,
        witnesses: {
          read: async () => this.#witness,
          write: async (witness) => {
            this.#witness = witness;
          },
        },
        clock: () => this.now,
        random: (count) => crypto.getRandomValues(new Uint8Array(count)),
        log: () => {},
        sockets: this,
        verify: () => Promise.reject(new Problem("TOKEN_INVALID", "no tokens here")),
      },
      readLimits(JSON.stringify({ requestBurst: null, ...this.#limits }), false),
    );
  }
}

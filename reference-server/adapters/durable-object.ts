import { DurableObject } from "cloudflare:workers";
import { verifyToken } from "../core/auth.ts";
import { readLimits, readSecret } from "../core/config.ts";
import type { Witness, WitnessStore } from "../core/ports.ts";
import { UserSync, type Endpoint } from "../core/user-sync.ts";
import type { Upgrade } from "../core/realtime/upgrade.ts";
import { log, moveClock, time, type Env } from "../env.ts";
import { D1Storage } from "./d1.ts";
import { FaultyD1Storage } from "./fault-injection.ts";
import { HibernatingSockets } from "./hibernating-sockets.ts";

/** Carries an {@link Upgrade} from the Worker to the object, as JSON. No request from outside ever gets here. */
const UPGRADE_HEADER = "x-upgrade";

/** The objects that have sockets, all taken in this process; for what befalls the whole server. */
const listening = new Set<string>();

/** The request by which a socket that was granted is opened in its user's object. */
export function upgradeRequest(upgrade: Upgrade): Request {
  const headers = { upgrade: "websocket", [UPGRADE_HEADER]: encodeURIComponent(JSON.stringify(upgrade)) };
  return new Request("https://user.object/", { headers });
}

/** One per user, named by the token's `sub`: the place where that user's writes queue. Holds no data; D1 is the truth. */
export class UserObject extends DurableObject<Env> {
  readonly #sync: UserSync;
  readonly #sockets: HibernatingSockets;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#sockets = new HibernatingSockets(state, time);
    const limits = readLimits(env.LIMITS, env.ENVIRONMENT === "production");
    const secret = readSecret(env.JWT_SECRET, env.ENVIRONMENT !== "development");
    this.#sync = new UserSync(
      {
        storage: env.ENVIRONMENT === "development" ? new FaultyD1Storage(env.DB) : new D1Storage(env.DB),
        witnesses: new ObjectWitness(state.storage),
        clock: time.now,
        random: (count) => crypto.getRandomValues(new Uint8Array(count)),
        log,
        sockets: this.#sockets,
        verify: (token) => verifyToken(token, { secret, limits, clock: time.now }),
      },
      limits,
    );
  }

  /** Opens a socket: sockets don't travel by {@link handle}'s kind of call. */
  override fetch(request: Request): Promise<Response> {
    const upgrade = JSON.parse(decodeURIComponent(request.headers.get(UPGRADE_HEADER)!)) as Upgrade;
    listening.add(this.ctx.id.toString());
    const { user, expiresAt, protocol } = upgrade;
    return this.#sync.open({ user, expiresAt }, (id) => this.#sockets.accept(id, protocol));
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    return this.#sync.frame(this.#sockets.of(socket), data);
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    this.#sync.gone(this.#sockets.of(socket));
    // Completes the handshake. 1005 and 1006 stand for no code, and can't be sent.
    this.#sockets.of(socket).close(code === 1005 || code === 1006 ? 1000 : code, reason);
    if (this.#sockets.all().length === 0) listening.delete(this.ctx.id.toString());
  }

  override webSocketError(socket: WebSocket): void {
    this.#sync.gone(this.#sockets.of(socket));
  }

  override alarm(): Promise<void> {
    return this.#sync.sweep();
  }

  /** Moves the time of the whole server, sockets' ends included; in development only. */
  async advanceClock(ms: number): Promise<void> {
    moveClock(this.env, ms);
    await Promise.all(this.#listening().map((user) => user.clockMoved()));
  }

  /** Tells all sockets of the whole server that it ends (1012). */
  async closeSockets(): Promise<void> {
    await Promise.all(this.#listening().map((user) => user.serverEnds()));
  }

  async serverEnds(): Promise<void> {
    this.#sync.dismiss();
    await this.#sockets.gone();
  }

  #listening(): DurableObjectStub<UserObject>[] {
    return [...listening].map((id) => this.env.USERS.get(this.env.USERS.idFromString(id)));
  }

  clockMoved(): Promise<void> {
    return this.#sync.sweep();
  }

  /** Answers a request whose token has been judged. */
  handle(user: string, endpoint: Endpoint, request: Request): Promise<Response> {
    return this.#sync.handle(user, endpoint, request);
  }
}

/** What was acknowledged, in the object's own storage: it does not go back in time when D1 is restored. */
class ObjectWitness implements WitnessStore {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  async read(): Promise<Witness | undefined> {
    return this.#storage.get<Witness>("witness");
  }

  async write(witness: Witness): Promise<void> {
    // Awaiting put alone is enough: the object's output gate holds the answer back until it is on disk.
    await this.#storage.put("witness", witness);
  }
}

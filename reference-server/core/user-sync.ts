import type { Limits } from "../../schemas/limits.ts";
import { respond, respondToError } from "./answer.ts";
import { toBase64Url } from "./base64url.ts";
import { batch } from "./batch.ts";
import { Mutex } from "./mutex.ts";
import type { Clock, Log, RandomBytes, Storage, Visit, WitnessStore } from "./ports.ts";
import { pull } from "./pull.ts";
import type { Reader } from "./realtime/catch-up.ts";
import { Hub } from "./realtime/hub.ts";
import type { Grant, Socket, Sockets, VerifyToken } from "./realtime/ports.ts";
import { Receiver } from "./realtime/receiver.ts";
import { push } from "./push.ts";
import { Problem } from "./problem.ts";
import { RateLimit } from "./rate-limit.ts";
import { bodyLimit, readAnnouncement, readBody, readDevice, readKey } from "./request.ts";
import { RestoreGuard } from "./restore-guard.ts";
import { status } from "./status.ts";
import { write, type WriteCall } from "./write.ts";
import { WritePath } from "./write-path.ts";

/** The calls that need a user. */
export type Endpoint = "pull" | "push" | "batch" | "status";

export interface Ports {
  storage: Storage;
  witnesses: WitnessStore;
  clock: Clock;
  random: RandomBytes;
  log: Log;
  /** Absent where there are none: in tests. */
  sockets?: Sockets;
  /** Judges the token of AUTH on a socket. */
  verify?: VerifyToken;
}

/** For an object that is told of no sockets. */
const NO_SOCKETS: Sockets = {
  all: () => [],
  wakeBy: () => Promise.resolve(),
  sleep: () => Promise.resolve(),
  background: () => undefined,
};
const NO_TOKENS: VerifyToken = () =>
  Promise.reject(new Problem("TOKEN_INVALID", "There are no tokens here."));

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * Everything that one user can ask for, one object per user. Its writes come one after the other, so that of two requests with one
 * idempotency key the second waits and gets the replay (IDEM-011); reads run beside them, each in a transaction of its own.
 * Nothing that matters lives in memory: the object may vanish between any two requests.
 */
export class UserSync {
  readonly #ports: Ports;
  readonly #limits: Limits;
  readonly #writes = new Mutex();
  readonly #rate: RateLimit;
  readonly #guard: RestoreGuard;
  readonly #path: WritePath;
  readonly #hub: Hub;
  readonly #receiver: Receiver;

  constructor(ports: Ports, limits: Limits) {
    this.#ports = ports;
    this.#limits = limits;
    this.#rate = new RateLimit(ports.clock);
    this.#guard = new RestoreGuard(ports.storage, ports.witnesses);
    this.#path = new WritePath(ports.storage, this.#guard);
    const { sockets = NO_SOCKETS, verify = NO_TOKENS, ...rest } = ports;
    const reader = (user: string) => this.#reader(user);
    const turn = <T>(task: () => Promise<T>) => this.#writes.run(task);
    this.#hub = new Hub({ ...rest, sockets, turn, reader }, limits);
    this.#receiver = new Receiver(
      {
        ...rest,
        verify,
        reader,
        hub: this.#hub,
        path: this.#path,
        visit: (user) => this.#visit(user, null),
      },
      limits,
    );
  }

  /** Answers a request of this user; the token has been judged, nothing else. Never throws. */
  async handle(user: string, endpoint: Endpoint, request: Request): Promise<Response> {
    try {
      return await this.#answer(user, endpoint, request);
    } catch (error) {
      return respondToError(error, this.#ports.log);
    }
  }

  /** The order of judgement is that of spec/http.md. */
  async #answer(user: string, endpoint: Endpoint, request: Request): Promise<Response> {
    const { headers } = request;
    this.#rate.take(this.#limits);
    const announced = readAnnouncement(headers);
    const device = readDevice(headers);
    if (endpoint === "status") {
      return respond(await status(this.#visit(user, device), this.#limits, this.#ports.storage, this.#guard));
    }
    const body = await readBody(request, bodyLimit(this.#limits, announced));
    if (endpoint === "pull") {
      return respond(
        await pull(body, this.#visit(user, device), this.#limits, this.#ports.storage, this.#guard),
      );
    }
    return this.#write(endpoint === "push" ? push : batch, headers.get("x-connection-id"), {
      user,
      device,
      announced,
      body,
      key: readKey(headers),
    });
  }

  async #write(
    call: WriteCall,
    connectionId: string | null,
    request: {
      user: string;
      device: string | null;
      announced: boolean;
      body: Uint8Array;
      key: string | null;
    },
  ): Promise<Response> {
    const answer = await this.#hub.turn(async () => {
      const visit = this.#visit(request.user, request.device);
      const { result, logged } = await write({ ...request, call, visit }, this.#limits, this.#path);
      await this.#hub.tell(logged, [{ connectionId: connectionId ?? undefined, verdicts: result.verdicts }]);
      return result;
    });
    return respond(answer, answer.replay ? { "x-idempotent-replay": "true" } : {});
  }

  /** Opens a socket for a user whose token has been judged: 101 by `accept`, or a refusal. Never throws. */
  async open(grant: Grant, accept: (id: string) => [Socket, Response]): Promise<Response> {
    try {
      return await this.#hub.open(grant, accept);
    } catch (error) {
      return respondToError(error, this.#ports.log);
    }
  }

  /** Answers what came in on a socket. Never throws. */
  frame(socket: Socket, data: string | ArrayBuffer): Promise<void> {
    return this.#receiver.frame(socket, data);
  }

  /** The client has closed a socket, or is gone. */
  gone(socket: Socket): void {
    this.#hub.gone(socket);
  }

  /** Closes all sockets, as the server ends. */
  dismiss(): void {
    this.#hub.dismiss();
  }

  /** Closes the sockets whose time is up. */
  sweep(): Promise<void> {
    return this.#hub.sweep();
  }

  #reader(user: string): Reader {
    const { storage } = this.#ports;
    return {
      place: async () => (await this.#guard.witness()) ?? { epoch: null, head: 0 },
      page: async ({ receivedSince, ...query }) => {
        const visit = this.#visit(user, null);
        const witness = await this.#guard.witness();
        const page = await storage.readPage(visit, {
          ...query,
          types: undefined,
          full: undefined,
          receivedSince: receivedSince ?? undefined,
        });
        return { ...page, identity: await this.#guard.admit(visit, witness, page.identity) };
      },
    };
  }

  #visit(user: string, device: string | null): Visit {
    const { clock, random } = this.#ports;
    return {
      user,
      device,
      now: clock(),
      // An hour more or less is nothing to a month; to a window that was shortened for a test it would be.
      deviceRefreshMs: this.#limits.deviceWindowMs >= DAY_MS ? HOUR_MS : 0,
      fresh: { epoch: toBase64Url(random(12)), cursorKey: toBase64Url(random(32)) },
    };
  }
}

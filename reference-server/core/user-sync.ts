import type { Limits } from "../../schemas/limits.ts";
import { respond, respondToError } from "./answer.ts";
import { toBase64Url } from "./base64url.ts";
import { batch } from "./batch.ts";
import { Mutex } from "./mutex.ts";
import type { Clock, Log, RandomBytes, Storage, Visit, WitnessStore } from "./ports.ts";
import { pull } from "./pull.ts";
import { push } from "./push.ts";
import { RateLimit } from "./rate-limit.ts";
import { bodyLimit, readAnnouncement, readBody, readDevice, readKey } from "./request.ts";
import { RestoreGuard } from "./restore-guard.ts";
import { status } from "./status.ts";
import { write, type WriteCall } from "./write.ts";

/** The calls that need a user. */
export type Endpoint = "pull" | "push" | "batch" | "status";

export interface Ports {
  storage: Storage;
  witnesses: WitnessStore;
  clock: Clock;
  random: RandomBytes;
  log: Log;
}

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

  constructor(ports: Ports, limits: Limits) {
    this.#ports = ports;
    this.#limits = limits;
    this.#rate = new RateLimit(ports.clock);
    this.#guard = new RestoreGuard(ports.storage, ports.witnesses);
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
    return this.#write(endpoint === "push" ? push : batch, {
      user,
      device,
      announced,
      body,
      key: readKey(headers),
    });
  }

  async #write(
    call: WriteCall,
    request: {
      user: string;
      device: string | null;
      announced: boolean;
      body: Uint8Array;
      key: string | null;
    },
  ): Promise<Response> {
    const answer = await this.#writes.run(() =>
      write(
        { ...request, call, visit: this.#visit(request.user, request.device) },
        this.#limits,
        this.#ports.storage,
        this.#guard,
      ),
    );
    return respond(answer, answer.replay ? { "x-idempotent-replay": "true" } : {});
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

import { DurableObject } from "cloudflare:workers";
import { readLimits } from "../core/config.ts";
import type { Witness, WitnessStore } from "../core/ports.ts";
import { UserSync, type Endpoint } from "../core/user-sync.ts";
import { clockOf, log, type Env } from "../env.ts";
import { D1Storage } from "./d1.ts";
import { FaultyD1Storage } from "./fault-injection.ts";

/** One per user, named by the token's `sub`: the place where that user's writes queue. Holds no data; D1 is the truth. */
export class UserObject extends DurableObject<Env> {
  readonly #sync: UserSync;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#sync = new UserSync(
      {
        storage: env.ENVIRONMENT === "development" ? new FaultyD1Storage(env.DB) : new D1Storage(env.DB),
        witnesses: new ObjectWitness(state.storage),
        clock: clockOf(env),
        random: (count) => crypto.getRandomValues(new Uint8Array(count)),
        log,
      },
      readLimits(env.LIMITS, env.ENVIRONMENT === "production"),
    );
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

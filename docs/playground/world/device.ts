import { memoryStorage, realtime, SyncClient, type SyncError } from "../../../reference-client/index.ts";
import { createProbe, type Probe } from "../../../reference-client/inspector/index.ts";
import type { Simulator } from "../../../conformance/simulator/simulator.ts";
import { Link } from "./link.ts";
import type { Time } from "./time.ts";
import type { DeviceName, Trace } from "./trace.ts";

export const USER = "clara";

interface Surroundings {
  simulator: Simulator;
  time: Time;
  trace: Trace;
  /** In [0, 1). */
  random: () => number;
  /** A token of the user, made now. */
  mint: () => Promise<string>;
}

/** The app on a device: a client that can be killed, on a storage that survives. */
export interface App {
  readonly client: SyncClient;
  readonly probe: Probe;
}

/** One device of the user, with its clock, its network, its storage, and the reference client as its app. */
export class Device {
  readonly name: DeviceName;
  readonly link: Link;
  /** How far its clock is ahead, milliseconds. */
  ahead = 0;
  /** Whether the sign-in gives tokens. */
  signedIn = true;
  /** Undefined while no tab is open. */
  app: App | undefined;
  /** What the client said last of what goes wrong. */
  problem: string | undefined;
  readonly #with: Surroundings;
  readonly #storage = memoryStorage();
  #life = 0;
  #names = 0;

  constructor(name: DeviceName, surroundings: Surroundings) {
    this.name = name;
    this.#with = surroundings;
    this.link = new Link(name, { ...surroundings, alive: () => this.app !== undefined });
  }

  /** What its clock shows. */
  get now(): number {
    return this.#with.time.now + this.ahead;
  }

  async open(): Promise<void> {
    if (this.app) return;
    const life = ++this.#life;
    const alive = (): boolean => this.#life === life;
    const { time, random, mint } = this.#with;
    const clock = time.clock(() => this.ahead, alive);
    const probe = createProbe(clock);
    const storage = probe.storage(async (user) => {
      const opened = await this.#storage(user);
      return {
        ...opened,
        // What a killed tab was about to do, it does not do.
        transact: (keys, plan) => (alive() ? opened.transact(keys, plan) : new Promise(() => {})),
      };
    });
    const opening = SyncClient.open({
      url: "https://sync.example",
      user: USER,
      token: () => (this.signedIn ? time.inTurn(mint) : null),
      storage,
      realtime: realtime({ openSocket: probe.openSocket(this.link.openSocket) }),
      fetch: probe.fetch(this.link.fetch),
      surroundings: this.link.surroundings,
      clock,
      random: { fraction: random, unique: () => `${this.name}-${++this.#names}` },
    });
    const client = await time.during(opening);
    this.problem = undefined;
    client.on("error", (error: SyncError) => {
      if (alive()) this.problem = error.message;
    });
    client.on("status", (status) => {
      if (status === "connected") this.problem = undefined;
    });
    this.app = { client, probe };
  }

  /** Ends the tab as a crash does: nothing is closed, nothing is said. */
  kill(): void {
    if (!this.app) return;
    this.app = undefined;
    this.#life += 1;
    this.link.drop();
  }
}

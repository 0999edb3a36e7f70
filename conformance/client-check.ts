import type { AdapterVerb } from "../schemas/adapter-verbs.ts";
import type { Capabilities } from "../schemas/adapter.ts";
import type { Limits } from "../schemas/limits.ts";
import { requirementOf } from "./check.ts";
import type { App, OpenOptions } from "./clients/app.ts";
import type { Builders } from "./entities.ts";
import type { Expect } from "./expect.ts";
import type { Model } from "./model/model.ts";
import type { ClientMutant } from "./model-client/mutant.ts";
import type { Simulator } from "./simulator/simulator.ts";
import type { Device } from "./wire/device.ts";
import type { Tokens } from "./wire/tokens.ts";

/**
 * What a check needs of a client and its adapter; what was not declared makes the check not applicable.
 * - `verb:flush`: the adapter has that verb
 * - `kill`: the client can be killed, and started on the same storage
 * - `realtime`, `socketMutations`, `tabs`: as the adapter's capabilities say
 */
export type ClientNeed = `verb:${AdapterVerb}` | "kill" | "realtime" | "socketMutations" | "tabs";

/** What a client check works with. The simulator and the user are this check's own. */
export interface ClientContext extends Builders {
  /** The server, as the client under test reaches it, and all that it saw. */
  simulator: Simulator;
  /**
   * A client of the check's user on storage of its own. Resolves when it has caught up once with the server, over HTTP and, where it
   * is told to use one, on its socket.
   */
  open(options?: OpenOptions): Promise<App>;
  /** What the adapter declares, for what is done where it can be. */
  offers: Capabilities;
  /** Another device of the same user, straight at the server: no fault is in its way. */
  other: Device;
  /** One more of them. */
  newDevice(): Device;
  tokens: Tokens;
  expect: Expect;
  /** `count` seconds of the client's own time, in ms: what 30 s of the specification take in this run. */
  seconds(count: number): number;
  /**
   * Waits until `look` gives something other than false, undefined or null, and gives that; looks again whenever the simulator has seen
   * something, and now and then. After `seconds` of the client's time (default 60), and 5 s more, the check fails with `what`.
   */
  waitFor<T>(
    what: string,
    look: () => T | Promise<T>,
    options?: { seconds?: number },
  ): Promise<Exclude<T, false | undefined | null>>;
  /** Lets so many seconds of the client's time pass: only for what must not happen, where no later event can prove that. */
  pass(seconds: number): Promise<void>;
  /**
   * The server refuses the next `times` writes of this entity with this code of an item, known or not; by default all, until `accept`.
   * A refused item is not stored. Replays are as they were.
   */
  refuse(id: string, code: string, times?: number): void;
  /** From now on the server judges the entity as any other. */
  accept(id: string): void;
  /** From now on the server keeps this piece under another id than any rule of today gives, whoever writes it (CLI-006). */
  rename(scoreId: string, as: string): void;
  /** The server's clock, Unix ms. */
  now(): number;
  /** A stamp `offsetMs` from {@link now}. */
  at(offsetMs?: number): string;
  /** Another server of the same secret, without data unless `from` is given: for restores. */
  anotherServer(options?: { limits?: Partial<Limits>; clockMs?: number }): Model;
  /** A number in [0, 1) from the run's seed. */
  random(): number;
  /** Ends the check: what it needs never arose. */
  inconclusive(reason: string): never;
  signal: AbortSignal;
}

export interface ClientCheckDefinition {
  /** Requirement id, slash, slug: `CLI-018/kept-until-acknowledged`. */
  id: string;
  /** What a conforming client does, in a few words. */
  name: string;
  /** Faults that this check must catch; at least one. */
  brokenBy: readonly ClientMutant[];
  needs?: readonly ClientNeed[];
  /** How long it may take, in seconds of the client's time; half a minute of the run's time is added. Default: 120. */
  lasts?: number;
  /** How long a second of the client's time is, in ms, unless the run is in real time. Default: 50. */
  secondMs?: number;
  /** What it demands holds however slow the machine is, but for what it waits for: what has failed once has failed. */
  timeless?: true;
  /** How the simulator's server is set up. */
  server?: { limits?: Partial<Limits>; /** How far its clock is ahead of the suite's. */ clockMs?: number };
  run(context: ClientContext): Promise<void>;
}

export interface ClientCheck extends ClientCheckDefinition {
  role: "client";
  /** The part of the id before the slash. */
  requirement: string;
  needs: readonly ClientNeed[];
  lasts: number;
  secondMs: number;
  /** In real time. */
  timeoutMs: number;
}

const OVERHEAD_MS = 30_000;

/** Defines a check of clients. @throws HarnessError when its id or its mutants are not as they must be. */
export function clientCheck(definition: ClientCheckDefinition): ClientCheck {
  const requirement = requirementOf(definition);
  const { lasts = 120, secondMs = 50 } = definition;
  const timeoutMs = OVERHEAD_MS + lasts * 1_000;
  return { needs: [], ...definition, lasts, secondMs, timeoutMs, role: "client", requirement };
}

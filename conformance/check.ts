import type { Limits } from "../schemas/limits.ts";
import type { Device } from "./wire/device.ts";
import type { Builders } from "./entities.ts";
import type { Expect } from "./expect.ts";
import type { Mutant } from "./model/mutant.ts";
import type { Reply } from "./wire/reply.ts";
import type { Sockets } from "./wire/sockets.ts";
import type { Transcript } from "./wire/transcript.ts";
import type { DiscoveryBody } from "./wire/shapes.ts";
import type { Tokens } from "./wire/tokens.ts";
import { HarnessError } from "./verdict.ts";

/** The verbs of the control protocol: what an operator may let the suite do to the server. */
export const CONTROL_VERBS = ["restart", "kill", "evict", "fail-next-write", "advance-clock"] as const;
export type ControlVerb = (typeof CONTROL_VERBS)[number];

/**
 * What a check needs beside a server that answers; if it was not declared, the check is not applicable.
 * - `forge-token`: the suite can sign any token (secret or token command given)
 * - `origin`: the operator named an origin of the server's CORS allow-list
 * - `limit:requestBurst`: discovery advertises that limit; `limit:idempotencyRetentionMs<=5000` at most that much. A check that
 *   needs `requestBurst` may go beyond it; the requests of all others are kept within it
 * - `control:restart`: the control command offers that verb
 * - `profile:realtime`: the server claims that profile; the profile of the check's own requirement goes without saying
 */
export type Need =
  | "forge-token"
  | "origin"
  | `limit:${keyof Limits}`
  | `limit:${keyof Limits}<=${number}`
  | `control:${ControlVerb}`
  | `profile:${string}`;

/** One request byte for byte, never validated: the only way to send a bad message on purpose. */
export interface RawRequest {
  method?: string;
  path: string;
  /** Sends this device's headers (token, device id, protocol) too. */
  as?: Device;
  /** Win over those of `as` and over Content-Type; undefined leaves one out. Names lower case. */
  headers?: Record<string, string | undefined>;
  /** One of these: a value sent as JSON, a text as it is, or bytes. The Content-Type is application/json unless told. */
  json?: unknown;
  text?: string;
  bytes?: Uint8Array;
  /** The answer's body is not held against the schema of the path. */
  anyAnswer?: boolean;
}

export interface Control {
  restart(): Promise<void>;
  kill(): Promise<void>;
  /** Throws what the server holds of a user in memory away, as a platform does with idle objects. */
  evict(user: string): Promise<void>;
  failNextWrite(): Promise<void>;
  /** Moves the server's clock; the suite's `now()` follows. */
  advanceClock(ms: number): Promise<void>;
}

/** What a server check works with. Everything belongs to this one check: its user is fresh. */
export interface ServerContext extends Builders {
  /** A device of a fresh user; it announces protocol version 1. */
  device: Device;
  /** Another device of the same user. */
  newDevice(): Device;
  /** A device of the same user that announces no version, as deployed clients do. */
  deployedDevice(): Device;
  /** A device of another fresh user. */
  stranger(): Promise<Device>;
  expect: Expect;
  tokens: Tokens;
  http<Body = unknown>(request: RawRequest): Promise<Reply<Body>>;
  discovery: DiscoveryBody;
  /** What discovery advertises. */
  limits: Limits;
  /** Path of the WebSocket endpoint, for requests to it that are no upgrade. */
  socketPath: string;
  /** An origin of the allow-list; needs "origin". */
  origin: string;
  /** Needs "control:…". */
  control: Control;
  /** The server's clock as far as the suite can tell, in Unix ms. */
  now(): number;
  /** A stamp `offsetMs` from {@link now}, as canonical text. */
  at(offsetMs?: number): string;
  /** A number in [0, 1) from the run's seed. */
  random(): number;
  /** Polls until `condition` is true; after `timeoutMs` (default 5000) the check fails with `what`. */
  waitFor(what: string, condition: () => Promise<boolean>, timeoutMs?: number): Promise<void>;
  /** Ends the check: what it needs never arose. */
  inconclusive(reason: string): never;
  /** Aborted when the check's time is up or the run ends. */
  signal: AbortSignal;
  /** For checks that play whole histories. */
  theatre: Theatre;
}

/** Where whole histories are played (conformance/histories). */
export interface Theatre {
  /** What the checks of one run share, by name. */
  shared: Map<string, Promise<unknown>>;
  histories: HistoryOptions & { seed: string };
  /** A stage of its own, with fresh users and a transcript; its sockets are the caller's to end. */
  open(): Promise<OpenStage>;
}

/** What {@link Theatre.open} gives. */
export interface OpenStage {
  context: ServerContext;
  transcript: Transcript;
  sockets: Pick<Sockets, "demandWellFormed" | "endAll">;
}

/** How long random histories are searched, and where one that fails is saved. */
export interface HistoryOptions {
  /** So many of each kind. */
  count?: number;
  /** More of them until this time is over. */
  durationMs?: number;
  /** Where the schedule of a violation is saved; without it, nowhere. */
  folder?: string;
}

/** What a check of either role has. */
export interface AnyCheck {
  readonly id: string;
  /** The part of the id before the slash. */
  readonly requirement: string;
  readonly name: string;
  readonly role: "server" | "client";
  readonly brokenBy: readonly { name: string; story: string; breaks: readonly string[] }[];
  readonly needs: readonly string[];
  readonly timeoutMs: number;
}

export interface ServerCheckDefinition {
  /** Requirement id, slash, slug: `IDEM-002/replay-changes-nothing`. */
  id: string;
  /** What a conforming server does, in a few words. */
  name: string;
  /** Faults that this check must catch; at least one. */
  brokenBy: readonly Mutant[];
  needs?: readonly Need[];
  /** Its one restart or kill may come later than it asks, so that others have the same one. */
  sharesUpset?: true;
  /** Whole check, in ms; default 60000. */
  timeoutMs?: number;
  /** How the self-test sets up the model so that the situation arises. */
  model?: { limits?: Partial<Limits> };
  /** It plays histories: a longer search for them is time that it has in addition. */
  plays?: "histories";
  run(context: ServerContext): Promise<void>;
}

export interface ServerCheck extends ServerCheckDefinition {
  role: "server";
  /** The part of the id before the slash. */
  requirement: string;
  needs: readonly Need[];
  timeoutMs: number;
}

const ID = /^([A-Z]+-\d{3})\/[a-z0-9]+(-[a-z0-9]+)*$/;

/** Defines a check. @throws HarnessError when its id or its mutants are not as they must be. */
export function serverCheck(definition: ServerCheckDefinition): ServerCheck {
  const requirement = requirementOf(definition);
  return { needs: [], timeoutMs: 60_000, ...definition, role: "server", requirement };
}

/** The requirement that a check is for. @throws HarnessError when its id or its mutants are not as they must be. */
export function requirementOf(definition: Pick<AnyCheck, "id" | "brokenBy">): string {
  const match = ID.exec(definition.id);
  if (!match) {
    throw new HarnessError(`check id "${definition.id}" is not <REQUIREMENT-000>/<slug-in-lower-case>`);
  }
  const holes: readonly unknown[] = definition.brokenBy;
  if (holes.includes(undefined)) {
    throw new HarnessError(
      `${definition.id} names a mutant that is not there: look for a typing error in brokenBy`,
    );
  }
  if (definition.brokenBy.length === 0)
    throw new HarnessError(`${definition.id} has no mutant: nothing shows it can fail`);
  return match[1]!;
}

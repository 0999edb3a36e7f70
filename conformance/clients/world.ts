import { randomBytes } from "node:crypto";
import type { ServerContext } from "../check.ts";
import type { ClientCheck, ClientContext } from "../client-check.ts";
import type { AdapterHost, ClientSubject } from "../drivers/client/port.ts";
import { createModel } from "../model/model.ts";
import type { Model } from "../model/model.ts";
import { listen } from "../model/node-http.ts";
import { createStage } from "../run/context.ts";
import { watchSlowness } from "../run/slowness.ts";
import { declaredDiscovery } from "../subject/subject.ts";
import type { Subject } from "../subject/subject.ts";
import { refusingServer } from "../simulator/refusing.ts";
import { isWrite } from "../simulator/seen.ts";
import { Simulator } from "../simulator/simulator.ts";
import { secretTokenSource } from "../wire/tokens.ts";
import { createRedactor } from "../wire/redaction.ts";
import type { Redactor } from "../wire/redaction.ts";
import type { Transcript } from "../wire/transcript.ts";
import { CheckFailure, CouldNotRun, Inconclusive, TimingFailure } from "../verdict.ts";
import { App } from "./app.ts";
import type { Opening, OpenOptions } from "./app.ts";
import { join } from "./in-process-network.ts";
import { demandWellFormed } from "./well-formed.ts";
import { recordTraffic } from "./traffic.ts";
import { nextChange, passed } from "./waiting.ts";

/** What a slow machine may take in addition to the client's own waiting. */
const SLACK_MS = 5_000;
/** Within one process nothing else is slow. */
const SLACK_IN_PROCESS_MS = 2_000;
const POLL_MS = 5;
const LONGEST_POLL_MS = 40;
const CAUGHT_UP_SECONDS = 60;
/**
 * Of the client's own seconds. The shortest time that it leaves a server is 10 s, for a PONG (CLI-040); a machine that stands still for half of
 * that may make a client give up what was well.
 */
const TOO_LONG_S = 5;

export interface WorldOptions {
  seed: string;
  nonce: string;
  signal: AbortSignal;
  /** The specification's own durations: a second takes a second. */
  realTime?: boolean;
  /** Which try this is. From one to the next the time doubles that a slow machine may take in addition. Default: 1. */
  attempt?: number;
}

/** A check's context, and what the harness keeps of it. */
export interface World {
  context: ClientContext;
  transcript: Transcript;
  redactor: Redactor;
  /** Whether the machine was too busy for a client's shortened waiting. */
  isSlow(): boolean;
  /** Demands what holds of every client in every check, and that it did anything at all. */
  demandLife(): Promise<void>;
  end(): Promise<void>;
}

/** Sets the stage for one check of a client: a simulator and a fresh user. Opens no client. */
export async function createWorld(
  check: ClientCheck,
  subject: ClientSubject,
  options: WorldOptions,
): Promise<World> {
  const { signal } = options;
  const shortened = Math.max(check.secondMs, subject.shortestSecondMs ?? 0);
  const secondMs = options.realTime || subject.capabilities.timing !== true ? 1_000 : shortened;
  const secret = randomBytes(32).toString("hex");
  const refusing = refusingServer();
  const serverOf = ({ limits, clockMs = 0 }: NonNullable<ClientCheck["server"]> = {}): Model =>
    createModel({
      secret,
      baseUrl: "http://simulator.example",
      now: () => Date.now() + clockMs,
      behaviour: refusing.behaviour,
      // How often a client may ask is no check's business here, unless it says so.
      limits: { requestBurst: 100_000, messageBurst: 100_000, ...limits },
      ...(subject.origin === undefined ? {} : { origins: [subject.origin] }),
    });
  const simulator = new Simulator(serverOf(check.server));
  const { url, leave } = await reachable(simulator, subject);
  const direct: Subject = {
    description: "the simulator's server",
    transport: (request, ends) => simulator.model.handle(request, ends),
    dial: (request, ends) => simulator.model.dial(request, ends),
    tokens: secretTokenSource(secret),
    discovery: declaredDiscovery({ profiles: ["http", "realtime"], limits: simulator.model.server.limits }),
    clockOffsetMs: check.server?.clockMs ?? 0,
    redactor: createRedactor(),
    requestTimeoutMs: 10_000,
    disposable: true,
  };
  const stage = await createStage({ id: check.id, needs: ["forge-token"] }, direct, options);
  const { transcript, redactor } = stage;
  const stopRecording = recordTraffic(simulator, transcript);
  const hosts = new Set<AdapterHost>();
  const apps: App[] = [];
  const user = stage.context.device.user;

  const slowness = watchSlowness(TOO_LONG_S * secondMs);
  const slackMs =
    (subject.network === "in-process" ? SLACK_IN_PROCESS_MS : SLACK_MS) * 2 ** ((options.attempt ?? 1) - 1);
  const waitFor: ClientContext["waitFor"] = async (what, look, { seconds = 60 } = {}) => {
    const until = performance.now() + seconds * secondMs + slackMs;
    let pause = POLL_MS;
    for (;;) {
      signal.throwIfAborted();
      const found = await look();
      if (found !== false && found !== undefined && found !== null)
        return found as Exclude<typeof found, false | undefined | null>;
      if (performance.now() > until) {
        throw new TimingFailure(`did not come: ${what}`, {
          expected: what,
          actual: `not within ${seconds} s of the client's time (a second takes ${secondMs} ms here)`,
        });
      }
      await nextChange(simulator, pause);
      pause = Math.min(2 * pause, LONGEST_POLL_MS);
    }
  };

  const log = (direction: "sent" | "received", text: string): void =>
    transcript.frame("adapter", direction, { data: text });
  const start = async (opening: Opening, host: AdapterHost): Promise<App> => {
    const name = `client-${apps.length + 1}`;
    const app = new App({ host, client: name, opening, reopen, log, took: slowness.note });
    apps.push(app);
    const [requests, sockets] = [simulator.requests.length, simulator.sockets.length];
    await app.open();
    if (!opening.caughtUp) return app;
    try {
      await waitFor(
        "a client that has caught up after it was opened",
        () =>
          hasCaughtUp(simulator, {
            requests,
            sockets,
            realtime: opening.realtime,
            tokens: tokensAt(opening),
          }),
        { seconds: CAUGHT_UP_SECONDS },
      );
    } catch (error) {
      if (!(error instanceof CheckFailure)) throw error;
      throw new Inconclusive(
        "the client that was opened never fetched what the server has, so there is nothing to go on from; CLI-037 and CLI-039 say when it must",
      );
    }
    return app;
  };
  // A tab may leave it to another one on its storage.
  const tokensAt = ({ storage }: Opening): Set<string> =>
    new Set(apps.filter((app) => app.opening.storage === storage).flatMap(({ tokens }) => [...tokens]));
  const launched = async (alone: boolean): Promise<AdapterHost> => {
    const host = await subject.launch({ alone });
    hosts.add(host);
    return host;
  };
  const alone = check.needs.includes("kill");
  const open = async (wanted: OpenOptions = {}): Promise<App> => {
    const { beside, realtime = false, caughtUp = true, user: whose = user } = wanted;
    // Unlike any other: it tells whose a request is.
    const jti = stage.context.unique("token");
    const token = wanted.token ?? (await stage.context.tokens.forge({ claims: { jti } }, whose));
    redactor.conceal(token);
    const storage = wanted.storage ?? subject.newStorage();
    return start(
      { url, user: whose, token, storage, realtime, secondMs, caughtUp },
      beside?.host ?? (await launched(alone)),
    );
  };
  const reopen = async (opening: Opening, app: App): Promise<App> =>
    start(opening, app.killed ? await launched(alone) : app.host);

  const context: ClientContext = {
    ...builders(stage.context),
    simulator,
    open,
    offers: subject.capabilities,
    other: stage.context.device,
    newDevice: stage.context.newDevice,
    tokens: stage.context.tokens,
    expect: stage.context.expect,
    seconds: (count) => count * secondMs,
    waitFor,
    pass: (count) => passed(count * secondMs, signal),
    refuse: refusing.refuse,
    accept: refusing.accept,
    rename: refusing.rename,
    now: stage.context.now,
    at: stage.context.at,
    anotherServer: serverOf,
    random: stage.context.random,
    inconclusive: stage.context.inconclusive,
    signal,
  };
  return {
    context,
    transcript,
    redactor,
    isSlow: () => slowness.shown,
    async demandLife() {
      demandWellFormed(simulator);
      if (hasLived(simulator)) return;
      simulator.heal();
      simulator.restoreNetwork();
      const alive = await waitFor("an exchange", () => hasLived(simulator)).catch(() => false);
      if (!alive) throw new CouldNotRun("the client never exchanged anything with the server");
    },
    async end() {
      slowness.end();
      stopRecording();
      await Promise.all([...hosts].map((host) => host.end()));
      await stage.sockets.endAll();
      await leave();
    },
  };
}

async function reachable(
  simulator: Simulator,
  { network, origin, listenOn: host }: ClientSubject,
): Promise<{ url: string; leave(): void | Promise<void> }> {
  if (network === "in-process") return join(simulator);
  // Browsers send a request again by themselves where a connection that they used before ends: the client would be blamed.
  const { url, close } = await listen(simulator, { host, manners: { closes: origin !== undefined } });
  return { url, leave: close };
}

/** The builders alone: a client check has no other part of a server check's context by accident. */
const BUILDERS = [
  "anEntry",
  "aPiece",
  "aGoal",
  "aPlan",
  "anOccurrence",
  "aTemplate",
  "preferences",
  "anItem",
  "aDeletion",
  "edited",
  "unique",
] as const;
type Builders = Pick<ServerContext, (typeof BUILDERS)[number]>;

function builders(context: ServerContext): Builders {
  return Object.fromEntries(BUILDERS.map((name) => [name, context[name]])) as unknown as Builders;
}

/** A pull walk with one of these tokens that began since then has ended, or on a socket a catch-up; without `tokens`, anybody's. */
function hasCaughtUp(
  simulator: Simulator,
  {
    requests,
    sockets,
    realtime,
    tokens,
  }: { requests: number; sockets: number; realtime: boolean; tokens?: ReadonlySet<string> },
): boolean {
  const isTheirs = ({ token }: { token: string | undefined }): boolean =>
    tokens === undefined || (token !== undefined && tokens.has(token));
  const pulled = simulator.requests.slice(requests).some((seen) => {
    if (!isTheirs(seen) || seen.call !== "pull" || seen.fate !== "answered" || seen.answer?.status !== 200)
      return false;
    return (JSON.parse(new TextDecoder().decode(seen.answer.body)) as { hasMore?: boolean }).hasMore !== true;
  });
  if (!realtime) return pulled;
  return simulator.sockets
    .slice(sockets)
    .filter(isTheirs)
    .some((socket) =>
      socket.received.some(
        ({ type, clientChangeId }) => type === "SYNC_RESPONSE" && clientChangeId === undefined,
      ),
    );
}

/** A call that syncs was answered as the server meant it, or a catch-up came to its end. */
function hasLived(simulator: Simulator): boolean {
  return (
    simulator.requests.some(
      (seen) =>
        (seen.call === "pull" || isWrite(seen)) && seen.fate === "answered" && seen.answer?.status === 200,
    ) || hasCaughtUp(simulator, { requests: 0, sockets: 0, realtime: true })
  );
}

import type { ServerCheck } from "../check.ts";
import { inputsOf } from "../fuzz/demand.ts";
import { playBrokenOff } from "../fuzz/broken-off.ts";
import { explained } from "../fuzz/explain.ts";
import { send } from "../fuzz/session.ts";
import type { Channel } from "../fuzz/session.ts";
import { createStage } from "../run/context.ts";
import type { Stage } from "../run/context.ts";
import type { Subject } from "../subject/subject.ts";
import { CheckFailure } from "../verdict.ts";

/** One round is staged as if it were a check, so that it has users, devices and a transcript. */
const ROUND: ServerCheck = {
  id: "HTTP-007/soak",
  requirement: "HTTP-007",
  name: "a round of the soak",
  role: "server",
  brokenBy: [],
  needs: [],
  timeoutMs: 600_000,
  run: async () => {},
};

/** Users come again after so many rounds: what a long run leaves behind does not grow with it. */
const POOL = 8;
/** Every so many rounds each member of each contract has its turn. */
const SWEEP_EVERY = 10;
const RANDOM = { http: 1_000, realtime: 2_000 };
/** Few sockets: each is told of everything, and begins with everything. */
const PACE = { atOnce: 12, sockets: 2, perSocket: 500 };

/** What a round came to. */
export interface Round {
  sent: number;
  limited: number;
  kinds: Map<string, number>;
  /** What was found, explained. */
  failure?: CheckFailure;
}

/** The name of the n-th round of a run, by which it can be sent again. */
export function roundSeed(seed: string, n: number): string {
  return `${seed}-${n}`;
}

/** Sends the inputs of one round, and judges what came of them. */
export async function playRound(
  subject: Subject,
  channel: Channel,
  n: number,
  {
    seed,
    nonce,
    signal,
    wanted,
  }: { seed: string; nonce: string; signal: AbortSignal; wanted: () => boolean },
): Promise<Round> {
  const own = roundSeed(seed, n);
  const stage = await createStage(ROUND, subject, {
    seed: own,
    nonce: `${nonce}-${channel}-${n % POOL}`,
    signal,
  });
  const { context, sockets, transcript } = stage;
  const inputs = inputsOf(context, channel, own, {
    sweeps: n % SWEEP_EVERY === 1,
    times: 1,
    random: RANDOM[channel],
  });
  try {
    const { faults, ...rest } = await send(stage, channel, inputs, { ...PACE, wanted });
    sockets.demandWellFormed();
    const [fault] = faults;
    if (!fault) return channel === "http" ? await withBrokenOff(subject, stage, rest) : rest;
    return { ...rest, failure: await explained(context, channel, fault, { alone: true }) };
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error;
    error.evidence ??= { transcript };
    return { sent: inputs.length, limited: 0, kinds: new Map(), failure: error };
  } finally {
    await sockets.endAll();
  }
}

/** After the others what no client of the suite's sends: requests that are not whole. */
async function withBrokenOff(subject: Subject, { context }: Stage, round: Round): Promise<Round> {
  const { now } = context;
  const device = await context.stranger();
  const timeoutMs = subject.requestTimeoutMs;
  const { sent, faults } = await playBrokenOff(device, { url: subject.description, now: now(), timeoutMs });
  const [fault] = faults;
  const kinds = new Map(round.kinds).set("a request that breaks off", sent);
  const whole = { ...round, sent: round.sent + sent, kinds };
  if (!fault) return whole;
  const { message, expected, actual } = fault;
  return { ...whole, failure: new CheckFailure(message, { expected, actual }) };
}

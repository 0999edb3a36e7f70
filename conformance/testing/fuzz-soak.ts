import { randomBytes } from "node:crypto";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { missingKinds } from "../fuzz/demand.ts";
import type { Channel } from "../fuzz/session.ts";
import { httpDriver } from "../drivers/http.ts";
import { doorstep } from "../run/doorstep.ts";
import { UsageError } from "../run/select.ts";
import { readSettings } from "../run/settings.ts";
import { openSubject, withPort } from "../subject/open.ts";
import type { OpenSubject } from "../subject/open.ts";
import { startServer } from "../subject/start.ts";
import { CouldNotRun } from "../verdict.ts";
import { playRound } from "./fuzz-rounds.ts";
import type { Round } from "./fuzz-rounds.ts";
import { growthOf, residentMiB } from "./resident.ts";
import type { Sample } from "./resident.ts";

const USAGE = `npm run soak:fuzz -- [--inputs 1000000] [--start "<command>" | --url <base>] [--channel http,realtime] [--seed <text>] [--round <n>]
Sends valid, nearly valid and hostile requests and messages, made from the contracts, until so many were sent or something is wrong.
--start: a server with {port} for its port (the reference server in dist, its rates raised); --url: one that runs, its secret in
MIRUBATO_JWT_SECRET; --round: this round of the seed alone. Ctrl-C ends the run once what was sent is judged. Exit status 0: nothing
was found. 1: something was, or memory grew. 2: wrong usage. 3: it could not run.
`;
const CLI = resolve(dirname(fileURLToPath(import.meta.url)), "../../dist/bin/mirubato-sync.js");
const RATES = {
  requestBurst: 1_000_000,
  requestsPerSecond: 1_000_000,
  messageBurst: 1_000_000,
  messagesPerSecond: 1_000_000,
};
const REFERENCE = `"${process.execPath}" "${CLI}" serve --port {port} --limits '${JSON.stringify(RATES)}'`;
const CHANNELS: readonly Channel[] = ["http", "realtime"];
const SAMPLE_MS = 1_000;
const TELL_MS = 15_000;

interface Options {
  inputs: number;
  channels: Channel[];
  seed: string;
  round: number | undefined;
  start: string | undefined;
  url: string | undefined;
}

interface Total {
  sent: Record<Channel, number>;
  rounds: Record<Channel, number>;
  limited: number;
  /** Rounds that the network or the harness broke off; nothing of them counts. */
  broken: string[];
  kinds: Record<Channel, Map<string, number>>;
  samples: Sample[];
  failure?: { channel: Channel; n: number; round: Round };
}

/** A network may break off a round now and then; so many in a row are the server's end. */
const BROKEN_IN_A_ROW = 3;

/** @returns the exit status */
async function main(words: readonly string[], write: (text: string) => void): Promise<number> {
  let options: Options;
  let open: OpenSubject & { group?: number; stop(): Promise<void> };
  const hard = new AbortController();
  try {
    options = optionsOf(words);
    open = await opened(options, hard.signal);
  } catch (error) {
    write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof CouldNotRun) return 3;
    write(USAGE);
    return 2;
  }
  let stopping = false;
  const onSignal = (): void => {
    // The second time nobody waits for that.
    if (stopping) hard.abort(new CouldNotRun("interrupted"));
    stopping = true;
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  const { seed } = options;
  write(`${options.inputs} inputs to ${open.subject.description}, seed ${seed}\n`);
  const total: Total = {
    sent: { http: 0, realtime: 0 },
    rounds: { http: 0, realtime: 0 },
    limited: 0,
    broken: [],
    kinds: { http: new Map(), realtime: new Map() },
    samples: [],
  };
  const began = performance.now();
  const all = (): number => total.sent.http + total.sent.realtime;
  const seconds = (): number => (performance.now() - began) / 1000;
  const line = (): string =>
    `${all()} inputs (${total.sent.http} requests, ${total.sent.realtime} messages), ${Math.round(all() / seconds())}/s`;
  const sampling = setInterval(() => {
    const miB = open.group === undefined ? undefined : residentMiB(open.group);
    if (miB !== undefined) total.samples.push({ inputs: all(), miB });
  }, SAMPLE_MS);
  const telling = setInterval(() => {
    const { miB } = total.samples.at(-1) ?? {};
    write(
      `${seconds().toFixed(0).padStart(5)} s  ${line()}${miB === undefined ? "" : `, ${miB.toFixed(0)} MiB`}\n`,
    );
  }, TELL_MS);

  let obstacle: unknown;
  const share = options.inputs / options.channels.length;
  const nonce = randomBytes(4).toString("hex");
  const soak = async (channel: Channel): Promise<void> => {
    const wanted = (n: number): boolean =>
      options.round === undefined ? total.sent[channel] < share : n === 1;
    let inARow = 0;
    for (let n = 1; wanted(n) && !stopping && !total.failure && obstacle === undefined; n += 1) {
      const number = options.round ?? n;
      const signal = AbortSignal.any([hard.signal, open.died]);
      let round: Round;
      try {
        round = await playRound(open.subject, channel, number, {
          seed,
          nonce,
          signal,
          wanted: () => !stopping,
        });
        inARow = 0;
      } catch (error) {
        inARow += 1;
        const last = inARow === BROKEN_IN_A_ROW || options.round !== undefined;
        if (!(error instanceof CouldNotRun) || signal.aborted || last) throw error;
        total.broken.push(`${channel} round ${number}: ${error.message}`);
        continue;
      }
      total.rounds[channel] += 1;
      total.sent[channel] += round.sent;
      total.limited += round.limited;
      for (const [kind, count] of round.kinds)
        total.kinds[channel].set(kind, (total.kinds[channel].get(kind) ?? 0) + count);
      if (round.failure) total.failure ??= { channel, n: number, round };
    }
  };
  await Promise.all(
    options.channels.map((channel) => soak(channel).catch((error: unknown) => (obstacle ??= error))),
  );
  clearInterval(sampling);
  clearInterval(telling);
  await open.stop();

  const { failure } = total;
  if (failure) tellFailure(failure, options, write);
  if (obstacle !== undefined)
    write(`could not go on: ${obstacle instanceof Error ? obstacle.message : String(obstacle)}\n`);
  for (const one of total.broken) write(`broken off, not counted: ${one}\n`);
  if (stopping) write("interrupted; all that was sent is judged\n");
  for (const channel of options.channels) {
    const kinds = [...total.kinds[channel].entries()].toSorted((a, b) => a[1] - b[1]);
    const rarest = kinds[0]
      ? `${kinds.length} kinds, the rarest ${kinds[0][1]} times (${kinds[0][0]})`
      : "none judged";
    const missing = missingKinds(channel, total.kinds[channel]);
    write(
      `${channel}: ${total.sent[channel]} inputs in ${total.rounds[channel]} rounds, ${rarest}${missing.length > 0 ? `; never ${missing.join(", ")}` : ""}\n`,
    );
  }
  const growth = growthOf(total.samples);
  if (growth)
    write(
      `memory: ${growth.warm.toFixed(0)} MiB warm, ${growth.last.toFixed(0)} at the end, ${growth.most.toFixed(0)} at most: ${growth.bounded ? "bounded" : "IT GREW"}\n`,
    );
  else write("memory: not measured (the process is not ours, the run was short, or there is no /proc)\n");
  write(
    `${line()}, ${total.limited} beyond the rate, ${(seconds() / 60).toFixed(1)} minutes, seed ${seed}: ${failure ? "FAILED" : "nothing found"}\n`,
  );
  if (failure || growth?.bounded === false) return 1;
  return obstacle === undefined ? 0 : 3;
}

function tellFailure(
  { channel, n, round }: NonNullable<Total["failure"]>,
  { seed, start, url }: Options,
  write: (text: string) => void,
): void {
  const { message, expected, actual, evidence } = round.failure!;
  const server =
    url === undefined ? (start === undefined ? "" : ` --start ${JSON.stringify(start)}`) : ` --url ${url}`;
  write(`\nFAILED in round ${n} of ${channel}\n  ${message}\n`);
  write(`  expected  ${JSON.stringify(expected)}\n  actual    ${JSON.stringify(actual)}\n`);
  for (const entry of evidence?.transcript.entries.slice(-20) ?? [])
    write(`    ${JSON.stringify(entry).slice(0, 2_000)}\n`);
  write(`  again     npm run soak:fuzz --${server} --channel ${channel} --seed ${seed} --round ${n}\n\n`);
}

async function opened(
  { start, url }: Options,
  signal: AbortSignal,
): Promise<OpenSubject & { group?: number; stop(): Promise<void> }> {
  const command = url === undefined ? (start ?? REFERENCE) : undefined;
  const flags = {
    ...(command === undefined ? {} : { start: command }),
    ...(url === undefined ? {} : { url }),
  };
  const { start: filled, ...settings } = await withPort(readSettings(flags, process.env, process.cwd()));
  if (filled === undefined) {
    const open = await openSubject(settings, signal);
    await doorstep(open.subject, { nonce: randomBytes(4).toString("hex"), signal });
    return { ...open, stop: open.close };
  }
  const probe = httpDriver({ url: settings.url, connections: 1 });
  const { group } = await startServer({
    command: filled,
    url: settings.url,
    transport: probe.transport,
    timeoutMs: settings.startTimeoutMs,
    signal,
  });
  await probe.close();
  const died = new AbortController();
  void group.ended.then((how) =>
    died.abort(new CouldNotRun(`the server under test ended (${how})\n${group.tail()}`)),
  );
  try {
    const open = await openSubject(settings, signal);
    await doorstep(open.subject, { nonce: randomBytes(4).toString("hex"), signal });
    const stop = async (): Promise<void> => {
      await open.close();
      await group.stop();
    };
    return {
      ...open,
      died: died.signal,
      stop,
      ...(group.child.pid === undefined ? {} : { group: group.child.pid }),
    };
  } catch (error) {
    await group.stop();
    throw error;
  }
}

function optionsOf(words: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...words],
    options: {
      inputs: { type: "string", default: "1000000" },
      start: { type: "string" },
      url: { type: "string" },
      channel: { type: "string", default: CHANNELS.join(",") },
      seed: { type: "string", default: Date.now().toString(36) },
      round: { type: "string" },
    },
  });
  const inputs = Number(values.inputs);
  if (!Number.isInteger(inputs) || inputs < 1)
    throw new UsageError(`--inputs: ${values.inputs} is no number of inputs`);
  const round = values.round === undefined ? undefined : Number(values.round);
  if (round !== undefined && (!Number.isInteger(round) || round < 1))
    throw new UsageError(`--round: ${values.round} is no number of a round`);
  const channels = values.channel.split(",");
  const stranger = channels.find((one) => !(CHANNELS as readonly string[]).includes(one));
  if (stranger !== undefined)
    throw new UsageError(`--channel: there is no "${stranger}"; there are ${CHANNELS.join(", ")}`);
  if (values.start !== undefined && values.url !== undefined)
    throw new UsageError("--start or --url, not both");
  if (values.start !== undefined && !values.start.includes("{port}"))
    throw new UsageError(`--start: "${values.start}" has no {port}; say where the server is to listen`);
  return {
    inputs,
    round,
    channels: channels as Channel[],
    seed: values.seed,
    start: values.start,
    url: values.url,
  };
}

process.exitCode = await main(process.argv.slice(2), (text) => void process.stdout.write(text));

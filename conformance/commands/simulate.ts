import { createInterface } from "node:readline";
import { DEVELOPMENT_SECRET } from "../../spec/development-secret.ts";
import { createModel } from "../model/model.ts";
import type { Model } from "../model/model.ts";
import { listen } from "../model/node-http.ts";
import { didYouMean, UsageError } from "../run/select.ts";
import { CATALOGUE } from "../simulator/catalogue.ts";
import type { NamedFault } from "../simulator/catalogue.ts";
import { backupOf, restore } from "../simulator/restore.ts";
import type { CallName } from "../simulator/seen.ts";
import { Simulator } from "../simulator/simulator.ts";
import { watchTraffic } from "./watch-traffic.ts";

export interface SimulateFlags {
  port: number;
  host: string;
  /** `<name>[:<call>][*<times>]` */
  fault?: string[];
  origin?: string[];
  jwtSecret?: string;
}

export interface SimulateIo {
  /** Takes whole lines. */
  say(line: string): void;
  /** What is typed; absent: nobody types. */
  input?: NodeJS.ReadableStream;
  /** Resolves when it is to end. */
  ended: Promise<unknown>;
}

const CALLS: readonly CallName[] = ["pull", "push", "batch", "status"];
const SHAPE = /^([\w-]+)(?::([a-z]+))?(?:\*(\d+))?$/;

/**
 * `mirubato-sync simulate`: the server of the client checks, alone, for an app in a debugger. It tells what comes and goes, and
 * misbehaves as it is told, by flags or by lines that are typed. Its data are in memory.
 * @throws UsageError for a fault that is none
 */
export async function simulate(flags: SimulateFlags, io: SimulateIo): Promise<0> {
  const orders = (flags.fault ?? []).map(orderOf);
  const secret = flags.jwtSecret ?? DEVELOPMENT_SECRET;
  const fresh = (): Model => createModel({ secret, ...(flags.origin ? { origins: flags.origin } : {}) });
  const simulator = new Simulator(fresh());
  const listening = await listen(simulator, flags);
  const stop = watchTraffic(simulator, io.say);
  io.say(`simulator at ${listening.url}, data in memory; type help for what it can do wrong`);
  if (secret === DEVELOPMENT_SECRET)
    io.say("tokens: the public development secret. Mint one: npx mirubato-sync token --user alice");
  let backup = backupOf(simulator.model);
  const words: Record<string, () => void> = {
    help: () => io.say(helpText()),
    heal: () => simulator.heal(),
    restart: () => simulator.model.restart(),
    backup: () => void (backup = backupOf(simulator.model)),
    restore: () => {
      const model = fresh();
      restore(model, backup);
      simulator.replaceServer(model);
    },
    empty: () => simulator.replaceServer(fresh()),
  };
  const obey = (line: string): void => {
    const word = line.trim();
    if (word === "") return;
    const own = Object.hasOwn(words, word) ? words[word] : undefined;
    try {
      if (own) own();
      else begin(simulator, orderOf(word));
      if (word !== "help") io.say(`* ${word}`);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      io.say(error.message);
    }
  };
  for (const order of orders) begin(simulator, order);
  const lines = io.input ? createInterface({ input: io.input }) : undefined;
  lines?.on("line", obey);
  await io.ended;
  lines?.close();
  stop();
  await listening.close();
  return 0;
}

interface Order {
  fault: NamedFault;
  call?: CallName;
  times: number;
}

function begin(simulator: Simulator, { fault, ...options }: Order): void {
  fault.begin(simulator, options);
}

function orderOf(text: string): Order {
  const [, name = "", call, times = "1"] = SHAPE.exec(text) ?? [];
  const fault = CATALOGUE.find((each) => each.name === name);
  if (!fault) {
    const known = CATALOGUE.map((each) => each.name);
    throw new UsageError(
      `there is no fault "${text}"; it is <name>[:<call>][*<times>], such as lose-answer:push*2, with one of ${known.join(", ")}.${didYouMean(name, known)}`,
    );
  }
  if (call !== undefined && (fault.kind !== "request" || !CALLS.includes(call as CallName)))
    throw new UsageError(
      fault.kind === "request"
        ? `${text}: there is no call "${call}"; there are ${CALLS.join(", ")}`
        : `${text}: ${name} is not about calls; leave ":${call}" out`,
    );
  const count = Number(times);
  if (count < 1) throw new UsageError(`${text}: the number of times must be 1 or more`);
  return { fault, times: count, ...(call === undefined ? {} : { call: call as CallName }) };
}

/** What can be typed, a line each. */
export function helpText(): string {
  const width = Math.max(...CATALOGUE.map(({ name }) => name.length)) + 2;
  const row = (name: string, about: string): string => `  ${name.padEnd(width)}${about}`;
  const kinds: [kind: NamedFault["kind"], title: string][] = [
    [
      "request",
      `requests: the next one, or with :<call> (${CALLS.join(", ")}) the next of that kind; *<n> for n of them`,
    ],
    ["upgrade", "opening a socket; *<n> for n attempts"],
    ["socket", "sockets that are open now"],
    ["network", "the network"],
  ];
  return [
    ...kinds.flatMap(([kind, title]) => [
      title,
      ...CATALOGUE.filter((each) => each.kind === kind).map(({ name, about }) => row(name, about)),
    ]),
    "the server",
    row("restart", "requests under way get no answer, sockets close with 1012, data stay"),
    row("backup", "remembers the data as they are now"),
    row("restore", "goes back to the last backup (of the start, if there was none), under a new epoch"),
    row("empty", "another server without any data"),
    row("heal", "no planned fault is left"),
  ].join("\n");
}

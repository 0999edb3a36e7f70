import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { tokenFor } from "../../testing/server.ts";
import { seeded } from "../testing/seeded.ts";
import type { Look, Order } from "./device.ts";
import { type Account, type Device, newContext, openProcess, openTab } from "./devices.ts";
import { Ledger } from "./ledger.ts";
import { logbookOnServer, type SoakServer } from "./server.ts";

const STEPS = 50;
const LONGEST_PAUSE = 40;
/** From the last order to the kill. */
const LONGEST_BUSY = 15;
/** Until all agree, once nothing is done to them any more. */
const PATIENCE = 30_000;
const CONTENDED = 4;
const OWN = 5;

export interface World {
  browser: Browser;
  /** Of tab.page.ts. */
  script: string;
  server: SoakServer;
}

/** What happened in a run; `faults` is empty if all is well. */
export interface Figures {
  resolved: number;
  interrupted: number;
  refused: number;
  reloads: number;
  crashes: number;
  processKills: number;
  serverKills: number;
  offline: number;
  /** Milliseconds until all agreed. */
  settled: number;
  faults: string[];
}

/**
 * One account, two browsers (one of them with two tabs) and a process: all write, are offline, reloaded, crashed and killed, as is the server. Then
 * they are left alone, and must come to agree on everything that was told to be durable.
 */
export async function play({ browser, script, server }: World, seed: number): Promise<Figures> {
  const random = seeded(seed);
  const user = `soak-${process.pid}-${seed}-${Date.now()}`;
  const account: Account = { url: server.url, user, token: await tokenFor(user) };
  const folder = await mkdtemp(join(tmpdir(), "client-soak-"));
  const [first, second] = [await newContext(browser, script), await newContext(browser, script)];
  const node = await openProcess("process", folder, account);
  const tabs = [
    await openTab("first tab", first, account),
    await openTab("second tab", first, account),
    await openTab("other browser", second, account),
  ];
  try {
    const happened = new Happenings(random, [...tabs, node], server);
    for (let step = 0; step < STEPS; step++) {
      await happened.next();
      await delay(random() * LONGEST_PAUSE);
    }
    return await happened.settle(account);
  } finally {
    await node.close();
    await Promise.all([first.close(), second.close()]);
    await rm(folder, { recursive: true });
  }
}

class Happenings {
  readonly #random: () => number;
  readonly #devices: readonly Device[];
  readonly #server: SoakServer;
  readonly #ledger = new Ledger();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #complaints: string[] = [];
  readonly #counts = { reloads: 0, crashes: 0, processKills: 0, serverKills: 0, offline: 0 };
  #written = 0;

  constructor(random: () => number, devices: readonly Device[], server: SoakServer) {
    this.#random = random;
    this.#devices = devices;
    this.#server = server;
  }

  async next(): Promise<void> {
    const device = this.#pick(this.#devices);
    const chance = this.#random();
    if (chance < 0.72) this.#write(device);
    else if (chance < 0.8) this.#begin(device.ask({ do: "flush" }));
    else if (chance < 0.86) {
      this.#counts.offline++;
      await device.offline(true);
    } else if (chance < 0.9) for (const each of this.#devices) await each.offline(false);
    else if (chance < 0.97) await this.#kill(device);
    else {
      this.#counts.serverKills++;
      this.#begin(this.#server.kill());
    }
  }

  async settle({ url, token }: Account): Promise<Figures> {
    for (const device of this.#devices) await device.offline(false);
    await Promise.all(this.#underWay);
    const began = performance.now();
    let disagreement: string | undefined = "nothing was seen";
    while (disagreement !== undefined && performance.now() - began < PATIENCE) {
      await delay(50);
      disagreement = await this.#disagreement(url, token);
    }
    const settled = performance.now() - began;
    const at = await logbookOnServer(url, token);
    const faults = [
      ...this.#complaints,
      ...(disagreement === undefined ? [] : [`after ${PATIENCE / 1000} s: ${disagreement}`]),
      ...(at === undefined ? ["the server does not answer"] : this.#ledger.faults(at.notes, at.versions)),
    ];
    return {
      ...this.#counts,
      resolved: this.#ledger.count("resolved"),
      interrupted: this.#ledger.count("interrupted"),
      refused: this.#ledger.count("refused"),
      settled,
      faults,
    };
  }

  #write(device: Device): void {
    const own = this.#random() < 0.6;
    const id = own
      ? `own-${device.name.replaceAll(" ", "-")}-${Math.floor(this.#random() * OWN)}`
      : `contended-${Math.floor(this.#random() * CONTENDED)}`;
    const order =
      this.#random() < 0.85
        ? ({ do: "write", id, notes: `${device.name} ${++this.#written}` } as const)
        : ({ do: "remove", id } as const);
    this.#begin(this.#order(device, order));
  }

  async #order(device: Device, order: Order & { id: string }): Promise<void> {
    const tell = this.#ledger.begin(order);
    const told = await device.ask(order);
    tell(told);
    // Somebody else may have made or removed an entry meanwhile; what is the device's own nobody touches.
    if (order.id.startsWith("own-") && told?.kind === "refused")
      this.#complaints.push(`${device.name} refused ${order.id}: ${told.why}`);
  }

  /** In the middle of writing, and often of a flush. */
  async #kill(device: Device): Promise<void> {
    const busy = Math.floor(this.#random() * 6);
    for (let at = 0; at < busy; at++) this.#write(device);
    if (this.#random() < 0.5) this.#begin(device.ask({ do: "flush" }));
    await delay(this.#random() * LONGEST_BUSY);
    if (device.name === "process") {
      this.#counts.processKills++;
      await device.kill("crash");
      return;
    }
    const how = this.#random() < 0.7 ? "reload" : "crash";
    this.#counts[how === "reload" ? "reloads" : "crashes"]++;
    // A page can't be loaded without a network.
    await device.offline(false);
    await device.kill(how);
  }

  #begin(work: Promise<unknown>): void {
    const ended = work.finally(() => this.#underWay.delete(ended));
    this.#underWay.add(ended);
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!;
  }

  async #disagreement(url: string, token: string): Promise<string | undefined> {
    const server = await logbookOnServer(url, token);
    if (server === undefined) return "the server does not answer";
    for (const device of this.#devices) {
      const told = await device.ask({ do: "look" });
      const look: Look | undefined = told?.kind === "done" ? told.look : undefined;
      if (look === undefined) return `${device.name} does not answer: ${JSON.stringify(told)}`;
      const { pending, dead, halted, status } = look;
      if (dead.length > 0) return `${device.name} has dead letters: ${dead.join(", ")}`;
      if (halted !== undefined) return `${device.name} halted: ${halted}`;
      if (pending > 0) return `${device.name} (${status}) has ${pending} pending`;
      const other = difference(look.entries, server.notes);
      if (other !== undefined) return `${device.name} (${status}): ${other}`;
    }
    return undefined;
  }
}

function difference(on: Record<string, string>, server: Record<string, string>): string | undefined {
  for (const id of new Set([...Object.keys(on), ...Object.keys(server)]))
    if (on[id] !== server[id]) return `${id} is ${on[id]}, on the server ${server[id]}`;
  return undefined;
}

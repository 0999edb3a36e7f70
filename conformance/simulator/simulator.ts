import type { Dial, SocketRequest } from "../drivers/socket.ts";
import type { HttpRequest, HttpResponse, Transport } from "../drivers/transport.ts";
import type { Model } from "../model/model.ts";
import { dialled } from "../model/realtime/pair.ts";
import type { Accepted } from "../model/realtime/upgrade.ts";
import { isPreflight, readable } from "./cross-origin.ts";
import type { Fault } from "./faults.ts";
import { callOf, itemsOf } from "./seen.ts";
import type { CallName, SeenFrame, SeenRequest, SentItem } from "./seen.ts";
import { SeenSocket } from "./socket.ts";

/** Which requests a fault is for: those of a call, or whatever fits. */
export type Which = CallName | ((seen: SeenRequest) => boolean);

interface PlannedFault {
  fits(seen: SeenRequest): boolean;
  fault: Fault;
  left: number;
}

/** What happens to an attempt to open a socket; `delay`: the server has it when that resolves. */
export type UpgradeFault = { refuse: HttpResponse } | { delay: Promise<unknown> } | "drop" | "hang";

/** The network is down: no request and no answer comes through. */
class NetworkDown extends Error {}

/**
 * The server that a client under test talks to: the model, behind what happens to messages on their way. Without a fault it does
 * nothing but what a conforming server does; it never does the client's job.
 */
export class Simulator {
  /** Everything that came over HTTP, in order of arrival. */
  readonly requests: SeenRequest[] = [];
  /** Every socket that was asked for, in order. */
  readonly sockets: SeenSocket[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #planned: PlannedFault[] = [];
  #upgrades: { fault: UpgradeFault; left: number }[] = [];
  #down = false;
  #seen = 0;
  /** The server itself; another one after a restore. */
  model: Model;

  constructor(model: Model) {
    this.model = model;
  }

  /** What the server is set to. */
  get server(): Model["server"] {
    return this.model.server;
  }

  /** Answers a client's request. Rejects where the connection is to end. */
  readonly handle: Transport = async (request) => {
    // Whatever fails, the request itself is to come: it is the client's, and counts.
    if (isPreflight(request)) return this.model.handle(request);
    const seen = this.#note(request);
    try {
      if (this.#down) throw new NetworkDown();
      const told = readable(this.model, request, await this.#play(seen));
      if (this.#down) throw new NetworkDown();
      seen.fate ??= "answered";
      seen.told = told;
      return told;
    } catch (error) {
      seen.fate = "lost";
      throw error;
    } finally {
      seen.endedAt = performance.now();
      this.#changed();
    }
  };

  /** A client ended the connection of a request that it waited for. */
  givenUp(request: HttpRequest): void {
    const seen = this.requests.findLast((one) => one.request === request);
    if (!seen) return;
    seen.givenUp = true;
    this.#changed();
  }

  /** Judges a client's request for a socket. Rejects where the connection is to end. */
  async upgrade(request: SocketRequest): Promise<HttpResponse | Accepted> {
    const socket = new SeenSocket(
      request,
      () => (this.#seen += 1),
      () => this.#changed(),
    );
    this.sockets.push(socket);
    this.#changed();
    if (this.#down) throw new NetworkDown();
    const fault = this.#upgrades[0];
    if (fault && (fault.left -= 1) === 0) this.#upgrades.shift();
    if (fault?.fault === "drop") throw new NetworkDown();
    if (fault?.fault === "hang") return new Promise(() => {});
    if (typeof fault?.fault === "object") {
      if ("refuse" in fault.fault) return socket.refused(fault.fault.refuse);
      await fault.fault.delay;
    }
    const judged = await this.model.upgrade(request);
    return "attach" in judged ? socket.through(judged) : socket.refused(judged);
  }

  /** Opens a socket in process. */
  readonly dial: Dial = async (request) => dialled(await this.upgrade(request));

  /** The next `times` requests of this kind meet a fault; those planned first come first. Returns what withdraws it. */
  fault(which: Which, fault: Fault, times = 1): () => void {
    const fits = typeof which === "function" ? which : (seen: SeenRequest) => seen.call === which;
    const planned = { fits, fault, left: times };
    this.#planned.push(planned);
    return () => {
      const index = this.#planned.indexOf(planned);
      if (index !== -1) this.#planned.splice(index, 1);
    };
  }

  /** No planned fault is left. */
  heal(): void {
    this.#planned.length = 0;
    this.#upgrades = [];
  }

  /** The next `times` attempts to open a socket fail like this. */
  failUpgrades(fault: UpgradeFault, times = 1): void {
    this.#upgrades.push({ fault, left: times });
  }

  /** Nothing comes through any more, and open sockets break. */
  cutNetwork(): void {
    this.#down = true;
    for (const socket of this.sockets) socket.cut();
  }

  restoreNetwork(): void {
    this.#down = false;
  }

  /** From now on another server answers: one whose data was restored, or lost. Open sockets break. */
  replaceServer(model: Model): void {
    this.model = model;
    for (const socket of this.sockets) socket.cut();
  }

  /** Requests of these calls, in order. */
  calls(...names: CallName[]): SeenRequest[] {
    return this.requests.filter(({ call }) => names.includes(call));
  }

  /** Pushes and batches that carried this entity, in order. */
  writesOf(id: string): { seen: SeenRequest; sent: SentItem }[] {
    return this.calls("push", "batch").flatMap((seen) =>
      itemsOf(seen)
        .filter((sent) => sent.id === id)
        .map((sent) => ({ seen, sent })),
    );
  }

  /** The socket that was opened last. */
  get socket(): SeenSocket | undefined {
    return this.sockets.at(-1);
  }

  /** Sockets that are open now. */
  get open(): SeenSocket[] {
    return this.sockets.filter(({ state }) => state === "open");
  }

  /** All frames of all sockets, in order. */
  get frames(): SeenFrame[] {
    return this.sockets.flatMap(({ frames }) => frames).toSorted((a, b) => a.n - b.n);
  }

  /** Calls after anything was seen; returns what stops that. */
  listen(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => void this.#listeners.delete(changed);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #note(request: HttpRequest): SeenRequest {
    const { headers, path, body } = request;
    const seen: SeenRequest = {
      n: (this.#seen += 1),
      at: performance.now(),
      call: callOf(path),
      request,
      json: parsed(body),
      token: /^bearer\s+(\S+)$/i.exec(headers["authorization"] ?? "")?.[1],
      key: headers["x-idempotency-key"] ?? headers["idempotency-key"],
      fate: undefined,
      answer: undefined,
      told: undefined,
      givenUp: false,
      endedAt: undefined,
    };
    this.requests.push(seen);
    this.#changed();
    return seen;
  }

  async #play(seen: SeenRequest): Promise<HttpResponse> {
    const { request } = seen;
    const index = this.#planned.findIndex(({ fits }) => fits(seen));
    const planned = this.#planned[index];
    if (planned && (planned.left -= 1) === 0) this.#planned.splice(index, 1);
    const fault = planned?.fault;
    if (fault?.do === "lose-request") throw new NetworkDown();
    if (fault?.do === "answer") {
      seen.fate = "tampered";
      return fault.with;
    }
    if (fault?.do === "delay-request") {
      seen.fate = "held";
      await fault.until;
      seen.fate = undefined;
    }
    if (fault?.do === "duplicate") await this.model.handle(request);
    seen.answer = await this.model.handle(request);
    if (fault?.do === "lose-answer") throw new NetworkDown();
    if (fault?.do === "delay-answer") {
      seen.fate = "held";
      this.#changed();
      await fault.until;
      seen.fate = undefined;
    }
    if (fault?.do !== "alter") return seen.answer;
    seen.fate = "tampered";
    return fault.into(seen.answer);
  }
}

function parsed(body: Uint8Array | undefined): unknown {
  if (body === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    return undefined;
  }
}

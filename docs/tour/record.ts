import { setTimeout as sleep } from "node:timers/promises";
import { SignJWT } from "jose";
import { createModel } from "../../conformance/model/model.ts";
import type { Model } from "../../conformance/model/model.ts";
import { memoryStorage, realtime, SyncClient } from "../../reference-client/index.ts";
import type { Fetch, OpenSocket } from "../../reference-client/index.ts";
import { FakeClock } from "../../reference-client/testing/fake-clock.ts";

export type DeviceName = "Phone" | "Laptop";

/** One message between a device and the server, as it was sent. */
export interface Message {
  device: DeviceName;
  toServer: boolean;
  /** `POST /api/sync/push`, `200`, or a message's type. */
  title: string;
  /** Those of a request or an answer that say something; a token is never among them. */
  headers: Record<string, string>;
  body: unknown;
  channel: "http" | "socket";
  lost: boolean;
}

/** What happened in a chapter of the tour. */
export interface Chapter {
  /** When it began and ended, Unix milliseconds. */
  from: number;
  to: number;
  messages: Message[];
  /** What the devices showed at its end. */
  shown: Record<DeviceName, { status: string; pending: number; entries: readonly object[] }>;
}

const SECRET = "the secret of a tour that nobody else takes";
const TOLD = ["x-idempotency-key", "x-idempotent-replay"];
const MINUTE = 60_000;

/** Time that begins on a morning and goes on when it is told to. */
class TourClock extends FakeClock {
  static readonly begin = Date.parse("2026-03-01T09:36:00.000Z");
  override wall = TourClock.begin;
}

/** The network of one device. */
class Network {
  online = true;
  /** How many of the next answers to a push do not arrive. */
  answersToLose = 0;
  /** Requests that are not answered yet. */
  underWay = 0;
  readonly #device: DeviceName;
  readonly #model: Model;
  readonly #tell: (message: Message) => void;
  readonly #hints = new Set<() => void>();

  constructor(device: DeviceName, model: Model, tell: (message: Message) => void) {
    this.#device = device;
    this.#model = model;
    this.#tell = tell;
  }

  readonly surroundings = {
    online: (): boolean => this.online,
    metered: (): boolean => false,
    listen: (changed: () => void): (() => void) => {
      this.#hints.add(changed);
      return () => void this.#hints.delete(changed);
    },
  };

  become(online: boolean): void {
    this.online = online;
    for (const hint of this.#hints) hint();
  }

  readonly fetch: Fetch = async (url, { method, headers, body, signal }) => {
    if (!this.online) throw new TypeError("fetch failed");
    const { pathname: path } = new URL(url);
    this.#note(true, `${method} ${path}`, "http", headers, body);
    const request = {
      method,
      path,
      headers,
      ...(body === undefined ? {} : { body: new TextEncoder().encode(body) }),
    };
    this.underWay += 1;
    const answer = await this.#model.handle(request, signal).finally(() => (this.underWay -= 1));
    const text = new TextDecoder().decode(answer.body);
    const lost = path.endsWith("/push") && this.answersToLose > 0;
    this.#note(false, String(answer.status), "http", answer.headers, text, lost);
    if (lost) {
      this.answersToLose -= 1;
      throw new TypeError("fetch failed");
    }
    return {
      status: answer.status,
      headers: { get: (name) => answer.headers[name.toLowerCase()] ?? null },
      text: async () => text,
    };
  };

  readonly openSocket: OpenSocket = (url, protocols, events) => {
    const { pathname, search } = new URL(url);
    const dialled = this.#model.dial({ path: pathname + search, headers: {}, protocols });
    void dialled.then((socket) => {
      if ("status" in socket) {
        events.closed(1006, "");
        return undefined;
      }
      socket.onClose = (code, reason) => events.closed(code, reason);
      events.opened();
      socket.onFrame = (data) => {
        this.#frame(false, String(data));
        events.received(String(data));
      };
      return socket;
    });
    const then = (act: (socket: Exclude<Awaited<typeof dialled>, { status: number }>) => void): void =>
      void dialled.then((socket) => "status" in socket || act(socket));
    return {
      send: (text) => {
        this.#frame(true, text);
        then((socket) => socket.send(text));
      },
      close: (code) => then((socket) => socket.close(code)),
    };
  };

  #frame(toServer: boolean, text: string): void {
    this.#note(toServer, (JSON.parse(text) as { type: string }).type, "socket", {}, text);
  }

  #note(
    toServer: boolean,
    title: string,
    channel: Message["channel"],
    headers: Record<string, string>,
    text?: string,
    lost = false,
  ): void {
    const told = Object.fromEntries(
      Object.entries(headers).filter(([name]) => TOLD.includes(name.toLowerCase())),
    );
    const body: unknown = text === undefined || text === "" ? undefined : JSON.parse(text);
    // Signs of life would fill the page.
    if (title === "PING" || title === "PONG") return;
    this.#tell({ device: this.#device, toServer, title, channel, headers: told, body, lost });
  }
}

/** Plays the tour: the reference client on two devices, the model as their server. */
export async function recordTour(): Promise<Record<string, Chapter>> {
  const clock = new TourClock();
  const model = createModel({ secret: SECRET, now: () => clock.now(), random: () => 0.42 });
  let messages: Message[] = [];
  const phone = await openDevice("Phone", model, clock, (message) => void messages.push(message));
  const laptop = await openDevice("Laptop", model, clock, (message) => void messages.push(message));
  const chapters: Record<string, Chapter> = {};
  const chapter = async (name: string, play: () => Promise<unknown>): Promise<void> => {
    const from = clock.now();
    await play();
    await until("all is answered", () => phone.network.underWay + laptop.network.underWay === 0);
    const shown = ({ client }: Device): Chapter["shown"]["Phone"] => ({
      status: client.status,
      pending: client.pendingCount,
      entries: client.list("logbook_entry"),
    });
    chapters[name] = {
      from,
      to: clock.now(),
      messages,
      shown: { Phone: shown(phone), Laptop: shown(laptop) },
    };
    messages = [];
  };

  await chapter("listening", () => until("the laptop listens", () => laptop.client.status === "connected"));

  let id = "";
  await chapter("offline", async () => {
    phone.network.become(false);
    const practised = {
      timestamp: "2026-03-01T09:05:00.000Z",
      duration: 30,
      type: "practice",
      instrument: "Piano",
    };
    ({ id } = await phone.client.create("logbook_entry", {
      ...practised,
      notes: "Scales in thirds, slowly",
    }));
  });

  await clock.pass(20 * MINUTE);
  await chapter("online", async () => {
    phone.network.answersToLose = 1;
    phone.network.become(true);
    await until("the answer is lost", () => phone.network.answersToLose === 0);
    await until("the laptop has the entry", () => laptop.client.get("logbook_entry", id) !== undefined);
    await untilTimeBrings(
      "the phone has its acknowledgement",
      clock,
      () => phone.network.underWay === 0,
      () => phone.client.pendingCount === 0,
    );
  });

  await chapter("edits", async () => {
    phone.network.become(false);
    await phone.client.update("logbook_entry", id, { duration: 35 });
    await clock.pass(5 * MINUTE);
    await laptop.client.update("logbook_entry", id, { duration: 45, mood: "satisfied" });
    await laptop.client.flush();
    phone.network.become(true);
    await phone.client.flush();
    const durations = (): unknown[] =>
      [phone, laptop].map(({ client }) => client.get("logbook_entry", id)?.duration);
    await until("both say the same", () => new Set(durations()).size === 1);
  });
  await Promise.all([phone.client.close(), laptop.client.close()]);
  return chapters;
}

interface Device {
  client: SyncClient;
  network: Network;
}

async function openDevice(
  device: DeviceName,
  model: Model,
  clock: FakeClock,
  tell: (message: Message) => void,
): Promise<Device> {
  const network = new Network(device, model, tell);
  let names = 0;
  const client = await SyncClient.open({
    url: "http://sync.example",
    user: "alice",
    token: () => token(clock),
    storage: memoryStorage(),
    // The phone speaks HTTP alone, which is enough; the laptop listens, too.
    ...(device === "Laptop" ? { realtime: realtime({ openSocket: network.openSocket }) } : {}),
    surroundings: network.surroundings,
    fetch: network.fetch,
    clock,
    random: { fraction: () => 0.5, unique: () => `${device.toLowerCase()}-${++names}` },
  });
  return { client, network };
}

function token(clock: FakeClock): Promise<string> {
  return new SignJWT({ exp: Math.floor(clock.now() / 1000) + 3600 })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject("alice")
    .sign(new TextEncoder().encode(SECRET));
}

const PATIENCE_MS = 20_000;

/** Waits in real time; the tour's own stands still. @throws Error saying what did not happen. */
async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !holds(); await sleep(1)) {
    if (performance.now() > end) throw new Error(`the tour waits in vain: ${what}`);
  }
}

const STEP_MS = 250;

/** Lets the tour's time pass, but not while a message is under way: nothing of it is to time out because this machine is busy. */
async function untilTimeBrings(
  what: string,
  clock: FakeClock,
  idle: () => boolean,
  holds: () => boolean,
): Promise<void> {
  for (let idleRounds = 0; !holds();) {
    await sleep(2);
    idleRounds = idle() ? idleRounds + 1 : 0;
    if (idleRounds < 5) continue;
    idleRounds = 0;
    await clock.pass(STEP_MS);
    if (clock.now() > TourClock.begin + 120 * MINUTE) throw new Error(`the tour waits in vain: ${what}`);
  }
}

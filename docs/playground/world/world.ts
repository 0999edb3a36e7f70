import { SignJWT } from "jose";
import { conforming } from "../../../conformance/model/behaviour.ts";
import { createModel, type Model } from "../../../conformance/model/model.ts";
import { hasArrived } from "../../../conformance/model/turns.ts";
import type { UserState } from "../../../conformance/model/state.ts";
import { CATALOGUE } from "../../../conformance/simulator/catalogue.ts";
import { type Backup, backupOf, restore } from "../../../conformance/simulator/restore.ts";
import type { CallName } from "../../../conformance/simulator/seen.ts";
import { Simulator } from "../../../conformance/simulator/simulator.ts";
import { SyncError } from "../../../reference-client/index.ts";
import { span } from "../../../reference-client/inspector/words.ts";
import { type Action, FAULTS, type Recording, type Timed } from "./actions.ts";
import { Device, USER } from "./device.ts";
import { seeded } from "./seeded.ts";
import { BEGINNING, Time } from "./time.ts";
import { DEVICES, type DeviceName, Trace } from "./trace.ts";
import { telling } from "./why.ts";

const SECRET = "a secret that never leaves this page";
/** By then both devices have connected and caught up. Milliseconds. */
const CONNECTED = 6_000;
/** What comes later than this is waiting, not happening. Milliseconds. */
const SOON = 2_500;
const HALF_A_DAY = 43_200;

/** Two devices, the network and a server, in a time of their own. The same actions at the same times always come to the same end. */
export class World {
  readonly time = new Time();
  readonly trace = new Trace(() => this.time.now);
  readonly devices: Readonly<Record<DeviceName, Device>>;
  readonly done: Timed[] = [];
  backup: Backup | undefined;
  readonly #simulators: Readonly<Record<DeviceName, Simulator>>;
  readonly #random = seeded(1);
  readonly #over = new Set<unknown>();
  readonly #tokens: Record<DeviceName, string[]> = { phone: [], laptop: [] };
  #model: Model;
  /** One thing after the other: time never passes in two ways at once. */
  #queue: Promise<unknown> = Promise.resolve();

  private constructor() {
    this.#model = this.#newModel();
    const simulator = (): Simulator => new Simulator(this.#model);
    this.#simulators = { phone: simulator(), laptop: simulator() };
    const device = (name: DeviceName): Device =>
      new Device(name, {
        simulator: this.#simulators[name],
        time: this.time,
        trace: this.trace,
        random: this.#random,
        mint: () => this.#mint(name),
      });
    this.devices = { phone: device("phone"), laptop: device("laptop") };
  }

  /** A world in which both devices have just connected. */
  static async begin(): Promise<World> {
    const world = new World();
    for (const name of DEVICES) await world.devices[name].open();
    await world.time.runTo(BEGINNING + CONNECTED);
    world.trace.prologue = world.trace.moments.length;
    return world;
  }

  /** The world that a link tells of. */
  static async of({ done, until }: Recording): Promise<World> {
    const world = await World.begin();
    // No time passes between what was done at one moment, nor after the last of it if that is what is shown.
    for (const [at, actions] of Map.groupBy(done, (one) => one.at)) {
      await world.runTo(BEGINNING + at);
      await world.act(...actions.map(({ action }) => action));
    }
    if (until > (done.at(-1)?.at ?? 0)) await world.runTo(BEGINNING + until);
    return world;
  }

  /** What happened so far, as a link tells it. */
  recording(scenario?: string): Recording {
    return { scenario, done: [...this.done], until: this.time.now - BEGINNING };
  }

  /** What the server has stored of the user. */
  get stored(): UserState | undefined {
    return this.#model.server.users.get(USER);
  }

  /** When something happens next, if that is soon: a message is under way, or a pause is about to end. */
  get soon(): number | undefined {
    const { next, now } = this.time;
    const happens = this.trace.open.size > 0 || (next !== undefined && next - now <= SOON);
    return happens ? next : undefined;
  }

  /** Time goes on until this moment. */
  runTo(moment: number): Promise<void> {
    return this.#next(() => this.time.runTo(Math.round(moment)));
  }

  /** Time goes on until something is sent, arrives or is decided; an hour at most. */
  step(): Promise<void> {
    const before = this.trace.moments.length;
    return this.#next(() =>
      this.time.runTo(this.time.now + 3_600_000, () => this.trace.moments.length > before),
    );
  }

  /** Does these things now, all at the same moment. */
  act(...actions: readonly Action[]): Promise<void> {
    return this.#next(async () => {
      await this.time.settle();
      for (const action of actions) await this.#actNow(action);
    });
  }

  close(): void {
    for (const name of DEVICES) this.devices[name].kill();
    this.time.close();
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#queue.then(work);
    this.#queue = mine.catch(() => {});
    return mine;
  }

  async #actNow(action: Action): Promise<void> {
    this.done.push({ at: this.time.now - BEGINNING, action });
    try {
      await this.#do(action);
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      this.trace.note("device" in action ? action.device : "server", "fault", error.message);
    }
    await this.time.settle();
  }

  async #do(action: Action): Promise<void> {
    if (!("device" in action)) return this.#doAtServer(action.do);
    const { device: name } = action;
    const device = this.devices[name];
    const say = (text: string, tone: "user" | "fault" = "fault"): void => this.trace.note(name, tone, text);
    const client = device.app?.client;
    switch (action.do) {
      case "add": {
        if (!client) return;
        say(`Adds “${action.text}”`, "user");
        const timestamp = new Date(device.now).toISOString();
        if (action.kind === "entry")
          await client.create("logbook_entry", {
            timestamp,
            duration: action.minutes,
            type: "practice",
            notes: action.text,
          });
        else
          await client.create("goal", {
            title: action.text,
            type: "practice_time",
            status: "active",
            currentValue: 0,
            createdAt: timestamp,
            updatedAt: timestamp,
          });
        return;
      }
      case "edit": {
        if (!client) return;
        const { id, text, minutes } = action;
        say(`Edits: “${text}”`, "user");
        if (client.get("goal", id)) await client.update("goal", id, { title: text });
        else await client.update("logbook_entry", id, { notes: text, duration: minutes });
        return;
      }
      case "delete":
      case "retry":
      case "discard": {
        if (!client) return;
        const type = typeOf(client, action.id);
        const { notes, title } = (client.get(type, action.id) ?? {}) as { notes?: string; title?: string };
        say(
          `${{ delete: "Deletes", retry: "Tries again", discard: "Drops" }[action.do]} “${notes ?? title ?? action.id}”`,
          "user",
        );
        return client[action.do](type, action.id);
      }
      case "network":
        say(
          {
            fast: "Network is good again",
            slow: "Network becomes slow",
            silent: "Network swallows everything",
            cut: "Network is cut",
          }[action.network],
        );
        return device.link.become(action.network);
      case "fault": {
        const [fault, call] = action.fault.split(" ") as [string, CallName];
        say(`The network will ${FAULTS[action.fault].replace("answer a", "have a proxy answer a")}`);
        CATALOGUE.find((each) => each.name === fault)!.begin(this.#simulators[name], { call, times: 1 });
        return;
      }
      case "clock":
        device.ahead = action.ahead;
        say(
          action.ahead === 0
            ? "Clock is right"
            : `Clock is set ${span(Math.abs(action.ahead))} ${action.ahead > 0 ? "ahead" : "back"}`,
        );
        return;
      case "kill":
        say("Tab is killed");
        return device.kill();
      case "open":
        say("App is opened again", "user");
        return device.open();
      case "expire":
        say("Token ends; no new one without a sign-in");
        device.signedIn = false;
        for (const id of this.#tokens[name]) this.#over.add(id);
        return this.#model.advanceClock(0);
      case "sign-in":
        say("Signs in again", "user");
        device.signedIn = true;
        return client?.resume();
    }
  }

  #doAtServer(what: "restart" | "backup" | "restore"): void {
    const say = (text: string): void => this.trace.note("server", "fault", text);
    if (what === "restart") {
      say("Restarts: sockets close, what is stored stays");
      return this.#model.restart();
    }
    if (what === "backup") {
      say(`A backup is made, at seq ${this.stored?.head ?? 0}`);
      this.backup = backupOf(this.#model);
      return;
    }
    if (!this.backup) return;
    say("An older backup is restored, under a new epoch");
    this.#model = this.#newModel();
    restore(this.#model, this.backup);
    for (const name of DEVICES) this.#simulators[name].replaceServer(this.#model);
  }

  #newModel(): Model {
    const judging = telling(conforming, {
      trace: this.trace,
      deviceOf: ({ request }) =>
        DEVICES.find((name) => request.headers["x-device-id"]?.startsWith(`${name}-`)),
    });
    return createModel({
      secret: SECRET,
      now: () => this.time.now,
      setTimer: (milliseconds, call) => this.time.setTimer(milliseconds, call),
      random: this.#random,
      turn: async (context) => hasArrived(context),
      baseUrl: "https://sync.example",
      behaviour: {
        ...judging,
        checkExpiry: (context, claims, token) => {
          if (this.#over.has(claims["jti"]))
            throw judging.badToken(context, "TOKEN_EXPIRED", "the token has expired; get a new one", token);
          judging.checkExpiry(context, claims, token);
        },
        expiresAt: (context, connection) =>
          this.#over.has(connection.claims["jti"]) ? 0 : judging.expiresAt(context, connection),
      },
    });
  }

  #mint(name: DeviceName): Promise<string> {
    const jti = `${name}-${this.#tokens[name].length + 1}`;
    this.#tokens[name].push(jti);
    const iat = Math.floor(this.time.now / 1000);
    return new SignJWT({ sub: USER, jti, iat, exp: iat + HALF_A_DAY })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .sign(new TextEncoder().encode(SECRET));
  }
}

function typeOf(client: NonNullable<Device["app"]>["client"], id: string): "goal" | "logbook_entry" {
  const isGoal =
    client.get("goal", id) !== undefined ||
    client.deadLetters().some((letter) => letter.id === id && letter.type === "goal");
  return isGoal ? "goal" : "logbook_entry";
}

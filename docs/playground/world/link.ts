import type { Fetch, OpenSocket, Surroundings } from "../../../reference-client/index.ts";
import type { HttpResponse } from "../../../conformance/drivers/transport.ts";
import type { SeenRequest } from "../../../conformance/simulator/seen.ts";
import type { Simulator } from "../../../conformance/simulator/simulator.ts";
import { answerLabel, frameLabel, pretty, requestLabel } from "./labels.ts";
import type { Time } from "./time.ts";
import type { DeviceName, Message, Trace } from "./trace.ts";

/** How messages fare: `silent` swallows them and tells nobody, as a dead access point does. */
export const NETWORKS = ["fast", "slow", "silent", "cut"] as const;
export type Network = (typeof NETWORKS)[number];

/** One way, in milliseconds. */
const TRAVEL: Record<DeviceName, Record<"fast" | "slow", number>> = {
  phone: { fast: 340, slow: 2_600 },
  laptop: { fast: 260, slow: 2_600 },
};

class NetworkError extends Error {}

/** The network between one device and the server: takes time, and loses what it is told to lose. */
export class Link {
  network: Network = "fast";
  readonly #device: DeviceName;
  readonly #simulator: Simulator;
  readonly #time: Time;
  readonly #trace: Trace;
  readonly #alive: () => boolean;
  /** What becomes of messages under way when the network is cut. */
  readonly #underWay = new Map<Message, () => void>();
  readonly #hints = new Set<() => void>();

  constructor(
    device: DeviceName,
    {
      simulator,
      time,
      trace,
      alive,
    }: { simulator: Simulator; time: Time; trace: Trace; alive: () => boolean },
  ) {
    this.#device = device;
    this.#simulator = simulator;
    this.#time = time;
    this.#trace = trace;
    this.#alive = alive;
  }

  /** What the device's platform says of it. */
  readonly surroundings: Surroundings = {
    online: () => this.network !== "cut",
    metered: () => false,
    listen: (changed) => {
      this.#hints.add(changed);
      return () => void this.#hints.delete(changed);
    },
  };

  become(network: Network): void {
    const before = this.network;
    this.network = network;
    if (network === "cut") {
      for (const lose of this.#underWay.values()) lose();
      this.#simulator.cutNetwork();
    } else this.#simulator.restoreNetwork();
    if (before === "cut" && network !== "cut") for (const hint of this.#hints) hint();
  }

  /** The device is gone: nothing reaches it, and what it had open ends. */
  drop(): void {
    for (const socket of this.#simulator.open) socket.cut();
    this.#hints.clear();
  }

  readonly fetch: Fetch = async (url, { method, headers, body, signal }) => {
    const path = new URL(url).pathname;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(new NetworkError("given up")), { once: true });
    });
    aborted.catch(() => {});
    const answered = async (): Promise<{ answer: HttpResponse; text: string }> => {
      await this.#travel("up", "http", requestLabel(path, body), body);
      const bytes = body === undefined ? undefined : new TextEncoder().encode(body);
      let seen: SeenRequest | undefined;
      const handled = this.#time.inTurn(() => {
        const before = this.#simulator.requests.length;
        const answering = this.#simulator.handle({ method, path, headers, ...(bytes && { body: bytes }) });
        seen = this.#simulator.requests[before];
        return answering;
      });
      let answer: HttpResponse;
      try {
        answer = await handled;
      } catch (error) {
        const lost = seen?.answer;
        if (lost) this.#loseAnswer(lost);
        else this.#trace.note("server", "fault", "The request is lost on its way.");
        throw error;
      }
      const text = new TextDecoder().decode(answer.body);
      await this.#travel("down", "http", answerLabel(answer.status, answer.headers, text), text);
      return { answer, text };
    };
    const { answer, text } = await Promise.race([answered(), aborted]);
    return {
      status: answer.status,
      headers: { get: (name) => answer.headers[name.toLowerCase()] ?? null },
      text: async () => text,
    };
  };

  readonly openSocket: OpenSocket = (url, protocols, events) => {
    const { pathname, search } = new URL(url);
    let ended = false;
    let receiver:
      | { frame(incoming: { binary: boolean; bytes: Uint8Array }): void; closed(code: number): void }
      | undefined;
    const end = (code: number, reason = ""): void => {
      if (ended) return;
      ended = true;
      if (this.#alive()) events.closed(code, reason);
    };
    const down = (label: string, text: string, then: () => void): void => {
      this.#travel("down", "socket", label, text).then(then, () => end(1006));
    };
    const connect = async (): Promise<void> => {
      await this.#travel("up", "socket", "connect", "");
      const judged = await this.#time.inTurn(() =>
        this.#simulator.upgrade({ path: `${pathname}${search}`, headers: {}, protocols }),
      );
      if (!("attach" in judged)) {
        const text = new TextDecoder().decode(judged.body);
        await this.#travel("down", "socket", answerLabel(judged.status, judged.headers, text), text);
        return end(1006);
      }
      down("101, open", "", () => {
        if (!ended) events.opened();
      });
      receiver = judged.attach({
        send: (text, sent) => {
          sent();
          if (ended) return;
          down(frameLabel(text), text, () => {
            if (!ended && this.#alive()) events.received(text);
          });
        },
        close: (code, reason) => {
          if (ended) return;
          if (code === 1006) end(code);
          else down(`closed, ${code}`, reason, () => end(code, reason));
        },
      });
    };
    connect().catch(() => end(1006));
    return {
      send: (text) => {
        if (ended || !this.#alive()) return;
        const arrive = async (): Promise<void> => {
          await this.#travel("up", "socket", frameLabel(text), text);
          receiver?.frame({ binary: false, bytes: new TextEncoder().encode(text) });
          // A token that it brings takes the platform's cryptography to verify.
          const { connections } = this.#simulator.server;
          void this.#time.during(Promise.all([...connections].map(({ judged }) => judged)));
        };
        arrive().catch(() => {});
      },
      close: (code = 1000) => {
        if (ended) return;
        ended = true;
        if (!receiver || !this.#alive()) return;
        this.#travel("up", "socket", `close, ${code}`, "").then(
          () => receiver?.closed(code),
          () => {},
        );
      },
    };
  };

  /** Resolves when the message has arrived; rejects when the network is cut before; neither where nobody is told. */
  #travel(
    way: "up" | "down",
    channel: Message["channel"],
    label: string,
    body: string | undefined,
  ): Promise<void> {
    const [from, to] =
      way === "up" ? ([this.#device, "server"] as const) : (["server", this.#device] as const);
    const travel = TRAVEL[this.#device][this.network === "slow" ? "slow" : "fast"];
    const message = this.#trace.send({ from, to, channel, label, body: pretty(body) }, travel);
    return new Promise((resolve, reject) => {
      const lose = (): void => {
        cancel();
        this.#underWay.delete(message);
        this.#trace.lost(message);
        if (this.network === "cut") reject(new NetworkError("no network"));
      };
      const cancel = this.#time.setTimer(travel, () => {
        if (this.network === "silent") return lose();
        this.#underWay.delete(message);
        this.#trace.arrived(message);
        resolve();
      });
      this.#underWay.set(message, lose);
      if (this.network === "cut") lose();
    });
  }

  #loseAnswer({ status, headers, body }: HttpResponse): void {
    const text = new TextDecoder().decode(body);
    const label = answerLabel(status, headers, text);
    const answer = { from: "server", to: this.#device, channel: "http", label, body: pretty(text) } as const;
    this.#trace.lost(this.#trace.send(answer, 0));
  }
}

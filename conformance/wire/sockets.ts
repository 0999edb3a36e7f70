import { Connection } from "./connection.ts";
import type { ConnectionTools, ConnectOptions } from "./connection.ts";
import type { Device } from "./device.ts";
import type { Socket, SocketRequest } from "../drivers/socket.ts";
import type { HttpRequest, HttpResponse } from "../drivers/transport.ts";
import { reasonOf, within } from "./exchange.ts";
import { guardFrame, guardMessage, guardReply } from "./guard.ts";
import { Inbox } from "./inbox.ts";
import { pulse } from "./pulse.ts";
import { Reply } from "./reply.ts";
import { socketEndpoint } from "../subject/subject.ts";
import type { Subject } from "../subject/subject.ts";
import type { Transcript } from "./transcript.ts";
import { CheckFailure, CouldNotRun } from "../verdict.ts";

/** Politeness at the end: a server that does not answer a close in this time is left. */
const FAREWELL_MS = 250;

export interface SocketsOptions extends Pick<ConnectionTools, "at" | "unique"> {
  subject: Subject;
  transcript: Transcript;
  signal: AbortSignal;
  /** This user may have left data on the server. */
  onWrite(user: string): void;
  /** Writes an entity of the device's user over HTTP; returns its id. */
  writeFence(device: Device): Promise<string>;
}

interface Open {
  socket: Socket;
  inbox: Inbox;
}

/** The sockets of one check. */
export class Sockets {
  readonly #options: SocketsOptions;
  readonly #all: Open[] = [];

  constructor(options: SocketsOptions) {
    this.#options = options;
  }

  /** Whether any message came on any of them. */
  get heard(): boolean {
    return this.#all.some(({ inbox }) => inbox.messages.length > 0);
  }

  /** Fails the check for a message that broke its schema while nobody waited for one. */
  demandWellFormed(): void {
    const broken = this.#all.find(({ inbox }) => inbox.broken)?.inbox.broken;
    if (broken) throw broken;
  }

  /** Opens a socket for a device; the answer instead, where the upgrade is refused. */
  async open(device: Device, options: ConnectOptions): Promise<Connection | Reply> {
    const request = upgradeRequest(device, options, socketEndpoint(this.#options.subject));
    const dialled = await this.#dial(request, device.headers);
    if ("status" in dialled) {
      const reply = new Reply(asHttp(request), dialled);
      guardReply(reply);
      return reply;
    }
    return this.#connection(device, dialled);
  }

  /** Closes what is still open. Never throws. */
  async endAll(): Promise<void> {
    const open = this.#all.filter(({ inbox }) => inbox.closing === undefined);
    await Promise.all(open.map(farewell));
  }

  async #dial(request: SocketRequest, headers: Record<string, string>): Promise<Socket | HttpResponse> {
    const { subject, transcript, signal } = this.#options;
    const { dial } = subject;
    if (!dial) throw new CouldNotRun("this subject has no way to open a WebSocket");
    const entry = transcript.record(asHttp(request));
    let given = false;
    try {
      const dialled = await within(
        async (ownSignal) => {
          const late = await dial(request, ownSignal);
          if (ownSignal.aborted && !("status" in late)) late.terminate();
          return late;
        },
        { signal, timeoutMs: subject.requestTimeoutMs, alive: (ms) => pulse(subject.transport, headers, ms) },
      );
      given = true;
      entry.answered("status" in dialled ? dialled : switched(dialled));
      return dialled;
    } catch (error) {
      if (given) throw error;
      const reason = reasonOf(error);
      entry.failed(reason);
      if (error instanceof Error && error.name === "HandshakeError") {
        throw new CheckFailure("the server agreed to the WebSocket and then broke its handshake", {
          expected: "an upgrade as in RFC 6455",
          actual: reason,
        });
      }
      throw new CouldNotRun(`the WebSocket at ${request.path.split("?")[0]}: ${reason}`);
    }
  }

  #connection(device: Device, socket: Socket): Connection {
    const { subject, transcript, signal, onWrite, writeFence, at, unique } = this.#options;
    const label = `socket ${this.#all.length + 1}`;
    const timeoutMs = subject.messageTimeoutMs ?? subject.requestTimeoutMs;
    const alive = (): Promise<boolean> => pulse(subject.transport, device.headers, timeoutMs);
    const inbox = new Inbox({ label, timeoutMs, signal, pulse: alive });
    this.#all.push({ socket, inbox });
    const connection = new Connection(device, {
      label,
      socket,
      inbox,
      at,
      unique,
      writeFence: () => writeFence(device),
      onSend: (data, message, options) => {
        if (message && options?.invalid === undefined) guardMessage(message);
        transcript.frame(label, "sent", { data });
        onWrite(device.user);
      },
      onEnd: (note) => transcript.frame(label, "sent", { note }),
    });
    socket.onFrame = (data) => {
      transcript.frame(label, "received", { data });
      try {
        inbox.receive(guardFrame(data, label));
      } catch (error) {
        inbox.fail(error instanceof CheckFailure ? error : new CheckFailure(String(error)));
      }
    };
    socket.onClose = (code, reason) => {
      transcript.frame(label, "received", { note: `closed, code ${code}${reason ? `, ${reason}` : ""}` });
      inbox.end({ code, reason });
    };
    return connection;
  }
}

function upgradeRequest(device: Device, options: ConnectOptions, endpoint: string): SocketRequest {
  const { via = "query", userId = device.user, token = device.token } = options;
  const query = new URLSearchParams();
  if (userId !== null) query.set("userId", userId);
  if (via === "query" && token !== null) query.set("token", token);
  const offered = via === "subprotocol" && token !== null ? ["mirubato.v1", `bearer.${token}`] : undefined;
  const protocols = options.protocols ?? offered;
  const headers = Object.entries(options.headers ?? {}).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const search = query.toString();
  return {
    path: search === "" ? endpoint : `${endpoint}?${search}`,
    headers: Object.fromEntries(headers),
    ...(protocols === undefined ? {} : { protocols }),
  };
}

/** The upgrade as it stands in transcripts and failures. */
function asHttp({ path, headers, protocols }: SocketRequest): HttpRequest {
  const all: Record<string, string> = { upgrade: "websocket", ...headers };
  if (protocols !== undefined) all["sec-websocket-protocol"] = protocols.join(", ");
  return { method: "GET", path, headers: all };
}

function switched({ protocol }: Socket): HttpResponse {
  return {
    status: 101,
    headers: protocol === "" ? {} : { "sec-websocket-protocol": protocol },
    body: new Uint8Array(),
  };
}

async function farewell({ socket, inbox }: Open): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, FAREWELL_MS);
    socket.onClose = (code, reason) => {
      clearTimeout(timer);
      inbox.end({ code, reason });
      resolve();
    };
    try {
      socket.resume();
      socket.close(1000);
    } catch {
      resolve();
    }
  });
  socket.terminate();
}

import { connect, type Socket } from "node:net";
import { UsageError } from "../../run/select.ts";
import { reasonOf } from "../../wire/exchange.ts";
import { CouldNotRun, NotApplicable } from "../../verdict.ts";
import { createRedactor, type Redactor } from "../../wire/redaction.ts";
import { hostIn, type Member } from "./host.ts";
import { Conversation } from "./json-lines.ts";
import type { ClientSubject } from "./port.ts";
import { capabilitiesOf } from "./process.ts";

const UNKILLABLE = "the adapter is reached by TCP, so the suite can't kill it";

export interface TcpOptions {
  /** `tcp://host:port`. */
  url: string;
  answerTimeoutMs: number;
  redactor?: Redactor;
}

/**
 * Clients behind a port that speaks JSON lines, such as an app on a phone or in an emulator. Each launch is a connection of its own;
 * nothing can be killed.
 *
 * @throws UsageError where nobody listens
 * @throws CouldNotRun where who does is no adapter
 */
export async function tcpSubject(options: TcpOptions): Promise<ClientSubject> {
  const { url } = options;
  const open = new Set<Socket>();
  const first = await connection(options, open).catch((error: unknown) => {
    if (!(error instanceof CouldNotRun)) throw error;
    throw new UsageError(`--adapter: ${error.message}; start it, or give the address that it listens at`);
  });
  // Where a phone is reached from, it reaches back.
  const listenOn = first.localAddress;
  const capabilities = await capabilitiesOf(first).finally(() => void first.kill());
  const run = Math.random().toString(36).slice(2, 10);
  let storages = 0;
  return {
    description: url,
    capabilities,
    async launch({ alone = false } = {}) {
      if (alone) throw new NotApplicable(UNKILLABLE);
      const member = await connection(options, open);
      return hostIn(
        { take: () => member, giveBack: () => {}, unkillable: UNKILLABLE, end: () => member.kill() },
        capabilities,
      );
    },
    newStorage: () => `/mirubato-sync-${run}/${(storages += 1)}`,
    network: "loopback",
    ...(listenOn === undefined ? {} : { listenOn }),
    close: async () => {
      for (const socket of open) socket.destroy();
    },
  };
}

async function connection(
  options: TcpOptions,
  open: Set<Socket>,
): Promise<Member & { localAddress: string | undefined }> {
  const { url, answerTimeoutMs, redactor = createRedactor() } = options;
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ""));
  socket.setTimeout(answerTimeoutMs, () => {
    if (socket.connecting) socket.destroy(new Error(`no connection within ${answerTimeoutMs / 1000} s`));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", (error) => reject(new CouldNotRun(`no adapter at ${url}: ${reasonOf(error)}`)));
  });
  open.add(socket);
  const { localAddress } = socket;
  let how = "the connection was closed";
  socket.on("error", (error) => (how = reasonOf(error)));
  const ended = new Promise<string>((resolve) => {
    socket.once("close", () => {
      open.delete(socket);
      resolve(how);
    });
  });
  const conversation = new Conversation({
    input: socket,
    output: socket,
    ended,
    lastWords: () => `: ${url}`,
    redactor,
    answerTimeoutMs,
    startTimeoutMs: answerTimeoutMs,
    onOver: () => void socket.destroy(),
  });
  return {
    conversation,
    localAddress,
    lines: () => [],
    async kill() {
      socket.destroy();
      await ended;
    },
  };
}

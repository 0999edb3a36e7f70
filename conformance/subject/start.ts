import { createServer } from "node:net";
import { reasonOf } from "../wire/exchange.ts";
import type { Transport } from "../drivers/transport.ts";
import { CouldNotRun } from "../verdict.ts";
import { startGroup } from "./process-group.ts";
import type { ProcessGroup } from "./process-group.ts";

const POLL_MS = 50;
const PROBE_TIMEOUT_MS = 2_000;

export interface Started {
  group: ProcessGroup;
  /** From the start to the first answer. */
  startUpMs: number;
}

const given = new Set<number>();

/** A port that is free now, for `{port}` in commands and URLs. Never the same twice: its server may not listen yet. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new CouldNotRun("no free port was found");
  if (given.has(address.port)) return freePort();
  given.add(address.port);
  return address.port;
}

/**
 * Starts the server under test and waits until it answers.
 * @throws CouldNotRun when something answers there already, the command ends, or no answer comes in time; the
 * group has been ended by then.
 */
export async function startServer(options: {
  command: string;
  url: string;
  transport: Transport;
  timeoutMs: number;
  signal: AbortSignal;
  onWaiting?: (elapsedMs: number) => void;
}): Promise<Started> {
  const { command, url, transport } = options;
  if (await answers(transport)) {
    throw new CouldNotRun(`something answers at ${url} before --start: stop it, or choose another port`);
  }
  const began = performance.now();
  const group = startGroup(command);
  try {
    await untilUp(group, { ...options, began });
  } catch (error) {
    await group.stop();
    throw error;
  }
  return { group, startUpMs: Math.round(performance.now() - began) };
}

/** Waits until the URL answers, as long as the command that is to serve it runs. */
export async function untilUp(
  group: ProcessGroup,
  options: {
    url: string;
    command: string;
    transport: Transport;
    timeoutMs: number;
    signal: AbortSignal;
    began: number;
    onWaiting?: (elapsedMs: number) => void;
  },
): Promise<void> {
  const { url, command, transport, timeoutMs, began, signal } = options;
  let ended: string | undefined;
  void group.ended.then((how) => (ended = how));
  for (;;) {
    signal.throwIfAborted();
    const obstacle = await probe(transport);
    if (obstacle === undefined) return;
    if (ended !== undefined) {
      throw new CouldNotRun(
        `the command ended (${ended}) before ${url} answered: ${command}${lastWords(group)}`,
      );
    }
    const elapsed = performance.now() - began;
    if (elapsed > timeoutMs) {
      throw new CouldNotRun(
        `${url} did not answer within ${timeoutMs / 1000} s of --start (${obstacle}): ${command}${lastWords(group)}`,
      );
    }
    options.onWaiting?.(elapsed);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Undefined when the server answers; any answer counts but those of a gateway whose server is not up yet. */
async function probe(transport: Transport): Promise<string | undefined> {
  try {
    const { status } = await transport(
      { method: "GET", path: "/health", headers: {} },
      AbortSignal.timeout(PROBE_TIMEOUT_MS),
    );
    return status === 502 || status === 503 ? `status ${status}` : undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Whether something answers now. */
export async function answers(transport: Transport): Promise<boolean> {
  return (await probe(transport)) === undefined;
}

export function lastWords(group: ProcessGroup): string {
  const tail = group.tail();
  return tail === "" ? "" : `\nits last output:\n${tail.replace(/^/gm, "  | ")}`;
}

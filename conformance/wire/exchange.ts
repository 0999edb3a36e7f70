import type { HttpRequest, HttpResponse, Transport } from "../drivers/transport.ts";
import { guardReply } from "./guard.ts";
import { pulse } from "./pulse.ts";
import { rejectable } from "./rejectable.ts";
import { Reply } from "./reply.ts";
import type { Transcript } from "./transcript.ts";
import { CouldNotRun } from "../verdict.ts";

/** The time-out is cut into so many pieces, so that a stall of our own process counts as one of them, not as the server's. */
const SLICES = 10;

export interface ExchangeOptions {
  transport: Transport;
  transcript: Transcript;
  /** Ends everything under way: the check's time is up, or the run's. */
  signal: AbortSignal;
  /** Per request. */
  timeoutMs: number;
}

/** Sends one request, records it, and holds the answer against the schemas unless told otherwise. */
export async function exchange(
  request: HttpRequest,
  options: ExchangeOptions,
  anyAnswer = false,
): Promise<Reply> {
  const entry = options.transcript.record(request);
  let response: HttpResponse;
  try {
    response = await within((signal) => options.transport(request, signal), {
      ...options,
      alive: (ms) => pulse(options.transport, request.headers, ms),
    });
  } catch (error) {
    const reason = reasonOf(error);
    entry.failed(reason);
    throw new CouldNotRun(`${request.method} ${request.path.split("?")[0]}: ${reason}`);
  }
  entry.answered(response);
  const reply = new Reply(request, response);
  if (!anyAnswer) guardReply(reply);
  return reply;
}

/** Races work against the clock, also work that does not listen to its signal. */
export async function within<T>(
  work: (signal: AbortSignal) => Promise<T>,
  {
    signal,
    timeoutMs,
    alive,
  }: Pick<ExchangeOptions, "signal" | "timeoutMs"> & {
    /** Asks the server for something small; resolves once it has answered, or has not within so many ms. */
    alive(timeoutMs: number): Promise<unknown>;
  },
): Promise<T> {
  signal.throwIfAborted();
  const ownEnd = new AbortController();
  const { promise: ended, reject } = rejectable();
  const end = (reason: unknown): void => {
    reject(reason);
    ownEnd.abort(reason);
  };
  const onAbort = (): void => end(signal.reason);
  const giveUp = async (): Promise<void> => {
    await alive(timeoutMs);
    await new Promise((resolve) => setTimeout(resolve, timeoutMs / SLICES));
    end(new Error(`no answer within ${timeoutMs / 1000} s`));
  };
  let left = SLICES;
  const timer = setInterval(() => {
    left -= 1;
    if (left === 0) void giveUp();
  }, timeoutMs / SLICES);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work(ownEnd.signal), ended]);
  } finally {
    clearInterval(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** The plainest words for why there was no answer. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: string };
  if (code === "ECONNREFUSED") return "connection refused: nothing listens there";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "the host's name could not be resolved";
  if (code === "ECONNRESET" || code === "EPIPE") return "the connection was closed before an answer came";
  if (code?.includes("CERT") || code === "DEPTH_ZERO_SELF_SIGNED_CERT") {
    return `the server's TLS certificate is not trusted (${code}); --ca names the authority's file`;
  }
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message;
}

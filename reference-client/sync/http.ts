import { isJsonObject, type JsonObject } from "../../schemas/json.ts";
import { SyncError, unreachable } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Fetch } from "../ports/transport.ts";
import type { Tokens } from "./token.ts";
import { instantOf } from "./read.ts";

/** For an answer as a whole. */
const TIMEOUT = 30_000;
/** The longest that a server is heeded for; timers of platforms overflow at some weeks. */
const DAY = 86_400_000;

/** An answer that its caller knows what to do with. */
export interface Answer {
  /** 200, or a status that the caller takes. */
  status: number;
  body: JsonObject;
  /** The problem's code; `HTTP_…` where a gateway spoke in words of its own. */
  code: string;
}

interface Received extends Answer {
  /** Whether it is an earlier answer, told again. */
  replay: boolean;
  /** Milliseconds. */
  retryAfter: number;
}

export interface CallOptions {
  /** The idempotency key. */
  key?: string;
  connectionId?: string | undefined;
  /** Refusals that the caller takes; others are thrown. */
  takes?: (status: number, code: string) => boolean;
}

/** The bounds of what the server's clock is ahead of this one, in milliseconds. */
export type Measure = (atLeast: number, atMost: number) => void;

export interface HttpPorts {
  /** The server's address, without a slash at its end. */
  base: string;
  deviceId: string;
  fetch: Fetch;
  tokens: Tokens;
  clock: Clock;
  measure: Measure;
  /** Client and server do not fit, or the user may not sync: nothing more is to be sent. */
  halt(error: SyncError): void;
}

/** Calls of a server on behalf of one user. */
export interface Http {
  /**
   * Rejects with `UNREACHABLE` where no answer came, none that is the protocol's (CLI-042), or one that asks to come again; with `NO_TOKEN` or
   * `WRONG_USER` before anything is sent. A 401 takes the token out of use (CLI-035), and another one is tried. Any other refusal that is not
   * taken halts the sync.
   */
  call(path: "pull" | "push" | "status", body?: object, options?: CallOptions): Promise<Answer>;
  /** Ends what is under way. */
  close(): void;
}

export function createHttp(ports: HttpPorts): Http {
  const { base, deviceId, fetch, tokens, clock, measure, halt } = ports;
  const ended = new AbortController();

  const ask = async (
    path: string,
    token: string,
    body: object | undefined,
    { key, connectionId }: CallOptions,
  ): Promise<Received> => {
    const late = new AbortController();
    const cancel = clock.setTimer(TIMEOUT, () => late.abort());
    try {
      const response = await fetch(`${base}/api/sync/${path}`, {
        method: body ? "POST" : "GET",
        headers: {
          authorization: `Bearer ${token}`,
          "x-sync-protocol": "1", // CLI-001
          "x-device-id": deviceId,
          ...(body && { "content-type": "application/json" }),
          ...(key && { "x-idempotency-key": key }),
          ...(connectionId && { "x-connection-id": connectionId }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.any([ended.signal, late.signal]),
      });
      return answerOf(response.status, response.headers, await response.text());
    } catch (error) {
      // The platform's words may name the address.
      throw error instanceof SyncError ? error : unreachable("no answer");
    } finally {
      cancel();
    }
  };

  const call = async (
    path: "pull" | "push" | "status",
    body?: object,
    options: CallOptions = {},
    again = false,
  ): Promise<Answer> => {
    const token = await tokens.get();
    const begun = clock.now();
    const { retryAfter, replay, ...answer } = await ask(path, token, body, options);
    const { status, code, body: told } = answer;
    if (status === 401) {
      tokens.refused(token);
      // Where the app has another token already, the same request goes on with it (CLI-009).
      if (!again) return call(path, body, options, true);
    }
    if (status === 200) {
      // A replay tells the time of the first answer. Read between sending and now.
      const timestamp = instantOf(told["timestamp"]);
      if (timestamp !== undefined && !replay) measure(timestamp - clock.now(), timestamp - begun);
    } else if (!options.takes?.(status, code)) {
      if ([401, 409, 429].includes(status) || status >= 500) throw unreachable(code, retryAfter);
      const error = new SyncError(
        status === 403 ? "FORBIDDEN" : "REFUSED_BY_SERVER",
        `The server refuses to sync, ${code}: ${String(told["detail"] ?? code)}; resume() tries again.`,
        { reason: code },
      );
      halt(error);
      throw error;
    }
    return answer;
  };

  return { call: (path, body, options) => call(path, body, options), close: () => ended.abort() };
}

type Headers = Awaited<ReturnType<Fetch>>["headers"];

/** Throws `UNREACHABLE` for what is not the protocol's. */
function answerOf(status: number, headers: Headers, text: string): Received {
  const parsed = parse(headers.get("content-type"), text);
  const own = parsed?.["code"];
  // Gateways also refuse tokens, sizes and rates, and fail, in words of their own.
  const gateway = [401, 413, 429].includes(status) || status >= 500;
  const code = typeof own === "string" ? own : gateway ? `HTTP_${status}` : "";
  if (status === 200 ? !parsed : status < 400 || !code)
    throw unreachable(`the answer is not the protocol's, ${status}`);
  const replay = headers.get("x-idempotent-replay") === "true";
  return { status, body: parsed ?? {}, code, replay, retryAfter: retryAfterOf(headers) };
}

/** Seconds, or the date until when, which the server's own is compared with: this device's clock may be wrong. Milliseconds. */
function retryAfterOf(headers: Headers): number {
  const value = headers.get("retry-after") ?? "";
  return Math.min(
    Number(value) * 1000 || Date.parse(value) - Date.parse(headers.get("date") ?? "") || 0,
    DAY,
  );
}

function parse(contentType: string | null, text: string): JsonObject | undefined {
  if (!/^application\/(problem\+)?json\s*(;|$)/i.test(contentType ?? "")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

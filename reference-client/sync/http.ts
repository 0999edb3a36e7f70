import { isJsonObject, type JsonObject } from "../../schemas/json.ts";
import { SyncError } from "../errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Fetch } from "../ports/transport.ts";
import type { Tokens } from "./token.ts";
import { instantOf } from "./read.ts";

const PROTOCOL = "1";
/** For an answer as a whole. */
const TIMEOUT = 30_000;

/** What came of a request. */
export type Answer =
  | { kind: "ok"; body: JsonObject; replay: boolean }
  /** The server said no, by a status that is its own. */
  | { kind: "problem"; status: number; code: string; detail: string; retryAfter: number }
  /** No answer: nothing came, or nothing that is the protocol's (CLI-042). */
  | { kind: "none"; why: string };

export interface CallOptions {
  key?: string;
  connectionId?: string | undefined;
}

/** The bounds of what the server's clock is ahead of this one, in milliseconds. */
export type Measure = (atLeast: number, atMost: number) => void;

/** Calls of a server on behalf of one user. */
export class Http {
  readonly #base: string;
  readonly #fetch: Fetch;
  readonly #tokens: Tokens;
  readonly #clock: Clock;
  readonly #deviceId: string;
  readonly #measure: Measure;
  readonly #closed = new AbortController();

  constructor(
    { base, deviceId, measure }: { base: string; deviceId: string; measure: Measure },
    ports: { fetch: Fetch; tokens: Tokens; clock: Clock },
  ) {
    this.#base = base;
    this.#deviceId = deviceId;
    this.#measure = measure;
    this.#fetch = ports.fetch;
    this.#tokens = ports.tokens;
    this.#clock = ports.clock;
  }

  /** Rejects with `NO_TOKEN` or `WRONG_USER` before anything is sent. A 401 takes the token out of use (CLI-035). */
  async call(
    path: "pull" | "push" | "status",
    body: object | undefined,
    options: CallOptions = {},
  ): Promise<Answer> {
    const token = await this.#tokens.get();
    if (this.#closed.signal.aborted) throw new SyncError("CLOSED", "The client is closed.");
    const begun = this.#clock.now();
    const answer = await this.#exchange(path, token, body, options);
    if (answer.kind === "problem" && answer.status === 401) this.#tokens.refused(token);
    if (answer.kind === "ok" && !answer.replay) {
      // A replay tells the time of the first answer. Read between sending and now.
      const timestamp = instantOf(answer.body["timestamp"]);
      if (timestamp !== undefined) this.#measure(timestamp - this.#clock.now(), timestamp - begun);
    }
    return answer;
  }

  /** Ends what is under way. */
  close(): void {
    this.#closed.abort();
  }

  /** Ends when the time is up or the client is closed, whatever the platform does. */
  async #exchange(
    path: string,
    token: string,
    body: object | undefined,
    options: CallOptions,
  ): Promise<Answer> {
    const abort = new AbortController();
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const giveUp = (): void => {
      abort.abort();
      resolve({ kind: "none", why: "there was no answer in time" });
    };
    const cancel = this.#clock.setTimer(TIMEOUT, giveUp);
    this.#closed.signal.addEventListener("abort", giveUp);
    try {
      return await Promise.race([promise, this.#ask(path, token, body, options, abort.signal)]);
    } catch {
      // The platform's words may name the address.
      return { kind: "none", why: "the server could not be reached" };
    } finally {
      cancel();
      this.#closed.signal.removeEventListener("abort", giveUp);
    }
  }

  async #ask(
    path: string,
    token: string,
    body: object | undefined,
    { key, connectionId }: CallOptions,
    signal: AbortSignal,
  ): Promise<Answer> {
    const response = await this.#fetch(`${this.#base}/api/sync/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "x-sync-protocol": PROTOCOL, // CLI-001
        "x-device-id": this.#deviceId,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(key !== undefined && { "x-idempotency-key": key }),
        ...(connectionId !== undefined && { "x-connection-id": connectionId }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal,
    });
    const header = (name: string): string => response.headers.get(name) ?? "";
    const parsed = parse(header("content-type"), await response.text());
    const { status } = response;
    if (status === 200 && parsed !== undefined)
      return { kind: "ok", body: parsed, replay: header("x-idempotent-replay") === "true" };
    return refusal(status, parsed, Number(header("retry-after")) * 1000 || 0);
  }
}

function parse(contentType: string, text: string): JsonObject | undefined {
  if (!/^application\/(problem\+)?json\s*(;|$)/i.test(contentType)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A problem of the protocol has a code. Gateways also refuse tokens, sizes and rates, and fail, in words of their own. */
function refusal(status: number, body: JsonObject | undefined, retryAfter: number): Answer {
  const code = body?.["code"];
  const own = typeof code === "string" && status >= 400;
  if (!own && ![401, 413, 429].includes(status) && status < 500)
    return { kind: "none", why: `an answer with status ${status} that is not the protocol's` };
  const detail = body?.["detail"];
  return {
    kind: "problem",
    status,
    code: own ? code : `HTTP_${status}`,
    detail: typeof detail === "string" ? detail : `the server answered ${status}`,
    retryAfter,
  };
}

import { problemType, requestError } from "../../schemas/error-codes.ts";
import type { RequestErrorCode } from "../../schemas/error-codes.ts";
import type { JsonObject } from "../../schemas/json.ts";
import type { HttpResponse } from "../drivers/transport.ts";

/** What the simulator does to one request instead of having the server answer it. */
export type Fault =
  /** The connection ends; the server never had it. */
  | { do: "lose-request" }
  /** The server does it; the connection ends before the answer. */
  | { do: "lose-answer" }
  /** Another answer; the server never had it. */
  | { do: "answer"; with: HttpResponse }
  /** The server does it, and its answer is made into another. */
  | { do: "alter"; into: (answer: HttpResponse) => HttpResponse }
  /** The server has it when `until` resolves. */
  | { do: "delay-request"; until: Promise<unknown> }
  /** The server does it; the answer is told when `until` resolves. */
  | { do: "delay-answer"; until: Promise<unknown> }
  /** The network brings it to the server twice; the second answer is the one that is told. */
  | { do: "duplicate" };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

interface More {
  /** Seconds. */
  retryAfter?: number;
  [member: string]: unknown;
}

/** A refusal of a whole request, as a server words it. */
export function refusal(code: RequestErrorCode, more?: More): Fault {
  return { do: "answer", with: answerOf(code, more) };
}

/** The answer of a refusal. */
export function answerOf(code: RequestErrorCode, { retryAfter, ...more }: More = {}): HttpResponse {
  const { status, title } = requestError(code);
  const problem = { type: problemType(code), title, status, detail: title, code, error: title, ...more };
  const headers = {
    "content-type": "application/problem+json",
    ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
    ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
  };
  return { status, headers, body: bytes(JSON.stringify(problem)) };
}

export const loseRequest: Fault = { do: "lose-request" };
export const loseAnswer: Fault = { do: "lose-answer" };
export const duplicate: Fault = { do: "duplicate" };

/** What a captive portal says to everything. */
export const html: Fault = {
  do: "answer",
  with: {
    status: 200,
    headers: { "content-type": "text/html; charset=utf-8" },
    body: bytes("<!doctype html><title>Welcome</title><p>Please sign in to the network."),
  },
};

/** JSON of 200 that no sync server says. */
export const otherJson: Fault = {
  do: "answer",
  with: { status: 200, headers: { "content-type": "application/json" }, body: bytes('{"hello":"world"}') },
};

/** The server does it; its answer breaks off in the middle. */
export const truncated: Fault = {
  do: "alter",
  into: (answer) => ({ ...answer, body: answer.body.slice(0, Math.ceil(answer.body.length / 2)) }),
};

/** The server does it; its answer says that it is a page. */
export const wrongContentType: Fault = {
  do: "alter",
  into: (answer) => ({ ...answer, headers: { ...answer.headers, "content-type": "text/html" } }),
};

/** Alters an answer of JSON. */
export function alterJson(change: (body: JsonObject) => unknown): Fault {
  return {
    do: "alter",
    into: (answer) => {
      const body = change(JSON.parse(new TextDecoder().decode(answer.body)) as JsonObject);
      return { ...answer, body: bytes(JSON.stringify(body)) };
    },
  };
}

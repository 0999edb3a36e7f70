import type { Simulator } from "../simulator/simulator.ts";
import { CheckFailure } from "../verdict.ts";
import { faultOfMessage, faultOfRequest } from "../wire/guard.ts";
import type { Message } from "../wire/messages.ts";

/** What a client sends is valid under its schema, in every check. @throws CheckFailure naming the first that is not */
export function demandWellFormed(simulator: Simulator): void {
  for (const { request, call, json } of simulator.requests) {
    if (call !== "pull" && call !== "push" && call !== "batch") continue;
    const fault = json === undefined ? "a body that is no JSON" : faultOfRequest(request, json);
    if (fault !== undefined) malformed(`the client sent ${request.path} ${fault}`, json);
  }
  for (const { from, text, message } of simulator.frames) {
    if (from === "server") continue;
    if (message === undefined) malformed("the client sent a frame that is no JSON object", text);
    const fault = faultOfMessage(message as unknown as Message);
    if (fault !== undefined) malformed(`the client sent a ${String(message["type"])} ${fault}`, message);
  }
}

function malformed(what: string, actual: unknown): never {
  throw new CheckFailure(what, { expected: "messages that are valid under their schemas", actual });
}

import { createInterface } from "node:readline";
import type { AdapterRequest } from "../schemas/adapter-messages.ts";
import type { JsonObject } from "../schemas/json.ts";
import { validate } from "../schemas/validators.ts";
import { IN_NODE, openInNode } from "./adapter/node.ts";
import { createVerbs, Refused } from "./adapter/verbs.ts";
import { SyncError } from "../reference-client/index.ts";

export interface AdapterIO {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
  error: NodeJS.WritableStream;
}

/**
 * `mirubato-sync adapter`: the reference client behind the adapter protocol, JSON lines in and out. Resolves when the input ends; clients
 * that are open then are let go as they are.
 */
export async function adapter({ input, output, error }: AdapterIO): Promise<void> {
  const write = (message: object): void => void output.write(`${JSON.stringify(message)}\n`);
  const verbs = createVerbs(IN_NODE, openInNode, write);

  const answer = async (request: AdapterRequest): Promise<object> => {
    const { id, verb, params } = request;
    try {
      return { id, ok: true, result: await verbs[verb](params as never) };
    } catch (failure) {
      if (failure instanceof SyncError || failure instanceof Refused)
        return { id, ok: false, error: { code: failure.code, message: failure.message } };
      error.write(`${failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)}\n`);
      return { id, ok: false, error: { code: "INTERNAL", message: String(failure) } };
    }
  };

  for await (const line of createInterface({ input })) {
    const request = objectIn(line);
    const id = request?.["id"];
    if (!request || !Number.isInteger(id)) {
      error.write("passed over: a request is one JSON object a line, with a whole number as its id\n");
      continue;
    }
    const [violation] = validate("adapter_request", request);
    if (violation) {
      const message = `${violation.pointer || "The request"} ${violation.detail}.`;
      write({ id, ok: false, error: { code: "INVALID_REQUEST", message } });
      continue;
    }
    // Not awaited: a flush that waits holds up no other verb.
    void answer(request as unknown as AdapterRequest).then(write);
  }
}

function objectIn(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}

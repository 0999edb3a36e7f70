import { expect, test } from "vitest";
import { readBody } from "./request.ts";

/** A request whose body comes in these parts, and then breaks off as a lost connection does. */
function brokenOff(...parts: string[]): Request {
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const part = parts.shift();
      if (part === undefined) controller.error(new Error("Network connection lost."));
      else controller.enqueue(new TextEncoder().encode(part));
    },
  });
  const headers = { "content-type": "application/json" };
  return new Request("https://sync.example/api/sync/push", {
    method: "POST",
    body,
    headers,
    duplex: "half",
  } as RequestInit);
}

test.each([[[]], [['{"changes":']], [['{"changes":{}}']]])(
  "a body that breaks off after %j is the client's fault, whatever came of it (HTTP-007)",
  async (parts) => {
    await expect(readBody(brokenOff(...parts), 1_000)).rejects.toMatchObject({ code: "INVALID_JSON" });
  },
);

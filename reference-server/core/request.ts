import type { Limits } from "../../schemas/limits.ts";
import { Problem } from "./problem.ts";

export const VERSIONS: readonly string[] = ["1"];

/** How much of a refused body is read and thrown away, so that the sender gets the refusal rather than a broken connection. */
const DISCARD_BYTES = 16 * 1024 * 1024;
const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/** Whether the peer announces the protocol's version; throws UNSUPPORTED_VERSION for another one (DISC-004). */
export function readAnnouncement(headers: Headers): boolean {
  const version = headers.get("x-sync-protocol");
  if (version === null) return false;
  if (VERSIONS.includes(version)) return true;
  throw new Problem("UNSUPPORTED_VERSION", `X-Sync-Protocol must be one of: ${VERSIONS.join(", ")}.`, {
    supported: VERSIONS,
  });
}

/** The device's name, null where it has none of the right form: a name is optional, so a bad one is no error. */
export function readDevice(headers: Headers): string | null {
  const device = headers.get("x-device-id");
  return device !== null && VISIBLE_ASCII.test(device) ? device : null;
}

/** The idempotency key or null; throws INVALID_IDEMPOTENCY_KEY (IDEM-001, IDEM-010). */
export function readKey(headers: Headers): string | null {
  const key = headers.get("x-idempotency-key");
  const alias = headers.get("idempotency-key");
  if (key !== null && alias !== null && key !== alias) {
    throw new Problem(
      "INVALID_IDEMPOTENCY_KEY",
      "X-Idempotency-Key and Idempotency-Key differ; send one of them.",
    );
  }
  const value = key ?? alias;
  if (value !== null && !VISIBLE_ASCII.test(value)) {
    throw new Problem(
      "INVALID_IDEMPOTENCY_KEY",
      "The idempotency key must be 1 to 255 visible ASCII characters.",
    );
  }
  return value;
}

/** The limit on the body of such a peer (LIM-007). */
export function bodyLimit(limits: Limits, announced: boolean): number {
  return announced ? limits.maxBodyBytes : limits.legacyMaxBodyBytes;
}

/** The body's bytes. Throws 415 for a body that is not declared as JSON, 413 for one over the limit, of which no more is kept. */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const declared = isJson(request.headers);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunksOf(request)) {
    size += chunk.length;
    if (!declared || size > maxBytes) chunks.length = 0;
    else chunks.push(chunk);
    if (size > maxBytes + DISCARD_BYTES) break;
  }
  if (size > 0 && !declared) {
    throw new Problem(
      "UNSUPPORTED_MEDIA_TYPE",
      "The body must be sent as Content-Type: application/json, in UTF-8, without Content-Encoding.",
    );
  }
  if (size > maxBytes)
    throw new Problem("BODY_TOO_LARGE", `The body has more than ${maxBytes} bytes. Split the request.`);
  const body = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}

async function* chunksOf(request: Request): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(brokenOff);
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** The sender gave up, or its chunks are none: whatever came is no JSON, and the fault is not ours (HTTP-007). */
function brokenOff(): never {
  throw new Problem("INVALID_JSON", "The body broke off before its end. Send the request again.");
}

function isJson(headers: Headers): boolean {
  const encoding = headers.get("content-encoding");
  if (encoding !== null && encoding.trim().toLowerCase() !== "identity") return false;
  const [type = "", ...parameters] = (headers.get("content-type") ?? "").toLowerCase().split(";");
  if (type.trim() !== "application/json") return false;
  return parameters.every((parameter) => {
    const [name = "", value = ""] = parameter.split("=");
    return name.trim() !== "charset" || value.trim().replaceAll('"', "") === "utf-8";
  });
}

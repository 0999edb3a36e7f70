import type { RawRequest, ServerContext } from "../check.ts";
import type { Reply } from "../wire/reply.ts";
import type { PushBody } from "../wire/shapes.ts";

/** Sends pushes of the check's device under one key: a body as a value, or byte for byte as a text. */
export function pushesUnder(
  { http, device }: Pick<ServerContext, "http" | "device">,
  key: string,
): (body: object | string, change?: Partial<RawRequest>) => Promise<Reply<PushBody>> {
  return (body, change = {}) =>
    http<PushBody>({
      path: "/api/sync/push",
      as: device,
      headers: { "x-idempotency-key": key },
      ...(typeof body === "string" ? { text: body } : { json: body }),
      ...change,
    });
}

/** Sends again as long as the answer is that the same request is still being judged: that is allowed. */
export async function settled<Body>(
  { waitFor }: Pick<ServerContext, "waitFor">,
  send: () => Promise<Reply<Body>>,
): Promise<Reply<Body>> {
  let reply = await send();
  await waitFor("an answer other than IDEMPOTENCY_IN_FLIGHT", async () => {
    if (reply.status === 409) reply = await send();
    return reply.status !== 409;
  });
  return reply;
}

import type { Json } from "../../schemas/json.ts";
import type { HttpResponse } from "../drivers/transport.ts";

/** An answer as judged; what transport and CORS add comes later. */
export interface Answer extends HttpResponse {
  /** The request, or an item of it, was refused. */
  refused: boolean;
}

/** An answer with a JSON body. */
export function jsonAnswer(
  status: number,
  body: Json,
  {
    mediaType = "application/json",
    headers = {},
    refused = false,
  }: { mediaType?: string; headers?: Record<string, string>; refused?: boolean } = {},
): Answer {
  return {
    status,
    headers: { "content-type": mediaType, ...headers },
    body: new TextEncoder().encode(JSON.stringify(body)),
    refused,
  };
}

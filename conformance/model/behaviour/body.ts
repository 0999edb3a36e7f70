import type { Json } from "../../../schemas/json.ts";
import { decodeUtf8, IJsonError, parseIJson } from "../../../spec/rules/i-json.ts";
import type { Context } from "../context.ts";
import { Refusal } from "../refusal.ts";

/** A request body: its declared type, its size, its JSON. */
export interface BodySteps {
  /** Refuses a body of another media type, or an encoded one. */
  checkContentType(context: Context): void;
  /** The body's bytes; refuses more than `bodyLimit`. */
  readBody(context: Context): Promise<Uint8Array>;
  /** Bytes as text; throws where they are not UTF-8. */
  decodeText(context: Context, bytes: Uint8Array): string;
  /** Text as I-JSON; throws where it is not. */
  parseJson(context: Context, text: string): Json;
  /** The body as JSON, or the refusal INVALID_JSON. */
  readJson(context: Context): Json;
}

export const body: BodySteps = {
  checkContentType(context) {
    if ((context.request.body?.length ?? 0) === 0) return;
    const type = context.behaviour.fetchHeader(context, "content-type") ?? "";
    if (type.split(";")[0]!.trim().toLowerCase() !== "application/json") {
      throw new Refusal(
        "UNSUPPORTED_MEDIA_TYPE",
        "Content-Type must be application/json where there is a body",
      );
    }
    const encoding = context.behaviour.fetchHeader(context, "content-encoding") ?? "identity";
    if (encoding.trim().toLowerCase() !== "identity") {
      throw new Refusal(
        "UNSUPPORTED_MEDIA_TYPE",
        "Content-Encoding is not supported; send the body as it is",
      );
    }
  },

  async readBody(context) {
    const bytes = context.request.body ?? new Uint8Array();
    const limit = context.behaviour.bodyLimit(context);
    if (bytes.length > limit) {
      throw new Refusal("BODY_TOO_LARGE", `the body must have at most ${limit} bytes; split it`);
    }
    return bytes;
  },

  decodeText: (_context, bytes) => decodeUtf8(bytes),

  parseJson: (context, text) => parseIJson(text, { maxDepth: context.behaviour.depthLimit(context) }),

  readJson(context) {
    const { behaviour } = context;
    let text: string;
    try {
      text = behaviour.decodeText(context, context.bytes);
    } catch {
      throw new Refusal("INVALID_JSON", "the body must be UTF-8");
    }
    try {
      return behaviour.parseJson(context, text);
    } catch (error) {
      if (error instanceof SyntaxError) throw new Refusal("INVALID_JSON", "the body must be JSON");
      if (!(error instanceof IJsonError)) throw error;
      // A name with a lone surrogate must not come back in our own JSON.
      const pointer = /\p{Surrogate}/u.test(error.pointer) ? "" : error.pointer;
      const errors = [{ pointer, code: "INVALID_JSON", detail: error.reason }];
      throw new Refusal("INVALID_JSON", `${error.reason}, at character ${error.offset}`, { errors });
    }
  },
};

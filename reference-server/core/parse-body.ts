import type { Json } from "../../schemas/json.ts";
import { decodeUtf8, IJsonError, parseIJson } from "../../spec/rules/i-json.ts";
import { Problem } from "./problem.ts";

/** The value of a body. Throws INVALID_JSON if it is not I-JSON in UTF-8 (DATA-008 to DATA-012, LIM-005). */
export function parseBody(body: Uint8Array, maxDepth: number): Json {
  try {
    return parseIJson(decodeUtf8(body), { maxDepth });
  } catch (error) {
    if (!(error instanceof IJsonError)) throw error;
    throw new Problem("INVALID_JSON", error.message, {
      errors: [{ pointer: error.pointer, code: "INVALID_JSON", detail: error.message }],
    });
  }
}

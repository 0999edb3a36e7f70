/** Any value that JSON can say. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object; members that a reader does not know travel unchanged. */
export interface JsonObject {
  [member: string]: Json;
}

/** Whether a value parsed from JSON is an object (neither null nor an array). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

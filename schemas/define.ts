import { Type, type SchemaOptions, type Static, type TSchema, type TUnsafe } from "@sinclair/typebox";

/** Where the schemas' identifiers live. An identifier is a name; nothing has to answer there. */
export const SCHEMA_BASE = "https://mirubato.com/sync/schemas/v1/";

/** The `$id` of a type: `goal` → `https://mirubato.com/sync/schemas/v1/goal.json`. Stable within version 1. */
export function schemaId(name: string): string {
  return `${SCHEMA_BASE}${name}.json`;
}

/** The name behind an `$id`. */
export function schemaName(id: string): string {
  return id.slice(SCHEMA_BASE.length, -".json".length);
}

/** A reference to a type with an `$id`, with the static type of its target. Other keywords may stand beside it. */
export function ref<T extends TSchema>(target: T, options: SchemaOptions = {}): TUnsafe<Static<T>> {
  if (target.$id === undefined) throw new TypeError("only a schema with an $id can be referred to");
  return Type.Unsafe<Static<T>>({ ...options, $ref: target.$id });
}

/** A closed enumeration of strings. */
export function oneOf<const V extends readonly string[]>(values: V, description: string): TUnsafe<V[number]> {
  return Type.Unsafe<V[number]>({ type: "string", enum: [...values], description });
}

/** An open enumeration: any string, the known values told in the description. A reader keeps a value that it does not know. */
export function openString(known: readonly string[], description: string) {
  return Type.String({ description: `${description} Open; known values: ${known.join(", ")}.` });
}

/** A value of a scalar type, or null. One `type` list: faster to check and clearer in errors than alternatives. */
export function orNull<T>(type: "string" | "number" | "integer" | "object", options: SchemaOptions) {
  return Type.Unsafe<T | null>({ type: [type, "null"], ...options });
}

/** A list of strings. */
export function strings(description: string) {
  return Type.Array(Type.String(), { description });
}

/** An object whose members the protocol leaves to the application. */
export function anyObject(description: string) {
  return Type.Unsafe<Record<string, unknown>>({ type: "object", description });
}

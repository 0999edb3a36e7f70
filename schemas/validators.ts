import type { SchemaName } from "./registry.ts";
import * as compiled from "./generated/validators.js";
import { explain, type RawError, type Violation } from "./violation.ts";

export type { SchemaName } from "./registry.ts";
export { MAX_VIOLATIONS, type Violation } from "./violation.ts";

interface Compiled {
  (value: unknown): boolean;
  errors?: RawError[] | null;
}

const COMPILED = compiled as unknown as Readonly<Record<SchemaName, Compiled>>;

/**
 * Judges a value by a type's schema.
 *
 * @param name the type, such as `logbook_entry` or `push_response`
 * @param value a value as JSON gives it
 * @returns the violations, at most {@link MAX_VIOLATIONS}; none: the value is valid
 */
export function validate(name: SchemaName, value: unknown): Violation[] {
  const check = COMPILED[name];
  if (check(value)) return [];
  return explain(check.errors ?? []);
}

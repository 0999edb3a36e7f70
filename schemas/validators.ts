import type { SchemaName } from "./registry.ts";
import * as compiled from "./generated/validators.js";
import { explain, type Violation } from "./violation.ts";

export type { SchemaName } from "./registry.ts";
export { MAX_VIOLATIONS, type Violation } from "./violation.ts";

/** A compiled schema, as `generated/validators.js` exports one per type. */
export type Validator = Pick<typeof compiled.meta, "errors"> & ((value: unknown) => boolean);

const COMPILED: Readonly<Record<SchemaName, Validator>> = compiled;

/**
 * Judges a value by a type's schema.
 *
 * @param name the type, such as `logbook_entry` or `push_response`
 * @param value a value as JSON gives it
 * @returns the violations, at most {@link MAX_VIOLATIONS}; none: the value is valid
 */
export function validate(name: SchemaName, value: unknown): Violation[] {
  return violationsOf(COMPILED[name], value);
}

/** {@link validate}, for a program that has only the validators which it imports: a bundler drops the others. */
export function violationsOf(validator: Validator, value: unknown): Violation[] {
  if (validator(value)) return [];
  return explain(validator.errors ?? []);
}

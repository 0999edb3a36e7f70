import type { SchemaName } from "../../schemas/registry.ts";
import { SCHEMAS } from "../../schemas/registry.ts";
import { validate } from "../../schemas/validators.ts";

/** Holds an example against its contract. @throws Error naming the place, the member and what is wrong with it. */
export function checkedExample(name: string, value: unknown, place: string): void {
  if (!(name in SCHEMAS)) throw new Error(`${place}: there is no contract "${name}"`);
  const violations = validate(name as SchemaName, value);
  if (violations.length === 0) return;
  const [{ pointer, detail }] = violations as [(typeof violations)[number]];
  throw new Error(`${place} is not a valid ${name}: ${pointer || "/"} ${detail}`);
}

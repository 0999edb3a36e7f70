import type { Json } from "../../schemas/json.ts";
import { violationsOf, type Validator } from "../../schemas/validators.ts";
import { escapeMember } from "./candidate.ts";
import { Problem } from "./problem.ts";

/** Throws INVALID_REQUEST with a pointer for each violation, if the body does not fit (HTTP-006). */
export function requireSchema(schema: Validator, body: Json): void {
  const errors = violationsOf(schema, body).map(({ pointer, missing, detail }) => ({
    pointer: missing === undefined ? pointer : `${pointer}/${escapeMember(missing)}`,
    code: "INVALID_REQUEST" as const,
    detail,
  }));
  if (errors.length === 0) return;
  const told = errors.slice(0, 3).map((error) => `${error.pointer || "The body"} ${error.detail}`);
  throw new Problem("INVALID_REQUEST", `${told.join("; ")}.`, { errors });
}

/** Throws TOO_MANY_ITEMS (LIM-003). */
export function requireCount(count: number, most: number): void {
  if (count > most)
    throw new Problem(
      "TOO_MANY_ITEMS",
      `The request has ${count} items; at most ${most} are taken. Split it.`,
    );
}

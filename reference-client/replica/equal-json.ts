import type { Json } from "../../schemas/json.ts";

/** Whether two values are the same JSON, in whatever order their members stand. */
export function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  const member = (of: object, name: string): Json | undefined => (of as Record<string, Json>)[name];
  return names.every((name) => Object.hasOwn(b, name) && equalJson(member(a, name), member(b, name)));
}

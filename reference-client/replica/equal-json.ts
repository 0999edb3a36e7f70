import type { Json } from "../../schemas/json.ts";

/** Whether two values are the same JSON, in whatever order their members stand. */
export function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [one, other] = [a, b] as [Record<string, Json>, Record<string, Json>];
  const names = Object.keys(one);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && equalJson(one[name], other[name]))
  );
}

import type { Json } from "../../schemas/json.ts";

/**
 * The canonical form of a JSON value (RFC 8785): no white space, members sorted by UTF-16 code units, numbers and strings as
 * ECMAScript writes them.
 *
 * @throws TypeError for what RFC 8785 has no form for: a number that is not finite, a lone surrogate.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.keys(value)
      .sort(byCodeUnit)
      .map((name) => `${text(name)}:${canonicalJson(value[name] as Json)}`);
    return `{${members.join(",")}}`;
  }
  if (typeof value === "string") return text(value);
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new TypeError(`${value} has no canonical JSON`);
  }
  return JSON.stringify(value);
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function text(value: string): string {
  if (!value.isWellFormed()) throw new TypeError("a lone surrogate has no canonical JSON");
  return JSON.stringify(value);
}

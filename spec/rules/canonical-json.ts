import type { Json, JsonObject } from "../../schemas/json.ts";

/**
 * The canonical JSON text of a value: members sorted by the UTF-16 code units of their names, ECMAScript's form of
 * numbers, the shortest escapes, no white space. No Unicode normalisation.
 *
 * Throws a TypeError that names the JSON Pointer of what JSON cannot say: a number that is not finite, a lone surrogate,
 * `undefined`, a function. Recurses once per level of nesting, so bound the depth of what comes from outside (`parseIJson` does).
 *
 * Source: RFC 8785; DATA-006.
 */
export function canonicalJson(value: Json): string {
  return write(value, []);
}

/**
 * The canonical JSON text of an object, and of the rest of it without some of its members. Each member is written once.
 *
 * Throws as {@link canonicalJson} does.
 */
export function canonicalJsonWithout(
  value: JsonObject,
  without: ReadonlySet<string>,
): { whole: string; rest: string } {
  const all = members(value, []);
  return {
    whole: braced(all.map(([, member]) => member)),
    rest: braced(all.flatMap(([name, member]) => (without.has(name) ? [] : [member]))),
  };
}

function write(value: Json, path: (string | number)[]): string {
  switch (typeof value) {
    case "string":
      return text(value, path);
    case "boolean":
      return value ? "true" : "false";
    case "number":
      if (!Number.isFinite(value)) refuse(`the number ${value} is not finite`, path);
      return String(value); // ECMAScript's Number::toString is RFC 8785's form; it writes -0 as 0.
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return array(value, path);
      return object(value, path);
    default:
      return refuse(`${typeof value} is not a JSON value`, path);
  }
}

function array(value: Json[], path: (string | number)[]): string {
  let out = "[";
  for (let index = 0; index < value.length; index++) {
    path.push(index);
    out += (index === 0 ? "" : ",") + write(value[index]!, path);
    path.pop();
  }
  return out + "]";
}

function object(value: { [member: string]: Json }, path: (string | number)[]): string {
  return braced(members(value, path).map(([, member]) => member));
}

function members(
  value: { [member: string]: Json },
  path: (string | number)[],
): [name: string, text: string][] {
  // The default order of sort() is that of UTF-16 code units, as RFC 8785 section 3.2.3 asks.
  return Object.keys(value)
    .sort()
    .map((name) => {
      const written = text(name, path);
      path.push(name);
      const member = `${written}:${write(value[name]!, path)}`;
      path.pop();
      return [name, member];
    });
}

function braced(texts: readonly string[]): string {
  return `{${texts.join(",")}}`;
}

function text(value: string, path: (string | number)[]): string {
  if (!value.isWellFormed()) refuse("a text has a lone surrogate", path);
  return JSON.stringify(value);
}

function refuse(reason: string, path: (string | number)[]): never {
  const pointer = path.map((step) => "/" + String(step).replaceAll("~", "~0").replaceAll("/", "~1")).join("");
  throw new TypeError(`no canonical JSON: at "${pointer}" ${reason}`);
}

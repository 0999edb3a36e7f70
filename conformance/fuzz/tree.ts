import { isJsonObject } from "../../schemas/json.ts";
import type { Json, JsonObject } from "../../schemas/json.ts";

/** Where a value stands in another: names and indices from the outside in. */
export type Path = readonly (string | number)[];

/** Every value in a value with its place, the whole first. */
export function* nodes(value: Json, at: Path = []): Generator<{ path: Path; value: Json }> {
  yield { path: at, value };
  if (Array.isArray(value)) for (const [index, one] of value.entries()) yield* nodes(one, [...at, index]);
  else if (isJsonObject(value))
    for (const [name, one] of Object.entries(value)) yield* nodes(one, [...at, name]);
}

/** The same with another value in one place; undefined: without it. */
export function withAt(value: Json, path: Path, put: Json | undefined): Json {
  const [step, ...rest] = path;
  if (step === undefined) return put ?? null;
  if (Array.isArray(value)) {
    const index = step as number;
    if (rest.length === 0 && put === undefined) return value.toSpliced(index, 1);
    return value.with(index, withAt(value[index]!, rest, put));
  }
  const object = value as JsonObject;
  if (rest.length === 0 && put === undefined)
    return Object.fromEntries(Object.entries(object).filter(([name]) => name !== step));
  const changed = withAt(Object.hasOwn(object, step) ? object[step]! : null, rest, put);
  // By entries: a member named __proto__ is one like others.
  return Object.fromEntries([
    ...Object.entries(object).filter(([name]) => name !== step),
    [String(step), changed],
  ]);
}

/** JSON text with another text in the place of one value. */
export function renderWith(value: Json, path: Path, text: string): string {
  const [step, ...rest] = path;
  if (step === undefined) return text;
  const parts = Array.isArray(value)
    ? value.map((one, index) => (index === step ? renderWith(one, rest, text) : JSON.stringify(one)))
    : Object.entries(value as JsonObject).map(
        ([name, one]) =>
          `${JSON.stringify(name)}:${name === step ? renderWith(one, rest, text) : JSON.stringify(one)}`,
      );
  return Array.isArray(value) ? `[${parts.join(",")}]` : `{${parts.join(",")}}`;
}

/** As RFC 6901 has it, for people. */
export function pointerOf(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

import { isJsonObject } from "../../schemas/json.ts";
import type { Json } from "../../schemas/json.ts";
import { nodes, withAt } from "./tree.ts";

/** Looks for the smallest value, by leaving out members and elements, for which `fails` still holds, until the time is up. */
export async function shrinkJson(
  value: Json,
  fails: (smaller: Json) => Promise<boolean>,
  until: number,
): Promise<Json> {
  let best = value;
  for (let smaller = true; smaller;) {
    smaller = false;
    for (const candidate of candidates(best)) {
      if (performance.now() > until) return best;
      if (!(await fails(candidate))) continue;
      best = candidate;
      smaller = true;
      break;
    }
  }
  return best;
}

/** Halves of long lists first, then single members and elements, the outermost first. */
function* candidates(value: Json): Generator<Json> {
  const all = [...nodes(value)].toSorted((a, b) => a.path.length - b.path.length);
  for (const { path, value: list } of all) {
    if (!Array.isArray(list) || list.length < 4) continue;
    const half = Math.ceil(list.length / 2);
    yield withAt(value, path, list.slice(0, half));
    yield withAt(value, path, list.slice(half));
  }
  for (const { path } of all) if (path.length > 0) yield withAt(value, path, undefined);
  for (const { path, value: text } of all)
    if (typeof text === "string" && text.length > 40)
      yield withAt(value, path, text.slice(0, text.length / 2));
    else if (isJsonObject(text) && path.length > 2 && Object.keys(text).length > 1)
      yield withAt(value, path, {});
}

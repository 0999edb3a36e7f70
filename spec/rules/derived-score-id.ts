import type { Json } from "../../schemas/json.ts";
import { scoreIdFrom } from "./score-id.ts";

/**
 * The score id of something that names its title but no score id, or undefined where none can be made: no title, a title of
 * white space only, or a title or composer of the wrong type (which validation then refuses).
 *
 * Source: spec/data.md, NORM-004.
 */
export function derivedScoreId(title: Json | undefined, composer: Json | undefined): string | undefined {
  if (typeof title !== "string" || title.trim() === "") return undefined;
  if (composer !== undefined && composer !== null && typeof composer !== "string") return undefined;
  return scoreIdFrom(title, composer);
}

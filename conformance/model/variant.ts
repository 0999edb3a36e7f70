import type { Behaviour } from "./behaviour.ts";
import type { ModelOptions } from "./model.ts";
import type { Manners } from "./node-http.ts";

/** Something that the spec leaves to each server, and the requirements beside which it says so. */
export interface Freedom {
  readonly freedom: string;
  readonly of: readonly string[];
}

/** A server that conforms, and does wherever it may what the model does not: no check may find anything wrong with it. */
export interface Variant {
  /** Unique, kebab-case: what distinguishes it. */
  readonly name: string;
  /** What kind of real server is like that, in one sentence. */
  readonly story: string;
  readonly uses: readonly Freedom[];
  /** Its behaviour. Pure: what it has to remember it keeps in `context.server.scratch` or `volatile`. */
  readonly deform: (conforming: Behaviour) => Behaviour;
  /** Its settings. Limits are differences to the reference's; a check's own go before them, unless the server advertises none. */
  readonly options?: Pick<ModelOptions, "limits" | "profiles" | "turn">;
  /** How far its clock is ahead of everybody else's, in ms. */
  readonly clockMs?: number;
  /** How it writes its answers onto the network. */
  readonly manners?: Manners;
  /** It has no discovery document: its operator says by `--profile` what it offers, and every limit is the default. */
  readonly silent?: true;
  /** The requirements of level SHOULD that it does not follow: those alone may be warned of. */
  readonly declines?: readonly string[];
}

/** Defines a variant. @throws TypeError on a name that is not kebab-case, an empty story, or a freedom without requirement. */
export function variant(definition: Variant): Variant {
  const { name, story, uses } = definition;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) throw new TypeError(`variant name "${name}" is not kebab-case`);
  if (story.trim() === "") throw new TypeError(`variant ${name} has no story: say what server is like that`);
  if (uses.length === 0 || uses.some(({ of }) => of.length === 0))
    throw new TypeError(`variant ${name} must say which freedoms it uses, each with a requirement`);
  return Object.freeze({ ...definition });
}

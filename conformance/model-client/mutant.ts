import type { ClientBehaviour } from "./behaviour.ts";
import type { Context } from "./context.ts";

/** A client with one fault: the conforming behaviour, deformed in a few of its steps. */
export interface ClientMutant {
  /** Unique, kebab-case: what the faulty client does. */
  readonly name: string;
  /** How a real implementation gets there, in one sentence. */
  readonly story: string;
  /** Every requirement that the fault breaks. */
  readonly breaks: readonly string[];
  /** The faulty behaviour. Pure: what a fault has to remember it keeps in `context.scratch` or `context.store.scratch`. */
  readonly deform: (conforming: ClientBehaviour) => ClientBehaviour;
}

/** Defines a mutant. @throws TypeError on a name that is not kebab-case, an empty story, or nothing broken. */
export function clientMutant(definition: ClientMutant): ClientMutant {
  const { name, story, breaks } = definition;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) throw new TypeError(`mutant name "${name}" is not kebab-case`);
  if (story.trim() === "") throw new TypeError(`mutant ${name} has no story: say how a client gets there`);
  if (breaks.length === 0) throw new TypeError(`mutant ${name} breaks no requirement: name at least one`);
  return Object.freeze({ ...definition });
}

/** How often this client came by here since it was opened, this time included: for faults of the n-th time. */
export function tally(context: Context, name: string): number {
  const count = ((context.scratch.get(`tally ${name}`) as number | undefined) ?? 0) + 1;
  context.scratch.set(`tally ${name}`, count);
  return count;
}

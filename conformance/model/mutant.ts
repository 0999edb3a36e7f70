import type { Behaviour } from "./behaviour.ts";
import type { Context } from "./context.ts";

/** A server with one fault: the conforming behaviour, deformed in a few of its steps. */
export interface Mutant {
  /** Unique, kebab-case: what the faulty server does. */
  readonly name: string;
  /** How a real implementation gets there, in one sentence. */
  readonly story: string;
  /** Every requirement that the fault breaks. */
  readonly breaks: readonly string[];
  /** The faulty behaviour. Pure: what a fault has to remember it keeps in `context.server.scratch` or `volatile`. */
  readonly deform: (conforming: Behaviour) => Behaviour;
}

/** Defines a mutant. @throws TypeError on a name that is not kebab-case, an empty story, or nothing broken. */
export function mutant(definition: Mutant): Mutant {
  const { name, story, breaks } = definition;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) throw new TypeError(`mutant name "${name}" is not kebab-case`);
  if (story.trim() === "") throw new TypeError(`mutant ${name} has no story: say how a server gets there`);
  if (breaks.length === 0) throw new TypeError(`mutant ${name} breaks no requirement: name at least one`);
  return Object.freeze({ ...definition });
}

/** A behaviour with several faults at once; later ones deform what earlier ones left. */
export function deformAll(conforming: Behaviour, mutants: readonly Mutant[]): Behaviour {
  return mutants.reduce((behaviour, { deform }) => deform(behaviour), conforming);
}

/** How often this user came by here, this time included: for faults of the n-th time. */
export function tally(context: Context, name: string): number {
  const slot = `tally ${context.user.id} ${name}`;
  const count = ((context.server.scratch.get(slot) as number | undefined) ?? 0) + 1;
  context.server.scratch.set(slot, count);
  return count;
}

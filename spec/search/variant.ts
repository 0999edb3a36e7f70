import type { Outcome } from "./explore.ts";

/** The rules as they stand, in a situation that is searched to its end. */
export interface Situation {
  name: string;
  search: (limit?: number) => Outcome;
}

/** A rule left out or bent, as a plausible implementation does it. The search must find what that costs. */
export interface Variant {
  /** The switch of the model. */
  name: string;
  /** The requirements that it breaks. */
  breaks: string[];
  /** What the implementation does instead. */
  story: string;
  /** How things stand at the start. */
  given: string;
  /** Searches a situation just large enough. */
  search: (limit?: number) => Outcome;
}

/** One thing that can happen next: `say` is its line in a trace, `take` does it to a copy of the state. */
export interface Step<S> {
  say: string;
  take: (state: S) => void;
}

/** A state machine over plain JSON. Its states say everything: equal JSON is the same state. */
export interface Model<S> {
  name: string;
  initial: () => S;
  /** All that can happen in `state`, in a fixed order. */
  steps: (state: S) => Step<S>[];
  /** What is wrong with `state`, or undefined. */
  wrong: (state: S) => string | undefined;
  /** What is wrong with a state in which nothing can happen any more. */
  wrongAtRest: (state: S) => string | undefined;
  /** Makes one state of those that differ only in the order of what has none, or in which of two devices is which. */
  settle?: (state: S) => void;
}

export interface Outcome {
  states: number;
  steps: number;
  /** The greatest number of steps from the start to any state. */
  depth: number;
  /** What went wrong, and the shortest way there. */
  broken?: { what: string; trace: string[] };
  /** Whether `limit` ended the search before all states were seen. */
  cut: boolean;
}

/**
 * Visits every state that `model` can reach, breadth first, so that the first fault found has a shortest trace.
 * States are remembered by a hash of 53 bits: of a million states two collide with a probability below 0.0001.
 */
export function explore<S>(model: Model<S>, limit = Number.POSITIVE_INFINITY): Outcome {
  const seen = new Set<number>();
  const parents: number[] = [];
  const taken: number[] = [];
  let level: string[] = [];
  const outcome: Outcome = { states: 0, steps: 0, depth: 0, cut: false };
  let first = 0;

  const visit = (state: S, parent: number, step: number, next: string[]): string | undefined => {
    const text = canonical(model, state);
    const hash = hashOf(text);
    if (seen.has(hash)) return undefined;
    seen.add(hash);
    parents.push(parent);
    taken.push(step);
    next.push(text);
    return model.wrong(state);
  };
  const broken = (what: string, at: number): Outcome => ({
    ...outcome,
    states: seen.size,
    broken: { what, trace: traceTo(model, at, parents, taken) },
  });

  const atStart = visit(model.initial(), -1, -1, level);
  if (atStart !== undefined) return broken(atStart, 0);
  while (level.length > 0) {
    const next: string[] = [];
    for (const [offset, text] of level.entries()) {
      const state = JSON.parse(text) as S;
      const steps = model.steps(state);
      const stuck = steps.length === 0 ? model.wrongAtRest(state) : undefined;
      if (stuck !== undefined) return broken(stuck, first + offset);
      for (const [index, step] of steps.entries()) {
        const copy = copied(state);
        step.take(copy);
        outcome.steps++;
        const what = visit(copy, first + offset, index, next);
        if (what !== undefined) return broken(what, parents.length - 1);
      }
      if (seen.size >= limit) return { ...outcome, states: seen.size, cut: true };
    }
    first += level.length;
    level = next;
    if (level.length > 0) outcome.depth++;
  }
  return { ...outcome, states: seen.size };
}

/** Walks the way again, and collects what each step says. */
function traceTo<S>(model: Model<S>, at: number, parents: number[], taken: number[]): string[] {
  const way: number[] = [];
  for (let index = at; index > 0; index = parents[index]!) way.unshift(taken[index]!);
  let text = canonical(model, model.initial());
  return way.map((index) => {
    const state = JSON.parse(text) as S;
    const { say, take } = model.steps(state)[index]!;
    take(state);
    text = canonical(model, state);
    return say;
  });
}

function canonical<S>(model: Model<S>, state: S): string {
  model.settle?.(state);
  return JSON.stringify(state);
}

/** A deep copy of plain JSON; several times as quick as by its text. */
function copied<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    for (const one of value) list.push(copied(one));
    return list as T;
  }
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = copied(value[key]);
  return copy as T;
}

/** Two multiplicative hashes of 32 bits, of which 53 bits fit a number. */
function hashOf(text: string): number {
  let high = 0x2545f491;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 0x9e3779b1);
    low = Math.imul(low ^ code, 0x5f356495);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return (low >>> 0) * 0x200000 + (high >>> 11);
}

import type { Contradiction } from "./ledger.ts";

/** What is held of a server that is sent anything at all. */
export type Property =
  /** Every input is answered, by what its contract allows and never by a fault of the server's own. */
  | "answered"
  /** What is no JSON is refused, not guessed at. */
  | "no-guessing"
  /** What was acknowledged is there. */
  | "nothing-lost"
  /** What was not acknowledged is not there, and nobody is told of it. */
  | "no-effect"
  /** Nothing of another user shows. */
  | "isolation";

/** A property that does not hold, with the input that shows it. */
export interface Fault<Input> {
  property: Property;
  message: string;
  expected: unknown;
  actual: unknown;
  /** The inputs that may have done it, the likeliest first. */
  inputs: readonly Input[];
}

/** What came of sending inputs. */
export interface Played<Input> {
  faults: Fault<Input>[];
  /** How often each kind of input was judged by the server. */
  kinds: Map<string, number>;
  sent: number;
  /** Refused for the rate: neither here nor there. */
  limited: number;
}

export function emptyPlayed<Input>(): Played<Input> {
  return { faults: [], kinds: new Map(), sent: 0, limited: 0 };
}

export function count(kinds: Map<string, number>, names: readonly string[]): void {
  for (const name of names) kinds.set(name, (kinds.get(name) ?? 0) + 1);
}

/** Text by which nothing but one user's data is known. */
export function demandNoMark<Input>(
  played: Played<Input>,
  text: string,
  marks: readonly string[],
  where: string,
  input: Input,
): void {
  const mark = marks.find((one) => text.includes(one));
  if (mark === undefined) return;
  const at = text.indexOf(mark);
  played.faults.push({
    property: "isolation",
    message: `${where} has words of another user`,
    expected: "nothing of what another user wrote",
    actual: text.slice(Math.max(0, at - 200), at + mark.length + 200),
    inputs: [input],
  });
}

/** An input as it was sent, and whether it was refused as a whole. */
export interface Sent<Input> {
  input: Input;
  /** As it went out, for searching. */
  text: string;
  refused: boolean;
}

/** Those that name the entity, the likeliest first: of what was lost those that were served, the latest first. */
export function suspects<Input>(sent: readonly Sent<Input>[], entityId: string, lost: boolean): Input[] {
  const words = JSON.stringify(entityId).slice(1, -1).toLowerCase();
  const naming = sent.filter(({ text }) => text.toLowerCase().includes(words));
  // An id that is derived, or was normalised, stands in none.
  return (naming.length > 0 ? naming : sent)
    .toReversed()
    .toSorted((a, b) => Number(a.refused === lost) - Number(b.refused === lost))
    .map(({ input }) => input);
}

/** A contradiction between answers and what is stored, as a fault. */
export function faultOf<Input>(found: Contradiction, sent: readonly Sent<Input>[]): Fault<Input> {
  const { kind, entity, expected, actual } = found;
  const lost = kind === "an acknowledged write that is not there";
  const inputs = suspects(sent, entity.slice(entity.indexOf(" ") + 1), lost);
  return {
    property: lost ? "nothing-lost" : "no-effect",
    message: lost
      ? `${entity} is not as it was acknowledged, after inputs that are nearly valid or hostile`
      : `${entity} was changed by something that was not acknowledged`,
    expected,
    actual,
    inputs,
  };
}

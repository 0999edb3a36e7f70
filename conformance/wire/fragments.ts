/** Two texts have this many characters in a row in common: that is where a fragment is looked for. */
const GRAM = 8;
/**
 * Finds secrets in texts, and fragments of them: whatever cut a text, or quoted a part of a token, leaves no literal to be found.
 * Upper and lower case count as the same.
 */
export class Fragments {
  readonly #grams = new Set<string>();
  readonly shortest: number;

  /** @param shortest what is taken for a fragment, in characters: at least 8, and too much for chance */
  constructor(shortest: number) {
    this.shortest = shortest;
  }

  /** A text shorter than a fragment is not looked for. */
  add(secret: string): void {
    if (secret.length < this.shortest) return;
    const folded = fold(secret);
    for (let at = 0; at + GRAM <= folded.length; at += 1) this.#grams.add(folded.slice(at, at + GRAM));
  }

  /** The text with `substitute` for each fragment. */
  replace(text: string, substitute: string): string {
    if (this.#grams.size === 0 || text.length < this.shortest) return text;
    const folded = fold(text);
    // A fragment has a gram at one of any so many places in a row.
    const stride = this.shortest - GRAM + 1;
    const known = (at: number): boolean => this.#grams.has(folded.slice(at, at + GRAM));
    let output = "";
    let done = 0;
    for (let probe = 0; probe + GRAM <= folded.length; probe += stride) {
      if (!known(probe)) continue;
      let from = probe;
      while (from > done && known(from - 1)) from -= 1;
      let last = probe;
      while (last + GRAM < folded.length && known(last + 1)) last += 1;
      const end = last + GRAM;
      if (end - from >= this.shortest) {
        output += text.slice(done, from) + substitute;
        done = end;
      }
      probe = end - stride;
    }
    return done === 0 ? text : output + text.slice(done);
  }
}

/** Lower case with every character in its place: some become two. */
function fold(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

import { UsageError } from "../../conformance/run/select.ts";
import type { Json, JsonObject } from "../../schemas/json.ts";

/** Splits a line into words as a shell does: at white space, except within "…" or '…'; a backslash takes the next character as it is. */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (character === "\\" && quote !== "'" && at + 1 < line.length) word = (word ?? "") + line[++at]!;
    else if (character === quote) quote = "";
    else if (quote === "" && (character === '"' || character === "'") && opensQuote(word)) {
      quote = character;
      word ??= "";
    } else if (quote === "" && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  if (quote !== "") throw new UsageError(`a ${quote} is open: close it, or write \\${quote}`);
  if (word !== undefined) words.push(word);
  return words;
}

/** Only where a word or a value begins: the apostrophe of "Beethoven's" quotes nothing. */
function opensQuote(word: string | undefined): boolean {
  return word === undefined || word.endsWith("=");
}

/** What `add` and `edit` are told: `member=value` sets, `member=` removes (undefined), all other words are the text. */
export function membersOf(words: readonly string[]): {
  text: string;
  members: Record<string, Json | undefined>;
} {
  const members: Record<string, Json | undefined> = {};
  const text: string[] = [];
  for (const word of words) {
    const match = /^([A-Za-z][A-Za-z0-9]*)=(.*)$/s.exec(word);
    if (match === null) text.push(word);
    else members[match[1]!] = match[2] === "" ? undefined : valueOf(match[2]!);
  }
  return { text: text.join(" "), members };
}

/** Numbers, true, false, null, lists and objects as JSON has them; all else is text. */
function valueOf(text: string): Json {
  if (!/^(-?\d|true$|false$|null$|[[{"])/.test(text)) return text;
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return text;
  }
}

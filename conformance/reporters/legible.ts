/**
 * A text that every format can hold and every reader sees as it is. Control characters, lone surrogates and marks that
 * turn the direction of writing are shown by their number: XML has no way to write them, HTML loses some, a terminal
 * obeys others. Tabs and line feeds stay.
 */
export function legible(text: string): string {
  return text.replace(
    /[^\t\n\u0020-\u007e\u00a0-\u2029\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu,
    (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`,
  );
}

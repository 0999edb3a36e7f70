const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const BASE64 = BASE64URL.replace("-_", "+/");
const isAlphanumeric = (character: string | undefined): boolean =>
  character !== undefined && /[0-9a-z]/i.test(character);

/** Whether two characters differ in a bit that counts also where the last character of a group has spare ones. */
type Differs = (one: string, other: string) => boolean;

const byHalf =
  (alphabet: string): Differs =>
  (one, other) =>
    alphabet.indexOf(one.toLowerCase()) < 16 !== alphabet.indexOf(other.toLowerCase()) < 16;
/** Holds for base32hex and Crockford's base32 alike: both count 0 to 9, then letters. */
const inBase32Hex = byHalf("0123456789abcdefghijklmnopqrstuvwxyz");
const inBase32 = byHalf("abcdefghijklmnopqrstuvwxyz234567");
/** Up to four of six bits are spare. */
const inBase64: Differs = (one, other) => sixBits(one) >> 4 !== sixBits(other) >> 4;

function sixBits(character: string): number {
  return Math.max(BASE64URL.indexOf(character), BASE64.indexOf(character));
}

/**
 * What a character at the end of an encoded part must differ in, by every encoding that the text may be in. A decoder may
 * ignore spare bits (RFC 4648, 3.5): a text that differs in nothing else says the same.
 */
function differences(text: string): Differs[] {
  const letters = text.replaceAll(/[^0-9a-z]/gi, "");
  if (/^[0-9a-f]*$|^[0-9A-F]*$/.test(letters)) return [];
  if (/[a-z]/.test(letters) && /[A-Z]/.test(letters)) return [inBase64];
  return /^[a-z2-7]*$/i.test(letters) ? [inBase32Hex, inBase32] : [inBase32Hex];
}

/**
 * An opaque text with another character in one place, in up to `most` ways; all of them say something else, whatever the
 * encoding. The characters are ones that occur in the text, those of its end first: one of no place in the alphabet would
 * be refused by the decoder, and nobody would look at the signature. A text may be of any characters: half of one would
 * be no JSON (DATA-009).
 */
export function alterations(text: string, at: number, most: number): string[] {
  const characters = [...text];
  const old = characters[at]!;
  // Padding says nothing, so that another in its place may say nothing else.
  if (old === "=") return [];
  const used = [...new Set(characters.slice(-24).concat(characters))].filter(
    (one) => one !== old && one !== "=" && isAlphanumeric(one),
  );
  const isEnd = !isAlphanumeric(characters[at + 1]);
  const wanted = isEnd && isAlphanumeric(old) ? differences(text) : [];
  const fitting = used.filter((one) => wanted.every((differs) => differs(one, old)));
  const others = fitting.length > 0 || wanted.length > 0 ? fitting : [flipped(old)];
  const step = Math.max(1, Math.floor(others.length / most));
  return others
    .filter((_, index) => index % step === 0)
    .slice(0, most)
    .map((other) => characters.with(at, other).join(""));
}

/** Another character, that differs in the highest of its six bits. */
function flipped(character: string): string {
  const value = BASE64URL.indexOf(character);
  return value === -1 ? "A" : BASE64URL[value ^ 32]!;
}

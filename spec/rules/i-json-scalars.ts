import type { IJsonReason } from "./i-json.ts";

/** Ends the parse with a refusal; without a pointer, at the place that is being read. */
export type Refuse = (reason: IJsonReason, detail: string, offset: number, pointer?: string) => never;

const ESCAPES: Record<string, string> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
const FOUR_HEX = /[0-9a-fA-F]{4}/y;
const LONE_SURROGATE = /\p{Surrogate}/u;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;

/** Reads the string literal that opens at `start`; `end` is the offset after its closing quote. */
export function readString(text: string, start: number, refuse: Refuse): { value: string; end: number } {
  let value = "";
  let from = start + 1;
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 34) break;
    if (code !== 92) {
      if (at >= text.length) refuse("syntax", `The string at offset ${start} is not closed.`, start);
      if (code < 32) {
        refuse("syntax", `Control character at offset ${at}: write it as an escape.`, at);
      }
      at++;
      continue;
    }
    value += text.slice(from, at);
    const letter = text[at + 1] ?? "";
    if (letter === "u") {
      FOUR_HEX.lastIndex = at + 2;
      if (!FOUR_HEX.test(text)) refuse("syntax", `Bad \\u escape at offset ${at}: give four hex digits.`, at);
      value += String.fromCharCode(Number.parseInt(text.slice(at + 2, at + 6), 16));
      at += 6;
    } else {
      const meant = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
      if (meant === undefined) return refuse("syntax", `Unknown escape at offset ${at}.`, at);
      value += meant;
      at += 2;
    }
    from = at;
  }
  value += text.slice(from, at);
  if (LONE_SURROGATE.test(value)) {
    refuse(
      "lone-surrogate",
      `The string at offset ${start} has half of a surrogate pair: send whole characters.`,
      start,
    );
  }
  return { value, end: at + 1 };
}

/** Reads the number literal at `start`; `end` is the offset after it. */
export function readNumber(text: string, start: number, refuse: Refuse): { value: number; end: number } {
  NUMBER.lastIndex = start;
  const match = NUMBER.exec(text);
  if (match === null) return refuse("syntax", `Bad number at offset ${start}.`, start);
  const value = Number(match[0]);
  const isInteger = match[1] === undefined && match[2] === undefined;
  if (isInteger && !Number.isSafeInteger(value)) {
    refuse("unsafe-integer", `The integer at offset ${start} is beyond ±(2^53 − 1): send it as text.`, start);
  }
  if (!Number.isFinite(value)) {
    refuse(
      "number-overflow",
      `The number at offset ${start} is too great for binary64: send it as text.`,
      start,
    );
  }
  return { value, end: start + match[0].length };
}

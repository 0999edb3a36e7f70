import { isJsonObject } from "../../schemas/json.ts";
import type { Json, JsonObject } from "../../schemas/json.ts";
import type { Dice } from "../histories/dice.ts";
import { HUGE_NUMBERS, nested } from "./strange.ts";
import { nodes, renderWith } from "./tree.ts";

/** A text that is no I-JSON, made of the JSON of a value; `maxDepth`: the deepest nesting that is allowed. */
type Spoil = (dice: Dice, value: JsonObject, maxDepth: number) => string | Uint8Array;

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const place = (dice: Dice, value: Json, fits: (value: Json) => boolean = () => true) =>
  dice.pick([...nodes(value)].filter((node) => node.path.length > 0 && fits(node.value)));
const put =
  (textOf: (dice: Dice, maxDepth: number) => string): Spoil =>
  (dice, value, maxDepth) =>
    renderWith(value, place(dice, value).path, textOf(dice, maxDepth));

/** A member twice: its name may be spelt in another way, and its value the same. */
const twice: Spoil = (dice, value) => {
  const objects = [...nodes(value)].filter(
    (node): node is typeof node & { value: JsonObject } =>
      isJsonObject(node.value) && Object.keys(node.value).length > 0,
  );
  const { path, value: object } = dice.pick(objects);
  const name = dice.pick(Object.keys(object));
  const escaped = `"${[...name].map((one) => (/[a-z]/.test(one) ? `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}` : JSON.stringify(one).slice(1, -1))).join("")}"`;
  const again = dice.chance(0.5) ? JSON.stringify(name) : escaped;
  const second = dice.chance(0.5) ? JSON.stringify(object[name]) : '"second"';
  return renderWith(value, path, `${JSON.stringify(object).slice(0, -1)},${again}:${second}}`);
};

const notUtf8: Spoil = (dice, value) => {
  const bytes = utf8(renderWith(value, place(dice, value).path, '"?"'));
  const bad = dice.pick([
    [0xff],
    [0xc0, 0xaf],
    [0xed, 0xa0, 0x80],
    [0xe2, 0x82],
    [0x80],
    [0xf5, 0x80, 0x80, 0x80],
  ]);
  const at = bytes.lastIndexOf(0x3f);
  return Uint8Array.from([...bytes.slice(0, at), ...bad, ...bytes.slice(at + 1)]);
};

const utf16: Spoil = (dice, value) => {
  const text = `${dice.chance(0.5) ? "\ufeff" : ""}${JSON.stringify(value)}`;
  return new Uint8Array(Buffer.from(text, "utf16le"));
};

/** Never begins as JSON does. */
const rawBytes: Spoil = (dice) =>
  Uint8Array.from({ length: 1 + dice.below(200) }, (_, index) => (index === 0 ? 0xfe : dice.below(256)));

/** Texts and bytes that are no I-JSON, each by one fault; a server must refuse them all. */
export const SPOILS: Record<string, Spoil> = {
  "cut short": (dice, value) => {
    const text = JSON.stringify(value);
    // Half a character would be told as U+FFFD, which a socket may close for (RT-008).
    return text.slice(0, 1 + dice.below(text.length - 1)).replace(/[\ud800-\udbff]$/, "");
  },
  "followed by more": (dice, value) =>
    `${JSON.stringify(value)}${dice.pick(["}", "]", "{}", ",", "x", "\u0000", "null", '{"changes":{}}'])}`,
  "a byte order mark": (_dice, value) => `\ufeff${JSON.stringify(value)}`,
  "a member twice": twice,
  "a lone surrogate": put((dice) =>
    dice.pick(['"\\ud83c"', '"a\\udfb5b"', '"\\udfb5\\ud83c"', '{"\\ud800":1}', '["\\udbff\\udbff"]']),
  ),
  "a number too great": put((dice) => dice.pick(HUGE_NUMBERS)),
  "nested too deep": put((dice, maxDepth) => nested(dice, maxDepth + dice.pick([1, 2, 100, 2_000]))),
  "a word that is no JSON": put((dice) =>
    dice.pick([
      "NaN",
      "-Infinity",
      "undefined",
      "'text'",
      "01",
      ".5",
      "+1",
      "0x10",
      "1.",
      "True",
      "// x\n1",
      "[1,]",
    ]),
  ),
  "a control character in a text": put((dice) =>
    dice.pick(['"a\nb"', '"\u0000"', '"\t"', '"\\x41"', '"\\u12"']),
  ),
  "not UTF-8": notUtf8,
  "UTF-16": utf16,
  "random bytes": rawBytes,
};

import type { Json, JsonObject } from "../../schemas/json.ts";

/** Why a text is not I-JSON (RFC 7493), and where. */
export class IJsonError extends Error {
  /** Plain words: what is wrong. */
  readonly reason: string;
  /** JSON Pointer (RFC 6901) to the value in which it was found. */
  readonly pointer: string;
  /** Position in the text, in UTF-16 code units from 0. */
  readonly offset: number;

  constructor(reason: string, pointer: string, offset: number) {
    super(`${reason} at ${pointer === "" ? "the top level" : pointer}, offset ${offset}`);
    this.name = "IJsonError";
    this.reason = reason;
    this.pointer = pointer;
    this.offset = offset;
  }
}

/** Decodes UTF-8. @throws IJsonError where the bytes are not UTF-8. A byte order mark is kept, and so refused by the parser. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new IJsonError("the bytes are not UTF-8", "", 0);
  }
}

/**
 * Parses I-JSON (RFC 7493): JSON without duplicate names, lone surrogates, numbers that overflow binary64, and integers (no
 * fraction, no exponent) beyond ±(2^53 − 1). Names such as `__proto__` become ordinary members.
 *
 * @param options.maxDepth how deep arrays and objects may nest; the outermost is level 1
 * @throws IJsonError at the first thing that is wrong
 */
export function parseIJson(text: string, options: { maxDepth: number }): Json {
  const parser = new Parser(text, options.maxDepth);
  const value = parser.value();
  parser.end();
  return value;
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const SPACE = /[ \t\n\r]*/y;
const LITERALS: readonly [string, Json][] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

class Parser {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  value(): Json {
    this.#space();
    const value = this.#bare();
    this.#space();
    return value;
  }

  end(): void {
    if (this.#at < this.#text.length) this.#fail("something follows the value");
  }

  #bare(): Json {
    const next = this.#text[this.#at];
    if (next === "{") return this.#object();
    if (next === "[") return this.#array();
    if (next === '"') return this.#string();
    for (const [word, value] of LITERALS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    return this.#number();
  }

  #object(): JsonObject {
    const object: JsonObject = {};
    if (this.#opensEmpty("}")) return object;
    this.#enter();
    do {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#fail("a member name is missing");
      const name = this.#string();
      if (Object.hasOwn(object, name)) this.#fail(`the member name ${JSON.stringify(name)} comes twice`);
      this.#space();
      if (this.#text[this.#at] !== ":") this.#fail("a colon is missing");
      this.#at += 1;
      this.#path[this.#path.length - 1] = name;
      const value = this.value();
      // Not `object[name] = value`: that would call the setter behind `__proto__`.
      Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
    } while (this.#goesOn("}"));
    return object;
  }

  #array(): Json[] {
    const array: Json[] = [];
    if (this.#opensEmpty("]")) return array;
    this.#enter();
    do {
      this.#path[this.#path.length - 1] = array.length;
      array.push(this.value());
    } while (this.#goesOn("]"));
    return array;
  }

  /** Steps over the opening bracket, and over the closing one if it follows at once. */
  #opensEmpty(close: string): boolean {
    if (this.#path.length >= this.#maxDepth) this.#fail(`nested deeper than ${this.#maxDepth} levels`);
    this.#at += 1;
    this.#space();
    if (this.#text[this.#at] !== close) return false;
    this.#at += 1;
    return true;
  }

  #enter(): void {
    this.#path.push("");
  }

  /** After an element: true at a comma; false, with the level left, at the closing bracket. */
  #goesOn(close: string): boolean {
    const next = this.#text[this.#at];
    if (next !== "," && next !== close) this.#fail(`a comma or ${close} is missing`);
    this.#at += 1;
    if (next === close) this.#path.pop();
    return next === ",";
  }

  #string(): string {
    const start = this.#at;
    this.#at += 1;
    // Run by run, not by one expression over it all: that would overflow the stack on a long string.
    for (this.#skip(PLAIN); this.#text[this.#at] !== '"'; this.#skip(PLAIN)) {
      if (!this.#skip(ESCAPE)) this.#fail("a string is not well formed");
    }
    this.#at += 1;
    const value = JSON.parse(this.#text.slice(start, this.#at)) as string;
    if (!value.isWellFormed()) this.#fail("a string has a lone surrogate");
    return value;
  }

  #number(): number {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (match === null) this.#fail("a value is missing or not well formed");
    const value = Number(match[0]);
    if (!Number.isFinite(value)) this.#fail(`the number ${excerpt(match[0])} overflows binary64`);
    if (match[1] === undefined && match[2] === undefined && !Number.isSafeInteger(value)) {
      this.#fail(`the integer ${excerpt(match[0])} lies beyond 2^53 - 1`);
    }
    this.#at += match[0].length;
    return value;
  }

  #space(): void {
    this.#skip(SPACE);
  }

  /** Steps over what a sticky expression matches here; false where it does not match. */
  #skip(expression: RegExp): boolean {
    expression.lastIndex = this.#at;
    if (!expression.test(this.#text)) return false;
    this.#at = expression.lastIndex;
    return true;
  }

  #fail(reason: string): never {
    const pointer = this.#path
      .map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`)
      .join("");
    throw new IJsonError(reason, pointer, this.#at);
  }
}

function excerpt(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

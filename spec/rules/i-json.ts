import type { Json, JsonObject } from "../../schemas/json.ts";
import { readNumber, readString, type Refuse } from "./i-json-scalars.ts";

/** Why a text is refused: `encoding` and `syntax` are not JSON at all, `depth` is over the limit, the rest is JSON that is not I-JSON. */
export type IJsonReason =
  | "encoding"
  | "byte-order-mark"
  | "syntax"
  | "duplicate-member"
  | "lone-surrogate"
  | "number-overflow"
  | "unsafe-integer"
  | "depth";

/** The refusal of a text that is not I-JSON. The message names place and remedy and may be shown to the sender. */
export class IJsonError extends Error {
  readonly reason: IJsonReason;
  /** JSON Pointer (RFC 6901) of the value or member at fault; for a lone surrogate in a name, of its object. */
  readonly pointer: string;
  /** Where in the text, in UTF-16 code units from 0; 0 for `encoding`. */
  readonly offset: number;

  constructor(reason: IJsonReason, detail: string, pointer: string, offset: number) {
    super(detail);
    this.name = "IJsonError";
    this.reason = reason;
    this.pointer = pointer;
    this.offset = offset;
  }
}

/** The text of UTF-8 bytes, a byte order mark included; throws an {@link IJsonError} `encoding` if they are not valid UTF-8 (DATA-012). */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new IJsonError("encoding", "The body is not valid UTF-8: encode it as UTF-8.", "", 0);
  }
}

interface Container {
  value: Json[] | JsonObject;
  /** The member that is being read; unused for an array. */
  name: string;
}

/**
 * Parses I-JSON (RFC 7493): what `JSON.parse` accepts, except duplicate member names (after unescaping), lone surrogates, numbers that
 * overflow binary64, integers without fraction and exponent beyond ±(2^53 − 1), and nesting deeper than `maxDepth` levels (the outermost array or
 * object is level 1). A name such as `__proto__` becomes an ordinary own member.
 *
 * Throws an {@link IJsonError} for the first fault in the text. Linear in the text's length; does not recurse.
 *
 * Source: spec/data.md, DATA-008 to DATA-011; LIM-005.
 */
export function parseIJson(text: string, options: { maxDepth: number }): Json {
  const stack: Container[] = [];
  let at = 0;
  const refuse: Refuse = (reason, detail, offset, pointer = pointerOf(stack)) => {
    throw new IJsonError(reason, detail, pointer, offset);
  };
  const skip = () => {
    for (let code = text.charCodeAt(at); code === 32 || code === 10 || code === 13 || code === 9;) {
      code = text.charCodeAt(++at);
    }
  };
  const expected = (what: string) =>
    refuse(
      "syntax",
      `${at < text.length ? "Unexpected character" : "The text ends"} at offset ${at}: expected ${what}.`,
      at,
    );
  const readName = (container: Container) => {
    // While the name is read the member has none yet: faults in it belong to the object.
    stack.pop();
    skip();
    if (text.charCodeAt(at) !== 34) expected("a member name in double quotes");
    const start = at;
    const read = readString(text, at, refuse);
    stack.push(container);
    container.name = read.value;
    at = read.end;
    if (Object.hasOwn(container.value, read.value)) {
      refuse(
        "duplicate-member",
        `The object has two members of one name at offset ${start}: send each name once.`,
        start,
      );
    }
    skip();
    if (text.charCodeAt(at) !== 58) expected("':'");
    at++;
  };

  if (text.charCodeAt(0) === 0xfeff) {
    refuse("byte-order-mark", "The text begins with a byte order mark: send it without.", 0);
  }
  for (;;) {
    skip();
    let value: Json;
    const code = text.charCodeAt(at);
    if (code === 123 || code === 91) {
      const opened = code === 123 ? {} : [];
      if (stack.length >= options.maxDepth) {
        refuse(
          "depth",
          `Nested deeper than ${options.maxDepth} levels at offset ${at}: send flatter data.`,
          at,
        );
      }
      at++;
      skip();
      if (text.charCodeAt(at) !== code + 2) {
        const container = { value: opened, name: "" };
        stack.push(container);
        if (code === 123) readName(container);
        continue;
      }
      at++;
      value = opened;
    } else if (code === 34) {
      const read = readString(text, at, refuse);
      value = read.value;
      at = read.end;
    } else if (code === 45 || (code >= 48 && code <= 57)) {
      const read = readNumber(text, at, refuse);
      value = read.value;
      at = read.end;
    } else if (text.startsWith("true", at)) {
      value = true;
      at += 4;
    } else if (text.startsWith("false", at)) {
      value = false;
      at += 5;
    } else if (text.startsWith("null", at)) {
      value = null;
      at += 4;
    } else {
      return expected("a value");
    }

    // A value is complete: put it where it belongs, and close every container that ends after it.
    for (;;) {
      skip();
      const container = stack.at(-1);
      if (container === undefined) return at === text.length ? value : expected("the end");
      const isArray = Array.isArray(container.value);
      if (isArray) (container.value as Json[]).push(value);
      else define(container.value as JsonObject, container.name, value);
      const next = text.charCodeAt(at);
      if (next === 44) {
        at++;
        if (!isArray) readName(container);
        break;
      }
      if (next !== (isArray ? 93 : 125)) return expected(isArray ? "',' or ']'" : "',' or '}'");
      at++;
      value = container.value;
      stack.pop();
    }
  }
}

function define(object: JsonObject, name: string, value: Json): void {
  // Assigning to an inherited name could run a setter (`__proto__`): DATA-011.
  if (name in object)
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  else object[name] = value;
}

function pointerOf(stack: Container[]): string {
  let pointer = "";
  for (const { value, name } of stack) {
    const step = Array.isArray(value)
      ? String(value.length)
      : name.replaceAll("~", "~0").replaceAll("/", "~1");
    pointer += "/" + step;
  }
  return pointer;
}

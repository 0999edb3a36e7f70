import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { alterations } from "./altered.ts";

const bytes = Buffer.from("Sixteen bytes are a signature, and some more of them", "utf8");
const places = (text: string) => [...text].map((_, at) => at);

describe("alterations", () => {
  it("stay within the alphabet of the text", () => {
    for (const text of [bytes.toString("hex"), bytes.toString("base64url")]) {
      const used = new Set(text);
      for (const at of places(text)) {
        for (const altered of alterations(text, at, 2)) {
          expect([...altered].filter((one) => !used.has(one))).toEqual([]);
          expect(altered).not.toBe(text);
        }
      }
    }
  });

  it.each([50, 51, 52])("of %i bytes in base64url decode to others at every place", (length) => {
    const text = bytes.subarray(0, length).toString("base64url");
    for (const at of places(text)) {
      const found = alterations(text, at, 2);
      expect(found.length).toBeGreaterThan(0);
      for (const altered of found)
        expect(Buffer.from(altered, "base64url")).not.toEqual(bytes.subarray(0, length));
    }
  });

  it("leave padding alone", () => expect(alterations("QQ==", 3, 2)).toEqual([]));

  it("of base32 differ at its end in the highest bit", () => {
    expect(alterations("kabcdeqrstz0189va", 16, 9).map((text) => text.at(-1))).toEqual([..."kqrstzv"]);
    expect(alterations("abcpqz23", 7, 9).map((text) => text.at(-1))).toEqual(["p"]);
  });

  it("find another character also where the text has but one", () => {
    expect(alterations("aaaa", 1, 2)).toEqual(["a6aa"]);
  });
});

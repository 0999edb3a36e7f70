import { serverCheck } from "../../check.ts";
import { ENTITY_TYPES } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { asBatch, asChanges } from "../every-type.ts";
import { idOf } from "../reading.ts";
import * as faulty from "./data-characters.mutants.ts";

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** All control characters, separators that end lines somewhere, and code points that are no characters: JSON has them all. */
const ODD = [
  ...range(0x00, 0x1f),
  ...range(0x7f, 0x9f),
  0x2028,
  0x2029,
  0xfdd0,
  0xfffe,
  0xffff,
  0x1fffe,
  0x10ffff,
].map((code) => String.fromCodePoint(code));

export const everyCharacter = serverCheck({
  id: "DATA-002/every-character",
  name: "control characters and noncharacters, U+0000 the first of them, come back in texts and names, in every type and on every path",
  brokenBy: [
    faulty.dropsNul,
    faulty.cutsTextsAtNul,
    faulty.dropsNulInBatches,
    faulty.dropsNulInNames,
    faulty.replacesControlCharacters,
    faulty.replacesNoncharacters,
  ],
  async run({ device, newDevice, expect, anItem, edited }) {
    const byName = Object.fromEntries(ODD.map((odd) => [`a${odd}b`, `a${odd}b${odd}`]));
    const odd: JsonObject = {
      ...byName,
      deep: [byName, ODD, ODD.join("")],
      end: "a\u0000",
      start: "\u0000a",
    };
    // What the server knows goes another way, maybe, than what it does not.
    const items = ENTITY_TYPES.map((type) => anItem(type, { ...odd, notes: ODD.join("x") }));

    await device.push(asChanges(items));
    const edits = items.map((item) => edited(item, { more: "\u0000 by batch" }));
    for (const written of [items, edits]) {
      if (written === edits) await device.batch(asBatch(edits));
      const pulled = await newDevice().pullAll();
      for (const item of written) {
        const { authorId: _author, ...stored } = expect.live(pulled, idOf(item)).item;
        expect.equal("stored item", stored, item);
      }
    }
  },
});

export const checksumOfNul = serverCheck({
  id: "DATA-006/text-with-nul",
  name: "the checksum covers a text with U+0000 whole",
  brokenBy: [faulty.hashesNulAsNothing, faulty.dropsNul, faulty.cutsTextsAtNul],
  async run({ device, expect, at }) {
    const nul = { id: "nul", title: "a\u0000b", updatedAt: at(-60_000) };
    // The SHA-256 of {"id":"nul","title":"a\u0000b"}, the escape written out.
    const checksum = "926a285104c8ff5a576a95709b72dc4c46f08e3e821a7e147103cecdf80aa537";
    const { meta } = expect.outcome(await device.push({ goals: [nul] }), 0, "applied");
    expect.equal("checksum", meta?.checksum, checksum);
    expect.outcomes(await device.batch([{ id: "nul", type: "goal", data: nul, checksum }]), ["duplicate"]);
    expect.equal("stored title", expect.live(await device.pullAll(), "nul").item["title"], "a\u0000b");
  },
});

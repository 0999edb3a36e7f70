import { isJsonObject } from "../../../schemas/json.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../../model/context.ts";
import { afterNormalising } from "../../model/deform.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";

/** Changes texts within items, at any depth: values, or names of members. */
const changing = (
  change: (text: string) => string,
  of: "values" | "names" = "values",
  where: (context: Context) => boolean = () => true,
): Mutant["deform"] => {
  const changed = (value: Json): Json => {
    if (typeof value === "string") return of === "values" ? change(value) : value;
    if (Array.isArray(value)) return value.map(changed);
    return isJsonObject(value) ? ofObject(value) : value;
  };
  const ofObject = (object: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(object).map(([name, one]) => [of === "names" ? change(name) : name, changed(one)]),
    );
  return afterNormalising((item, _sent, _type, context) => (where(context) ? ofObject(item) : item));
};

const withoutNul = (text: string): string => text.replaceAll("\u0000", "");

export const dropsNul = mutant({
  name: "drops-nul",
  story: "PostgreSQL's jsonb does not take \\u0000, so it is cut out before the item is stored.",
  breaks: ["DATA-002", "DATA-001", "DATA-006"],
  deform: changing(withoutNul),
});

export const cutsTextsAtNul = mutant({
  name: "cuts-texts-at-nul",
  story: "The driver hands texts over as C does, up to the first NUL.",
  breaks: ["DATA-002", "DATA-001", "DATA-006"],
  deform: changing((text) => text.split("\u0000")[0]!),
});

export const dropsNulInBatches = mutant({
  name: "drops-nul-in-batches",
  story: "The batch is copied into the store as a file, whose columns end at NUL.",
  breaks: ["DATA-002", "BATCH-001"],
  deform: changing(withoutNul, "values", ({ endpoint }) => endpoint === "batch"),
});

export const dropsNulInNames = mutant({
  name: "drops-nul-in-names",
  story: "Names of members become paths of the document store, which end at NUL.",
  breaks: ["DATA-002"],
  deform: changing(withoutNul, "names"),
});

export const replacesControlCharacters = mutant({
  name: "replaces-control-characters",
  story: "Items are kept as XML 1.0, which has no control characters but three.",
  breaks: ["DATA-002", "DATA-001", "DATA-006"],
  // eslint-disable-next-line no-control-regex
  deform: changing((text) => text.replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/g, "\uFFFD")),
});

export const replacesNoncharacters = mutant({
  name: "replaces-noncharacters",
  story: "The text library replaces code points that are no characters, U+FFFE among them.",
  breaks: ["DATA-002", "DATA-001", "DATA-006"],
  deform: changing((text) => text.replaceAll(/[\uFFFE\uFFFF\uFDD0]|\u{1FFFE}/gu, "\uFFFD")),
});

export const hashesNulAsNothing = mutant({
  name: "hashes-nul-as-nothing",
  story: "The checksum is made by a library that takes texts as C does.",
  breaks: ["DATA-006", "DATA-002"],
  deform: (conforming) => ({
    ...conforming,
    examine: async (context, submission) => {
      const candidate = await conforming.examine(context, submission);
      if (candidate.deleted || !JSON.stringify(candidate.item).includes("\\u0000")) return candidate;
      const checksum = candidate.checksum.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
      return { ...candidate, checksum, stamp: { ...candidate.stamp, checksum } };
    },
  }),
});

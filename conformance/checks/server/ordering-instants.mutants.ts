import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { afterExamining, beforeNormalising, judgingBy, without } from "../../model/deform.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import type { Stamp } from "../../../spec/rules/stamp.ts";
import { formatInstant, parseInstant } from "../../../spec/rules/instant.ts";
import { compareStamps } from "../../../spec/rules/stamp.ts";

/** A stamp of a server that also goes by what the writer wrote. It is stored with the row. */
type ToldStamp = Stamp & { told?: Json };

/** Compares stamps by what their writers wrote. */
function comparingAsTold(compare: (a: Json, b: Json) => number): Mutant["deform"] {
  const examining = afterExamining((candidate) => {
    const told = candidate.item[candidate.deleted ? "deletedAt" : "updatedAt"] ?? null;
    return { ...candidate, stamp: { ...candidate.stamp, told } as ToldStamp };
  });
  return (conforming) => ({
    ...examining(conforming),
    judge: judgingBy(
      (a: ToldStamp, b: ToldStamp) => compare(a.told ?? null, b.told ?? null) || ofOneTime(a, b),
    ),
  });
}

/** Compares two stamps as if their times were the same. */
const ofOneTime = (a: Stamp, b: Stamp): number =>
  compareStamps({ ...a, updatedAt: 0 }, { ...b, updatedAt: 0 });

const ordinal = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0);

/** Reads instants otherwise; `undefined` where the value is none. */
function readingInstants(read: (value: Json) => number | undefined): Mutant["deform"] {
  return (conforming) => ({ ...conforming, parseInstant: (_context, value) => read(value) });
}

const OFFSET = /[+-]\d\d:\d\d$/;

export const comparesTimesAsText = mutant({
  name: "compares-times-as-text",
  story: "The column is TEXT and compared as such, which works as long as everybody writes UTC.",
  breaks: ["ORD-002", "ORD-001", "DATA-013"],
  deform: comparingAsTold((a, b) => ordinal(String(a), String(b))),
});

export const putsNumbersBelowTexts = mutant({
  name: "puts-numbers-below-texts",
  story: "The store orders numbers before texts, whatever they mean.",
  breaks: ["ORD-002", "DATA-013"],
  deform: comparingAsTold((a, b) =>
    typeof a === typeof b
      ? ordinal(parseInstant(a) ?? 0, parseInstant(b) ?? 0)
      : ordinal(typeof a === "number" ? 0 : 1, typeof b === "number" ? 0 : 1),
  ),
});

export const dropsTheOffset = mutant({
  name: "drops-the-offset",
  story: "The parser reads the digits of the date and ignores what stands behind them.",
  breaks: ["ORD-002", "ORD-009", "DATA-013", "DATA-015"],
  deform: readingInstants((value) =>
    parseInstant(typeof value === "string" ? value.replace(OFFSET, "Z") : value),
  ),
});

export const addsTheOffset = mutant({
  name: "adds-the-offset",
  story: "The sign of the offset is applied the wrong way round.",
  breaks: ["ORD-002", "ORD-009", "DATA-013", "DATA-015"],
  deform: readingInstants((value) =>
    parseInstant(
      typeof value === "string" && OFFSET.test(value)
        ? value.slice(0, -6) + (value.at(-6) === "+" ? "-" : "+") + value.slice(-5)
        : value,
    ),
  ),
});

export const cutsToSeconds = mutant({
  name: "cuts-to-seconds",
  story: "Times are stored as Unix seconds.",
  breaks: ["ORD-003", "ORD-009", "DATA-015"],
  deform: readingInstants((value) => {
    const instant = parseInstant(value);
    return instant === undefined ? undefined : Math.floor(instant / 1000) * 1000;
  }),
});

export const roundsFractions = mutant({
  name: "rounds-fractions",
  story: "The fraction is multiplied by a thousand and rounded.",
  breaks: ["ORD-003", "DATA-013"],
  deform: readingInstants((value) => {
    const instant = parseInstant(value);
    const fourth = typeof value === "string" ? Number(/\.\d{3}(\d)/.exec(value)?.[1] ?? 0) : 0;
    return instant === undefined ? undefined : instant + (fourth >= 5 ? 1 : 0);
  }),
});

export const padsFractionsOnTheLeft = mutant({
  name: "pads-fractions-on-the-left",
  story: "The digits of the fraction are read as a number of milliseconds, so that .2 is 2 ms.",
  breaks: ["ORD-003", "ORD-009", "DATA-013", "DATA-015"],
  deform: readingInstants((value) =>
    parseInstant(
      typeof value === "string"
        ? value.replace(/\.(\d{1,2})(?!\d)/, (_all, digits: string) => `.${digits.padStart(3, "0")}`)
        : value,
    ),
  ),
});

export const keepsMicroseconds = mutant({
  name: "keeps-microseconds",
  story: "The database's timestamp type has microseconds, and they are compared.",
  breaks: ["ORD-003"],
  deform: comparingAsTold((a, b) => ordinal(micros(a), micros(b))),
});

function micros(value: Json): number {
  const finer = typeof value === "string" ? (/\.\d{3}(\d{1,3})/.exec(value)?.[1] ?? "0") : "0";
  return (parseInstant(value) ?? 0) * 1000 + Number(finer.padEnd(3, "0"));
}

export const stampsWithServerTime = mutant({
  name: "stamps-with-server-time",
  story: "updated_at is a column with ON UPDATE CURRENT_TIMESTAMP.",
  breaks: ["ORD-009", "ORD-001", "ORD-006"],
  deform: (conforming) => ({
    ...conforming,
    resolveStamp: (context, candidate, plan) =>
      context.behaviour.writeReceipt(context, candidate, context.behaviour.receiptTime(context, plan.top)),
  }),
});

export const canonicalisesTheItemsStamp = mutant({
  name: "canonicalises-the-items-stamp",
  story: "The stored item's updatedAt is filled from the column, in the column's form.",
  breaks: ["ORD-009"],
  deform: afterExamining((candidate) => {
    if (candidate.deleted || candidate.writtenAt === null) return candidate;
    return { ...candidate, item: { ...candidate.item, updatedAt: formatInstant(candidate.writtenAt) } };
  }),
});

export const clampsTheFutureToNow = mutant({
  name: "clamps-the-future-to-now",
  story: "A stamp of the future is set to the server's time rather than refused or kept.",
  breaks: ["ORD-009", "ORD-014"],
  deform: (conforming) => ({
    ...conforming,
    resolveStamp(context, candidate, plan) {
      if (candidate.writtenAt !== null && candidate.writtenAt > context.now) {
        context.behaviour.writeReceipt(context, candidate, context.now);
        return;
      }
      conforming.resolveStamp(context, candidate, plan);
    },
  }),
});

export const stampsDeployedWritesAlways = mutant({
  name: "stamps-deployed-writes-always",
  story: "Deployed peers' clocks are not trusted at all.",
  breaks: ["ORD-009", "ORD-015"],
  deform: (conforming) => ({
    ...conforming,
    isSkewed: (context, stamp, stored) => !context.announced || conforming.isSkewed(context, stamp, stored),
  }),
});

const forgetting = (name: string): Mutant["deform"] =>
  beforeNormalising((item: JsonObject) => without(item, name));

export const forgetsSnakeUpdatedAt = mutant({
  name: "forgets-snake-updated-at",
  story: "The list of snake-case names covers content only.",
  breaks: ["ORD-011", "NORM-001"],
  deform: forgetting("updated_at"),
});

export const forgetsSnakeDeletedAt = mutant({
  name: "forgets-snake-deleted-at",
  story: "Deletions are looked for under one name only.",
  breaks: ["ORD-011", "NORM-001", "DEL-001"],
  deform: forgetting("deleted_at"),
});

import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { afterNormalising, afterTellingMeta, without } from "../../model/deform.ts";
import type { Json } from "../../../schemas/json.ts";
import { formatInstant, parseInstant } from "../../../spec/rules/instant.ts";

/**
 * Reads stamps otherwise than the specification: `read` is asked about what is no instant by it. Where that makes
 * one of it, the item's schema does not object either.
 */
function readingAlso(read: (value: Json) => number | undefined): Mutant["deform"] {
  const reads = (value: Json): number | undefined => parseInstant(value) ?? read(value);
  return (conforming) => ({
    ...conforming,
    parseInstant: (_context, value) => reads(value),
    violationsOf: (context, entityType, item) =>
      conforming.violationsOf(
        context,
        entityType,
        reads(item["updatedAt"] ?? null) === undefined ? item : without(item, "updatedAt"),
      ),
  });
}

/** Reads no stamp of which `isBad` is true. */
function readingNot(isBad: (value: Json) => boolean): Mutant["deform"] {
  return (conforming) => ({
    ...conforming,
    parseInstant: (context, value) => (isBad(value) ? undefined : conforming.parseInstant(context, value)),
  });
}

const inText = (pattern: RegExp) => (value: Json) => typeof value === "string" && pattern.test(value);
const TIMES = [
  "timestamp",
  "createdAt",
  "updatedAt",
  "targetDate",
  "startedAt",
  "lastPracticedAt",
  "archivedAt",
  "scheduledStart",
  "scheduledEnd",
  "publishedAt",
];

export const refusesNumbersForInstants = mutant({
  name: "refuses-numbers-for-instants",
  story: "The schema says `type: string, format: date-time`.",
  breaks: ["DATA-013"],
  deform: (conforming) => ({
    ...conforming,
    violationsOf: (context, entityType, item) => [
      ...conforming.violationsOf(context, entityType, item),
      ...TIMES.filter((name) => name !== "updatedAt" && typeof item[name] === "number").map((name) => ({
        pointer: `/${name}`,
        keyword: "type",
        detail: "must be a text",
      })),
    ],
  }),
});

export const reformatsInstants = mutant({
  name: "reformats-instants",
  story: "Times are parsed into dates and written again in the server's form.",
  breaks: ["DATA-013", "ORD-009", "NORM-008"],
  deform: afterNormalising((item) => {
    const times = TIMES.flatMap((name): [string, Json][] => {
      const instant = parseInstant(item[name]);
      return instant === undefined ? [] : [[name, formatInstant(instant)]];
    });
    return { ...item, ...Object.fromEntries(times) };
  }),
});

export const refusesOffsets = mutant({
  name: "refuses-offsets",
  story: "The expression for times ends in Z.",
  breaks: ["DATA-013", "ORD-002"],
  deform: readingNot(inText(/[+-]\d\d:\d\d$/)),
});

export const refusesOffsetsOfNoTimeZone = mutant({
  name: "refuses-offsets-of-no-time-zone",
  story: "The library for times knows that no zone is more than 14 hours off.",
  breaks: ["DATA-013"],
  deform: readingNot(inText(/[+-](1[5-9]|2\d):\d\d$/)),
});

export const refusesLowerCaseInstants = mutant({
  name: "refuses-lower-case-instants",
  story: "The expression for times has a capital T and Z, which RFC 3339 does not ask for.",
  breaks: ["DATA-013"],
  deform: readingNot(inText(/[tz]/)),
});

export const knowsNoLeapYears = mutant({
  name: "knows-no-leap-years",
  story: "February has 28 days in the table.",
  breaks: ["DATA-013"],
  deform: readingNot(inText(/^\d{4}-02-29/)),
});

export const takesSmallNumbersForSeconds = mutant({
  name: "takes-small-numbers-for-seconds",
  story: "Numbers that look like Unix seconds are multiplied by a thousand.",
  breaks: ["DATA-013", "ORD-009", "ORD-015"],
  deform: (conforming) => ({
    ...conforming,
    parseInstant: (context, value) =>
      conforming.parseInstant(
        context,
        typeof value === "number" && value > 0 && value < 1e11 ? value * 1000 : value,
      ),
  }),
});

export const readsDatesLeniently = mutant({
  name: "reads-dates-leniently",
  story: "Whatever the language's date parser makes something of is taken.",
  breaks: ["DATA-014"],
  deform: readingAlso((value) =>
    typeof value === "string" && !/^0000|^\d{5}/.test(value) ? parseInstant(Date.parse(value)) : undefined,
  ),
});

export const rollsDaysOver = mutant({
  name: "rolls-days-over",
  story: "30 February becomes the first of March.",
  breaks: ["DATA-014"],
  deform: readingAlso((value) => {
    const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)T10:00:00Z$/.exec(String(value)) ?? [];
    return year === undefined || Number(month) > 12
      ? undefined
      : Date.UTC(Number(year), Number(month) - 1, Number(day), 10);
  }),
});

export const takesLeapSeconds = mutant({
  name: "takes-leap-seconds",
  story: "Second 60 is read as the next second, as RFC 3339 would allow.",
  breaks: ["DATA-014"],
  deform: readingAlso((value) => {
    const before = inText(/:60Z$/)(value) ? parseInstant(String(value).replace(/:60Z$/, ":59Z")) : undefined;
    return before === undefined ? undefined : before + 1000;
  }),
});

export const takesHour24 = mutant({
  name: "takes-hour-24",
  story: "24:00:00 is read as the end of the day, as ISO 8601 once allowed.",
  breaks: ["DATA-014"],
  deform: readingAlso((value) => {
    const midnight = inText(/T24:00:00Z$/)(value)
      ? parseInstant(String(value).replace("T24", "T00"))
      : undefined;
    return midnight === undefined ? undefined : midnight + 86_400_000;
  }),
});

export const readsNumericText = mutant({
  name: "reads-numeric-text",
  story: "A text of digits is turned into a number first.",
  breaks: ["DATA-014"],
  deform: readingAlso((value) => (inText(/^\d+$/)(value) ? Number(value) : undefined)),
});

export const setsNoLimitsToInstants = mutant({
  name: "sets-no-limits-to-instants",
  story: "Any integer is a time; one that no calendar has is moved to the end of it.",
  breaks: ["DATA-014"],
  deform: readingAlso((value) =>
    Number.isInteger(value) && (value as number) < 0 ? -62_135_596_800_000 : undefined,
  ),
});

export const takesUnreadableStampsForAbsent = mutant({
  name: "takes-unreadable-stamps-for-absent",
  story: "A stamp that does not parse is null, and null is no stamp.",
  breaks: ["DATA-014"],
  deform: (conforming) => ({
    ...conforming,
    violationsOf: (context, entityType, item) =>
      conforming.violationsOf(context, entityType, without(item, "updatedAt")),
    readStamp(context, submission, item, deleted) {
      try {
        return conforming.readStamp(context, submission, item, deleted);
      } catch {
        return null;
      }
    },
  }),
});

export const treatsUnreadableDeletionsAsLive = mutant({
  name: "treats-unreadable-deletions-as-live",
  story: "A deletedAt that does not parse is null, so the item is live.",
  breaks: ["DATA-014"],
  deform: afterNormalising((item) =>
    parseInstant(item["deletedAt"]) === undefined ? without(item, "deletedAt") : item,
  ),
});

export const tellsTheReceiptForDeletedAt = mutant({
  name: "tells-the-receipt-for-deleted-at",
  story: "deleted_at is set by the database when the row is marked.",
  breaks: ["DATA-015"],
  deform: afterTellingMeta((meta, { stamp, writtenAt }) =>
    stamp.deleted ? { ...meta, deletedAt: formatInstant(writtenAt) } : meta,
  ),
});

export const tellsWholeSeconds = mutant({
  name: "tells-whole-seconds",
  story: "The database's date function has no fraction; the zeros are put on for the form.",
  breaks: ["DATA-015", "ORD-018"],
  deform: afterTellingMeta((meta) => ({
    ...meta,
    updatedAt: String(meta["updatedAt"]).replace(/\.\d{3}Z$/, ".000Z"),
  })),
});

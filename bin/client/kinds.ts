import { didYouMean, UsageError } from "../../conformance/run/select.ts";
import type { EntityType } from "../../schemas/collections.ts";
import type { Json, JsonObject } from "../../schemas/json.ts";

/** How people at the command line speak of a type of entity. */
export interface Kind {
  type: EntityType;
  word: string;
  plural: string;
  /** The member that free text goes into. */
  text: string;
  /** What a new one has that nobody gave. */
  initially(now: Date): JsonObject;
  /** What tells one from another, in columns. */
  columns(item: JsonObject): string[];
}

const told = (value: Json | undefined): string =>
  value === undefined || value === null
    ? ""
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);

/** In the time zone of this machine, to the minute. */
function when(value: Json | undefined): string {
  if (typeof value !== "string" && typeof value !== "number") return "";
  const at = new Date(value);
  if (Number.isNaN(at.getTime())) return told(value);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

const planned = (item: JsonObject): string[] => [
  told(item["title"]),
  told((item["schedule"] as JsonObject | undefined)?.["kind"]),
  told(item["status"] ?? item["visibility"]),
];

export const KINDS: readonly Kind[] = [
  {
    type: "logbook_entry",
    word: "entry",
    plural: "logbook entries",
    text: "notes",
    initially: (now) => ({ timestamp: now.toISOString(), type: "practice" }),
    columns: (item) => [
      when(item["timestamp"]),
      `${told(item["duration"])} min`,
      [told(item["type"]), told(item["instrument"])].filter(Boolean).join(", "),
      told(item["notes"] ?? item["scoreTitle"]),
    ],
  },
  {
    type: "repertoire_item",
    word: "piece",
    plural: "pieces",
    text: "title",
    initially: () => ({ status: "planned" }),
    columns: (item) => [told(item["title"]), told(item["composer"]), told(item["status"])],
  },
  {
    type: "goal",
    word: "goal",
    plural: "goals",
    text: "title",
    initially: () => ({ status: "active" }),
    columns: (item) => [
      told(item["title"]),
      item["targetValue"] === undefined
        ? ""
        : `${told(item["currentValue"] ?? 0)} of ${told(item["targetValue"])}`,
      told(item["status"]),
    ],
  },
  {
    type: "practice_plan",
    word: "plan",
    plural: "plans",
    text: "title",
    initially: () => ({ schedule: { kind: "single" } }),
    columns: planned,
  },
  {
    type: "plan_occurrence",
    word: "occurrence",
    plural: "occurrences of plans",
    text: "notes",
    initially: () => ({ status: "scheduled" }),
    columns: (item) => [
      when(item["scheduledStart"]),
      told(item["planId"]),
      told(item["status"]),
      told(item["notes"]),
    ],
  },
  {
    type: "plan_template",
    word: "template",
    plural: "templates of plans",
    text: "title",
    initially: () => ({ schedule: { kind: "single" } }),
    columns: planned,
  },
  {
    type: "user_preferences",
    word: "preferences",
    plural: "preferences",
    text: "primaryInstrument",
    initially: () => ({ id: "preferences" }),
    columns: (item) => [told(item["theme"]), told(item["primaryInstrument"])],
  },
];

export function kindOf(type: EntityType): Kind {
  return KINDS.find((kind) => kind.type === type)!;
}

/** The kind that a word names: `goal`, or as it is on the wire, `logbook_entry`. @throws UsageError */
export function kindNamed(word: string | undefined): Kind {
  const names = KINDS.map((kind) => kind.word);
  if (word === undefined) throw new UsageError(`which type? There are ${names.join(", ")}`);
  const found = KINDS.find((kind) => kind.word === word || kind.type === word || kind.plural === word);
  if (found) return found;
  throw new UsageError(
    `there is no type "${word}"; there are ${names.join(", ")}.${didYouMean(word, names)}`,
  );
}

import type { JsonObject } from "../../schemas/json.ts";

/*
 * Messages as clients and servers exchange them. Made by counting, so that they are the same in every run, and no two are the same.
 */

const DAY = Date.parse("2026-01-01T07:00:00Z");
const MOODS = ["frustrated", "neutral", "satisfied", "excited", "proud", null];

/** A session in the logbook, with all that an app usually records: about 600 bytes. */
function entry(number: number): JsonObject {
  const at = (minutes: number) => new Date(DAY + (number * 1440 + minutes) * 60_000).toISOString();
  return {
    id: `entry-${number}`,
    timestamp: at(0),
    duration: number % 120,
    type: number % 7 === 0 ? "lesson" : "practice",
    instrument: "piano",
    pieces: [
      { id: "moonlight sonata-beethoven", title: "Moonlight Sonata", composer: "Beethoven", tempo: 52 },
      { id: "für elise-beethoven", title: "Für Elise", composer: "Beethoven", measures: "1-16", tempo: null },
    ],
    techniques: ["legato", "pedal"],
    goalIds: [`goal-${number % 12}`],
    notes: `Session ${number}: slow and even, "hands apart" first.\nThen together.`,
    mood: MOODS[number % MOODS.length]!,
    tags: ["morning", `week-${number % 52}`],
    sessionId: `session-${number}`,
    metadata: { source: "timer", pauses: number % 3 },
    autoTracked: number % 2 === 0,
    createdAt: at(45),
    updatedAt: at(46),
    deviceId: "device-1",
  };
}

/** What a server tells beside each entity. */
function meta(number: number): JsonObject {
  return {
    entityType: "logbook_entry",
    entityId: `entry-${number}`,
    version: 1 + (number % 9),
    seq: number + 1,
    updatedAt: new Date(DAY + number * 60_000).toISOString(),
    deletedAt: null,
    checksum: number.toString(16).padStart(64, "0"),
  };
}

const COUNT = 100;
const numbers = Array.from({ length: COUNT }, (_, index) => index);

export const ENTRIES = numbers.map(entry);
export const METAS = numbers.map(meta);

function without(of: JsonObject, member: string): JsonObject {
  return Object.fromEntries(Object.entries(of).filter(([name]) => name !== member));
}

/** Each way in which the entries of this corpus can be wrong, in one member. */
const WRONG: readonly ((of: JsonObject) => JsonObject)[] = [
  (of) => without(of, "duration"),
  (of) => ({ ...of, id: "" }),
  (of) => ({ ...of, duration: 1.5 }),
  (of) => ({ ...of, timestamp: "2026-02-30T07:00:00Z" }),
  (of) => ({ ...of, updatedAt: "yesterday" }),
  (of) => ({ ...of, type: null }),
  (of) => ({ ...of, instrument: "" }),
  (of) => ({ ...of, pieces: [{ composer: "Beethoven" }] }),
  (of) => ({ ...of, tags: ["morning", 7] }),
  (of) => ({ ...of, autoTracked: "yes" }),
];

export const WRONG_ENTRIES = ENTRIES.map((of, index) => WRONG[index % WRONG.length]!(of));

const WRONG_META: readonly ((of: JsonObject) => JsonObject)[] = [
  (of) => ({ ...of, seq: -1 }),
  (of) => ({ ...of, version: 0 }),
  (of) => ({ ...of, checksum: "ABC" }),
  (of) => without(of, "entityId"),
];

export const WRONG_METAS = METAS.map((of, index) => WRONG_META[index % WRONG_META.length]!(of));

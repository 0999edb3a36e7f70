import { serverCheck } from "../../check.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import {
  doesNotLowerCaseMoods,
  doesNotRenameInBatches,
  falsyCamelCaseLoses,
  forgetsOneSnakeName,
  keepsBothNames,
  keepsSnakeNames,
  lowerCasesByTheServersLocale,
  lowerCasesCharacterByCharacter,
  lowerCasesDeeply,
  lowerCasesEveryType,
  renamesDeeply,
  renamesEverySnakeName,
  renamesPerType,
  snakeCaseWins,
} from "./normalisation.mutants.ts";

const STAMP = "2024-01-01T10:00:00Z";

/** The closed list but for the stamps, each with a value of its own that any type of item may have. */
const SNAKE = {
  goal_ids: ["g1"],
  session_id: "s1",
  created_at: "2023-12-24T18:00:00Z",
  score_id: "etude",
  started_at: "2023-12-01",
  last_practiced_at: "2023-12-30",
  target_tempo: 120,
  current_tempo: 60,
  target_value: 10,
  current_value: 2,
  target_date: "2024-06-01",
  plan_id: "p1",
};
const CAMEL = {
  goalIds: ["g1"],
  sessionId: "s1",
  createdAt: "2023-12-24T18:00:00Z",
  scoreId: "etude",
  startedAt: "2023-12-01",
  lastPracticedAt: "2023-12-30",
  targetTempo: 120,
  currentTempo: 60,
  targetValue: 10,
  currentValue: 2,
  targetDate: "2024-06-01",
  planId: "p1",
};

export const snakeNames = serverCheck({
  id: "NORM-001/snake-case-names",
  name: "the snake-case names of the list are stored and returned in camel case, for every type of item",
  brokenBy: [keepsSnakeNames, forgetsOneSnakeName, renamesPerType],
  async run({ device, newDevice, expect }) {
    const own = {
      entries: { id: "e1", timestamp: STAMP, duration: 5, type: "practice" },
      goals: { id: "g1", title: "Goal" },
      repertoire: { title: "Étude", status: "learning" },
      practicePlans: { id: "p1", title: "Plan", schedule: { kind: "single" } },
      planOccurrences: { id: "o1" },
      planTemplates: { id: "t1", title: "Template", schedule: { kind: "single" } },
      preferences: { id: "preferences" },
    };
    const stamps = { updated_at: STAMP, device_id: "phone", user_id: "someone", deleted_at: null };
    const sent = Object.fromEntries(
      Object.entries(own).map(([member, item]) => [member, [{ ...item, ...SNAKE, ...stamps }]]),
    );
    const before = await device.cursor();
    const reply = await device.push(sent);
    expect.outcomes(
      reply,
      Array.from({ length: 7 }, () => "applied" as const),
    );

    for (const pulled of [await newDevice().pull(), await newDevice().pull({ since: before })]) {
      for (const [member, item] of Object.entries(own) as [keyof typeof own, JsonObject][]) {
        const { deviceId, authorId: _author, ...stored } = pulled.body[member][0] ?? {};
        expect.equal(`item in ${member}`, stored, { ...item, ...CAMEL, updatedAt: STAMP });
        expect.equal(`deviceId in ${member}`, deviceId, "phone");
      }
    }

    // A writer that spells it in camel case writes the same thing.
    const again = { ...own.goals, ...CAMEL, updatedAt: STAMP };
    expect.outcome(await newDevice().push({ goals: [again] }), 0, "duplicate");
  },
});

export const snakeNamesHashed = serverCheck({
  id: "NORM-001/hashed-in-camel-case",
  name: "the checksum is that of the item in camel case, in push and batch",
  brokenBy: [keepsSnakeNames, doesNotRenameInBatches],
  async run({ device, newDevice, expect }) {
    const camel = { id: "a", title: "Goal", targetValue: 10, currentValue: 2, updatedAt: STAMP };
    const snake = { id: "a", title: "Goal", target_value: 10, current_value: 2, updated_at: STAMP };
    const { meta } = expect.outcome(await device.push({ goals: [camel] }), 0, "applied");
    expect.outcome(await newDevice().push({ goals: [snake] }), 0, "duplicate");
    const batch = await newDevice().batch([{ id: "a", type: "goal", data: snake }]);
    expect.equal("checksum", expect.outcome(batch, 0, "duplicate").meta?.checksum, meta?.checksum);
  },
});

export const bothNames = serverCheck({
  id: "NORM-002/camel-case-wins",
  name: "where an item has both forms of a name the camel-case one is kept, also if it is zero, empty or earlier, and the other is gone",
  brokenBy: [snakeCaseWins, falsyCamelCaseLoses, keepsBothNames],
  async run({ device, newDevice, expect, http }) {
    const goal = {
      id: "g1",
      title: "Goal",
      current_value: 5,
      currentValue: 0,
      targetDate: "",
      target_date: "2024-06-01",
      targetValue: null,
      target_value: 7,
      // The later one is in the form that loses.
      updatedAt: STAMP,
      updated_at: "2024-01-02T10:00:00Z",
    };
    await http({ path: "/api/sync/push", as: device, json: { changes: { goals: [goal] } } });
    const row = expect.live(await newDevice().pullAll(), "g1");
    const { currentValue, targetDate, targetValue, updatedAt } = goal;
    const kept = { id: "g1", title: "Goal", currentValue, targetDate, targetValue, updatedAt };
    expect.equal("stored item", row.item, kept);
    expect.equal("stamp", row.meta.updatedAt, "2024-01-01T10:00:00.000Z");
    expect.outcome(await device.push({ goals: [kept] }), 0, "duplicate");
  },
});

export const lowerCase = serverCheck({
  id: "NORM-003/lower-case",
  name: "instrument, type and mood of a logbook entry are stored in lower case, and nothing else is",
  brokenBy: [doesNotLowerCaseMoods, lowerCasesDeeply, lowerCasesEveryType],
  async run({ device, newDevice, expect, anEntry, aGoal, aPlan, preferences }) {
    const entry = anEntry({
      type: "Status_Change",
      instrument: "Alto SAXOPHONE",
      mood: "Excited",
      notes: "With the Piano",
      tags: ["Morning"],
      techniques: ["Legato"],
      metadata: { type: "Practice", instrument: "Piano", mood: "Proud" },
      pieces: [{ id: "A", title: "Étude", type: "Solo" }],
    });
    const goal = aGoal({ type: "Accuracy", mood: "Hopeful", instrument: "Piano" });
    const plan = aPlan({ type: "BootCamp" });
    const prefs = preferences({ primaryInstrument: "Piano" });
    await device.push({ entries: [entry], goals: [goal], practicePlans: [plan], preferences: [prefs] });

    const { body } = await newDevice().pull();
    const stored = { ...entry, type: "status_change", instrument: "alto saxophone", mood: "excited" };
    expect.equal("entry", body.entries[0], stored);
    expect.equal("goal", body.goals[0], goal);
    expect.equal("plan", body.practicePlans[0], plan);
    expect.equal("preferences", body.preferences[0], prefs);
    expect.outcome(await newDevice().push({ entries: [stored] }), 0, "duplicate");

    const silent = anEntry({ mood: null });
    await device.push({ entries: [silent] });
    expect.equal("mood", expect.live(await newDevice().pullAll(), silent["id"] as string).item["mood"], null);
  },
});

export const unicodeLowerCase = serverCheck({
  id: "NORM-003/unicode-default-mapping",
  name: "lower case is Unicode's default mapping, whatever the server's locale",
  brokenBy: [lowerCasesByTheServersLocale, lowerCasesCharacterByCharacter],
  async run({ device, newDevice, expect, anEntry }) {
    const entries = [
      anEntry({ instrument: "VIOLIN", mood: "ÜBERGLÜCKLICH" }),
      // A capital I with a dot becomes an i and a combining dot above.
      anEntry({ instrument: "\u0130stanbul saz\u0131" }),
      // A sigma at the end of a word has a form of its own.
      anEntry({ instrument: "ΜΠΟΥΖΟΥΚΙΑΣ" }),
      anEntry({ instrument: "STRAẞE \u{10400}" }),
    ];
    const expected = ["violin", "i\u0307stanbul saz\u0131", "μπουζουκιας", "straße \u{10428}"];
    await device.push({ entries });
    const pulled = await newDevice().pullAll();
    for (const [index, entry] of entries.entries()) {
      const { item } = expect.live(pulled, entry["id"] as string);
      expect.equal("instrument", item["instrument"], expected[index]);
    }
    expect.equal("mood", expect.live(pulled, entries[0]?.["id"] as string).item["mood"], "überglücklich");
  },
});

export const otherSnakeNames = serverCheck({
  id: "NORM-010/other-names-stay",
  name: "snake-case names that are not in the list, and all names below the top level, stay as they are",
  brokenBy: [renamesEverySnakeName, renamesDeeply],
  async run({ device, newDevice, expect, anEntry, aPlan, aGoal }) {
    const entry = anEntry({
      practice_room: "B12",
      score_title: "not a name of the list",
      auto_tracked: true,
      Goal_ids: 1,
      goal_ids_: 2,
      metadata: { goal_ids: ["g1"], session_id: "s1", updated_at: "yesterday", deleted_at: "today" },
      pieces: [{ id: "a", title: "A", target_tempo: 90, last_practiced_at: "x" }],
    });
    const plan = aPlan({
      schedule: { kind: "single", started_at: "x", target: { target_value: 3 } },
      pieceRefs: [{ scoreId: "a", current_tempo: 4 }],
      log_entry_id: "e1",
    });
    const goal = aGoal({ published_at: "2024-01-01", reminder_state: { plan_id: "p1" } });
    await device.push({ entries: [entry], practicePlans: [plan], goals: [goal] });
    const { body } = await newDevice().pull();
    expect.equal("entry", body.entries[0], entry);
    expect.equal("plan", body.practicePlans[0], plan);
    expect.equal("goal", body.goals[0], goal);
  },
});

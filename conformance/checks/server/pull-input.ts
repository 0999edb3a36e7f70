import { serverCheck } from "../../check.ts";
import type { RawRequest } from "../../check.ts";
import type { Expect } from "../../expect.ts";
import type { Reply } from "../../wire/reply.ts";
import type { PullBody } from "../../wire/shapes.ts";
import { idOf, idsOf } from "../reading.ts";
import * as faulty from "./pull-input.mutants.ts";

const pull: RawRequest = { method: "POST", path: "/api/sync/pull" };

/** The request was refused, and the member, or something within it, was named. */
function refusedFor(expect: Expect, reply: Reply, member: string, sent: unknown): void {
  expect.problem(reply, 400, "INVALID_REQUEST");
  const pointers = (reply.problem.errors ?? []).map(({ pointer }) => pointer);
  expect.ok(
    `errors of the answer to ${JSON.stringify(sent)} name /${member}`,
    pointers.some((pointer) => pointer === `/${member}` || pointer.startsWith(`/${member}/`)),
    pointers,
  );
}

export const nullIsAbsent = serverCheck({
  id: "PULL-020/null-counts-as-absent",
  name: "members that are null count as absent, one by one and together, also beside a cursor",
  brokenBy: [
    faulty.refusesNullSince,
    faulty.refusesNullLimit,
    faulty.refusesNullTypes,
    faulty.nullLimitIsOne,
  ],
  async run({ device, expect, anEntry, aGoal }) {
    const [entry, goal] = [anEntry(), aGoal()];
    await device.push({ entries: [entry] });
    const since = await device.cursor();
    await device.push({ goals: [goal] });

    for (const body of [
      { since: null },
      { limit: null },
      { types: null },
      { since: null, limit: null, types: null },
    ]) {
      const full = await device.pull(body);
      expect.liveIds(full, idsOf([entry, goal]));
      expect.equal("mode", full.body.mode, "full");
      expect.equal("hasMore", full.body.hasMore, false);
    }
    const delta = await device.pull({ since, limit: null, types: null });
    expect.liveIds(delta, [idOf(goal)]);
    expect.equal("mode", delta.body.mode, "delta");
  },
});

export const emptyBody = serverCheck({
  id: "PULL-020/an-empty-body-counts-as-an-empty-object",
  name: "a pull without any body, with or without a content type, is a full pull",
  brokenBy: [faulty.refusesEmptyBodies, faulty.demandsAContentType],
  async run({ device, deployedDevice, expect, http, anEntry }) {
    const entry = anEntry();
    await device.push({ entries: [entry] });

    const requests: RawRequest[] = [
      { ...pull, as: device },
      { ...pull, as: device, text: "" },
      { ...pull, as: device, bytes: new Uint8Array(), headers: { "content-type": undefined } },
      { ...pull, as: deployedDevice() },
      { ...pull, as: device, json: {} },
      { ...pull, as: device, text: " {\n} ", headers: { "content-type": "application/json; charset=utf-8" } },
    ];
    for (const request of requests) {
      const full = await http<PullBody>(request);
      expect.status(full, 200);
      expect.liveIds(full, [idOf(entry)]);
      expect.equal("mode", full.body.mode, "full");
    }
  },
});

export const badLimits = serverCheck({
  id: "PULL-021/limit-must-be-an-integer-of-at-least-1",
  name: "a limit that is zero, negative, broken or no number is refused, with a cursor or without; the smallest good ones are served",
  brokenBy: [
    faulty.limitZeroIsServed,
    faulty.negativeLimitsAreServed,
    faulty.roundsLimits,
    faulty.readsLimitsFromText,
    faulty.clampsLimits,
    faulty.refusesWithoutAPointer,
  ],
  async run({ device, expect, http, anEntry }) {
    await device.push({ entries: [anEntry(), anEntry()] });
    const since = await device.cursor();
    for (const limit of [0, -1, -1_000_000, 1.5, 0.999, "10", "", "all", true, false, [], [1], {}]) {
      refusedFor(expect, await http({ ...pull, as: device, json: { limit } }), "limit", { limit });
    }
    for (const limit of [0, 1.5, "10"]) {
      refusedFor(expect, await http({ ...pull, as: device, json: { since, limit } }), "limit", { limit });
    }
    for (const limit of [1, 2, 100]) {
      const reply = await http<PullBody>({ ...pull, as: device, json: { limit } });
      expect.status(reply, 200);
      expect.ok("the page holds something", reply.body.entries.length > 0);
    }
  },
});

export const badSince = serverCheck({
  id: "PULL-021/since-must-be-a-text",
  name: "a since that is no text is refused, and not taken for none",
  brokenBy: [faulty.falsySinceIsNone, faulty.sinceMayBeANumber, faulty.sinceOfAnyTypeIsExpired],
  async run({ device, expect, http, anEntry }) {
    const entry = anEntry();
    await device.push({ entries: [entry] });
    for (const since of [0, 1, 1_750_000_000_000, -1, 1.5, true, false, [], ["x"], {}, { seq: 1 }]) {
      refusedFor(expect, await http({ ...pull, as: device, json: { since } }), "since", { since });
    }
    const cursor = await device.cursor();
    expect.nothing("changes", await device.pull({ since: cursor }));
  },
});

export const badTypes = serverCheck({
  id: "PULL-021/types-must-be-known-types",
  name: "types that are no list, empty, or name something unknown are refused, and not ignored",
  brokenBy: [
    faulty.unknownTypesAreSkipped,
    faulty.emptyTypesAreAll,
    faulty.oneTypeNeedsNoList,
    faulty.typesAreComparedWithoutCase,
    faulty.inheritedNamesAreTypes,
    faulty.refusesWithoutAPointer,
  ],
  async run({ device, expect, http, anEntry, aGoal }) {
    const goal = aGoal();
    await device.push({ entries: [anEntry()], goals: [goal] });
    const bad = [
      [],
      {},
      "goal",
      "",
      5,
      true,
      ["goals"],
      ["entries"],
      ["Goal"],
      ["goal "],
      ["nope"],
      ["goal", "nope"],
      ["nope", "goal"],
      [null],
      ["goal", null],
      [["goal"]],
      [1],
      ["constructor"],
      ["__proto__"],
      ["toString"],
      "goal,logbook_entry",
    ];
    for (const types of bad) {
      refusedFor(expect, await http({ ...pull, as: device, json: { types } }), "types", { types });
    }
    expect.liveIds(await device.pull({ types: ["goal"] }), [idOf(goal)]);
  },
});

export const badInputBesideACursor = serverCheck({
  id: "PULL-021/bad-input-moves-nothing",
  name: "a pull that was refused moves no cursor: the good one tells everything",
  brokenBy: [faulty.remembersWhereARefusedPullWas],
  async run({ device, newDevice, expect, http, anEntry }) {
    const reader = newDevice();
    const since = await reader.cursor();
    const entries = [anEntry(), anEntry()];
    await device.push({ entries });
    for (const json of [
      { since, limit: 0 },
      { since, types: [] },
      { since, limit: "1" },
    ]) {
      expect.status(await http({ ...pull, as: reader, json }), 400);
    }
    expect.liveIds(await reader.pull({ since }), idsOf(entries));
  },
});

import { serverCheck } from "../../check.ts";
import type { PushBody } from "../../wire/shapes.ts";
import {
  dropsNullsFromTheHash,
  escapesNonAscii,
  escapesSlashes,
  hashesBookkeeping,
  hashesDeletions,
  hashesInTheOrderOfArrival,
  hashesItemsAsSent,
  leavesCreatedAtOutOfTheHash,
  leavesNestedBookkeepingOutOfTheHash,
  leavesTheIdOutOfTheHash,
  sortsByCodePoint,
  sortsTheTopLevelOnly,
  writesGreatNumbersOut,
} from "./data-checksum.mutants.ts";

const STAMP = "2024-01-01T10:00:00Z";

// Each literal is the SHA-256 of the canonical text that is written out above it.

export const smallest = serverCheck({
  id: "DATA-006/content-of-a-goal",
  name: "the checksum covers the content and nothing else: neither stamps nor versions nor devices",
  brokenBy: [hashesBookkeeping, leavesTheIdOutOfTheHash, hashesInTheOrderOfArrival],
  async run({ device, newDevice, stranger, expect }) {
    // {"id":"g1","title":"Scales"}
    const checksum = "dd7c2aefa49b61a934a222c843f8cdb473dd4218fa4e651a6799db66ce6dc3fc";
    const plain = { title: "Scales", id: "g1", updatedAt: STAMP };
    const decorated = {
      ...plain,
      deviceId: "phone",
      clientChangeId: "c1",
      userId: "someone",
      version: 3,
      seq: 9,
      checksum: "",
      deletedAt: null,
      updatedAt: 1_704_103_200_000,
    };
    for (const [user, item] of [[device, plain] as const, [await stranger(), decorated] as const]) {
      const { meta } = expect.outcome(await user.push({ goals: [item] }), 0, "applied");
      expect.equal("checksum in the answer", meta?.checksum, checksum);
      const row = expect.live(await user.with({ id: newDevice().id }).pullAll(), "g1");
      expect.equal("checksum in a pull", row.meta.checksum, checksum);
    }
  },
});

export const createdAtIsContent = serverCheck({
  id: "DATA-006/created-at-is-content",
  name: "createdAt is part of the content",
  brokenBy: [leavesCreatedAtOutOfTheHash],
  async run({ device, newDevice, expect }) {
    const goal = { id: "g1", title: "Scales", createdAt: "2024-01-01T00:00:00Z", updatedAt: STAMP };
    const { meta } = expect.outcome(await device.push({ goals: [goal] }), 0, "applied");
    // {"createdAt":"2024-01-01T00:00:00Z","id":"g1","title":"Scales"}
    expect.equal(
      "checksum",
      meta?.checksum,
      "136c7058ec5520286cc95b01d3d9e3061d40372363f229a939c65573ac66bb70",
    );

    // So at one instant an item with and one without it are two writes, of which the greater checksum wins.
    const without = { id: "g1", title: "Scales", updatedAt: STAMP };
    expect.outcome(await newDevice().push({ goals: [without] }), 0, "applied");
  },
});

export const memberOrder = serverCheck({
  id: "DATA-006/members-sorted-by-code-unit",
  name: "member names are sorted by UTF-16 code unit at every level, not by code point, number or order of arrival",
  brokenBy: [hashesInTheOrderOfArrival, sortsByCodePoint, sortsTheTopLevelOnly],
  async run({ device, expect, http }) {
    const push = async (item: string): Promise<string | undefined> => {
      const text = `{"changes":{"goals":[${item}]}}`;
      const reply = await http<PushBody>({ path: "/api/sync/push", as: device, text });
      return expect.outcome(reply, 0, "applied").meta?.checksum;
    };
    // {"extra":{"\r":1,"1":2,"10":3,"2":4,"Z":5,"a":6,"ö":7,"€":8,"😀":9,"ﬓ":10},"id":"sorted","title":"Scales"}
    const extra = '{"2":4,"ﬓ":10,"a":6,"😀":9,"€":8,"10":3,"ö":7,"Z":5,"\\r":1,"1":2}';
    const sorted = await push(`{"title":"Scales","updatedAt":"${STAMP}","id":"sorted","extra":${extra}}`);
    expect.equal("checksum", sorted, "f20f0bf2b8391b2a7bd3ef6d9a570bedcb6f36f1022bfaf46bb80f892a8063df");

    // {"id":"deep","title":"Scales","x":[{"a":[{"y":1,"z":2}],"b":{"c":3,"d":4}}]}
    const x = '[{"b":{"d":4,"c":3},"a":[{"z":2,"y":1}]}]';
    const deep = await push(`{"x":${x},"updatedAt":"${STAMP}","title":"Scales","id":"deep"}`);
    expect.equal("checksum", deep, "5c0150944dedbd7cfddf4bd42ea73d780fc376a74b49d022a21d65dcd25f3967");
  },
});

export const strings = serverCheck({
  id: "DATA-006/strings",
  name: "strings are hashed as UTF-8, with no more escapes than RFC 8785 has",
  brokenBy: [escapesNonAscii, escapesSlashes],
  async run({ device, expect, http }) {
    // {"id":"text","note":"é\u0007\b\f\n\r\t\u001f\"\\/…😀","title":"Übung – “Étude”"}, the control characters escaped as
    // they stand here, and U+2028 and U+007F, which are invisible, in the place of … as they are
    const item = `{"id":"text","note":"\\u00E9\\u0007\\u0008\\f\\u000A\\r\\t\\u001F\\"\\\\\\/\\u2028\\u007f\\uD83D\\uDE00","title":"Übung – “Étude”","updatedAt":"${STAMP}"}`;
    const text = `{"changes":{"goals":[${item}]}}`;
    const reply = await http<PushBody>({ path: "/api/sync/push", as: device, text });
    const { meta } = expect.outcome(reply, 0, "applied");
    expect.equal(
      "checksum",
      meta?.checksum,
      "f1f29362082cc09faf13c457476846d8792d647790f5f8addf1ead24a1e64697",
    );
  },
});

export const numbers = serverCheck({
  id: "DATA-006/numbers",
  name: "numbers are hashed in the shortest form of ECMAScript",
  brokenBy: [writesGreatNumbersOut],
  async run({ device, expect, http }) {
    // {"id":"num","n":[1,100,1e+21,123456789012345680000,1e-7,0.000001,0,4.5,5e-324,333333333.3333333,9007199254740991],"title":"Scales"}
    const n =
      "[1.0,1e2,1E21,123456789012345678901e0,0.0000001,1e-6,-0,4.50,5e-324,333333333.33333329,9007199254740991]";
    const text = `{"changes":{"goals":[{"id":"num","title":"Scales","n":${n},"updatedAt":"${STAMP}"}]}}`;
    const reply = await http<PushBody>({ path: "/api/sync/push", as: device, text });
    const { meta } = expect.outcome(reply, 0, "applied");
    expect.equal(
      "checksum",
      meta?.checksum,
      "41f73367df86cd464ddbca609ad786374790cc0099e102c61b1333a7ba319457",
    );
  },
});

export const normalisedForm = serverCheck({
  id: "DATA-006/of-the-normalised-item",
  name: "the checksum is that of the normalised item, however it was spelled",
  brokenBy: [hashesItemsAsSent],
  async run({ device, newDevice, expect }) {
    const entry = {
      id: "e1",
      timestamp: "2024-01-01T10:00:00Z",
      duration: 30,
      type: "Practice",
      instrument: "PIANO",
      goal_ids: ["g1"],
      pieces: [{ title: "Für Elise", composer: "Beethoven" }],
      updated_at: STAMP,
      device_id: "phone",
    };
    const { meta } = expect.outcome(await device.push({ entries: [entry] }), 0, "applied");
    // {"duration":30,"goalIds":["g1"],"id":"e1","instrument":"piano","pieces":[{"composer":"Beethoven","id":"für elise-beethoven",
    // "title":"Für Elise"}],"timestamp":"2024-01-01T10:00:00Z","type":"practice"}, in one line
    const checksum = "3cd6034eb2e74e3e3c9805a5aec9a96d6ff911e55c508624d41d975a6d8ee22d";
    expect.equal("checksum", meta?.checksum, checksum);
    expect.equal(
      "checksum in a pull",
      expect.live(await newDevice().pullAll(), "e1").meta.checksum,
      checksum,
    );
  },
});

export const nullsAndEmpties = serverCheck({
  id: "DATA-006/nulls-and-empty-members",
  name: "members of the content that are null or empty are hashed like any other",
  brokenBy: [dropsNullsFromTheHash],
  async run({ device, expect }) {
    const occurrence = {
      id: "o1",
      planId: "p1",
      segments: [],
      notes: "",
      checkIn: null,
      metrics: { runs: [], best: null },
      updatedAt: STAMP,
    };
    const { meta } = expect.outcome(await device.push({ planOccurrences: [occurrence] }), 0, "applied");
    // {"checkIn":null,"id":"o1","metrics":{"best":null,"runs":[]},"notes":"","planId":"p1","segments":[]}
    expect.equal(
      "checksum",
      meta?.checksum,
      "33e15f32ab57666d57dbb493bdc477f907e1a226cd558165750675de56b0238d",
    );
  },
});

export const bookkeepingBelow = serverCheck({
  id: "DATA-006/bookkeeping-names-below-the-top",
  name: "members that are named like bookkeeping, but stand deeper, are content",
  brokenBy: [leavesNestedBookkeepingOutOfTheHash],
  async run({ device, expect }) {
    const goal = {
      id: "keeps",
      title: "Scales",
      meta: { version: 7, checksum: "x", updatedAt: 1 },
      updatedAt: STAMP,
    };
    const { meta } = expect.outcome(await device.push({ goals: [goal] }), 0, "applied");
    // {"id":"keeps","meta":{"checksum":"x","updatedAt":1,"version":7},"title":"Scales"}
    expect.equal(
      "checksum",
      meta?.checksum,
      "fe041123af37de1edc0c790708744e644c19c7accb5639aedfd41cbbbdc21176",
    );
    expect.equal("stored item", expect.live(await device.pullAll(), "keeps").item["meta"], goal.meta);
  },
});

export const batchChecksums = serverCheck({
  id: "DATA-006/in-a-batch",
  name: "push and batch give one content one checksum, so that each takes the other's write for a duplicate",
  brokenBy: [hashesItemsAsSent, hashesBookkeeping],
  async run({ device, newDevice, expect }) {
    const data = {
      scoreId: "Clair de Lune-Debussy",
      title: "Clair de Lune",
      status: "learning",
      deviceId: "phone",
      updatedAt: STAMP,
    };
    const batch = await device.batch([{ id: data.scoreId, type: "repertoire_item", data }]);
    const { meta } = expect.outcome(batch, 0, "applied");
    // {"scoreId":"clair de lune-debussy","status":"learning","title":"Clair de Lune"}
    expect.equal(
      "checksum",
      meta?.checksum,
      "926f43a196ba2451943bc7345b638da85f8f1e24f221fc9085e3ce3a616d0de4",
    );
    const push = await newDevice().push({ repertoire: [{ ...data, deviceId: "laptop" }] });
    expect.equal("meta", expect.outcome(push, 0, "duplicate").meta, meta);
  },
});

export const deletions = serverCheck({
  id: "DATA-007/deletions-have-none",
  name: "the checksum of a deletion is the empty text, whatever data came with it",
  brokenBy: [hashesDeletions],
  async run({ device, expect, aGoal, aDeletion }) {
    const goal = aGoal();
    await device.push({ goals: [goal] });
    const before = await device.cursor();
    const reply = await device.push({ goals: [{ ...goal, ...aDeletion(goal), notes: "left over" }] });
    expect.equal("checksum in the answer", expect.outcome(reply, 0, "applied").meta?.checksum, "");
    const told = expect.deleted(await device.changesSince(before), goal["id"] as string);
    expect.equal("checksum in a pull", told.meta.checksum, "");
  },
});

import { serverCheck } from "../../check.ts";
import type { PushBody } from "../../wire/shapes.ts";
import * as faulty from "./data-oddities.mutants.ts";

export const signedZeros = serverCheck({
  id: "DATA-006/zeros-have-no-sign",
  name: "zero is hashed as 0, however it is written",
  brokenBy: [faulty.keepsTheSignOfFractionalZeros],
  async run({ device, expect, http }) {
    const goal = '{"id":"zero","title":"Scales","n":[-0.0,0.0,-0e0,-0],"updatedAt":"2024-01-01T10:00:00Z"}';
    const reply = await http<PushBody>({
      path: "/api/sync/push",
      as: device,
      text: `{"changes":{"goals":[${goal}]}}`,
    });
    const { meta } = expect.outcome(reply, 0, "applied");
    // {"id":"zero","n":[0,0,0,0],"title":"Scales"}
    const checksum = "30fc1480974c649010c6a89f117caf139b9d5ab76f6abfb49e1c2c94aceff3c2";
    expect.equal("checksum", meta?.checksum, checksum);
  },
});

export const theEmptyName = serverCheck({
  id: "DATA-002/the-empty-name",
  name: "a member whose name is the empty text is a member like any other",
  brokenBy: [faulty.dropsEmptyNames, faulty.callsTheEmptyNameSomethingElse],
  async run({ device, newDevice, expect, aGoal }) {
    const extra = { "": "no name", inside: [{ "": 1, a: 2 }] };
    const goal = aGoal({ "": ["top"], extra });
    expect.outcome(await device.push({ goals: [goal] }), 0, "applied");
    const { item } = expect.live(await newDevice().pull(), goal["id"] as string);
    expect.equal("the member without a name", item[""], ["top"]);
    expect.equal("those below", item["extra"], extra);
  },
});

export const whatIsTrimmed = serverCheck({
  id: "NORM-005/what-is-trimmed",
  name: "a score id is trimmed of what ECMAScript calls white space, U+FEFF included, and of nothing else",
  brokenBy: [faulty.trimsAsciiOnly, faulty.trimsWhatUnicodeCallsWhiteSpace],
  async run({ device, expect, aPiece, aDeletion }) {
    const spelled = [
      ["\ufeffnocturne\ufeff", "nocturne"],
      ["\u00a0étude\u2003\u3000", "étude"],
      ["\u0085prelude", "\u0085prelude"],
      ["waltz\u200b", "waltz\u200b"],
    ] as const;
    const reply = await device.push({ repertoire: spelled.map(([scoreId]) => aPiece({ scoreId })) });
    expect.equal(
      "entity ids",
      reply.body.results.map(({ entityId }) => entityId),
      spelled.map(([, id]) => id),
    );
    const stored = await device.pull();
    for (const [, id] of spelled)
      expect.equal("scoreId as stored", expect.live(stored, id).item["scoreId"], id);

    // A removal finds it by either spelling.
    const gone = await device.push({ repertoire: [aDeletion("\ufeffnocturne")] });
    expect.equal("entity id of the deletion", expect.outcome(gone, 0, "applied").entityId, "nocturne");
    expect.liveIds(
      await device.pull(),
      spelled.slice(1).map(([, id]) => id),
    );
  },
});

export const nullIsNoForm = serverCheck({
  id: "NORM-002/null-is-no-form",
  name: "a deletedAt or updatedAt that is null leaves the word to its form in snake case",
  brokenBy: [faulty.letsNullDeletedAtWin, faulty.letsNullUpdatedAtWin],
  async run({ device, expect, aGoal, at }) {
    const [stamp, later] = [at(-60_000), at(-30_000)];
    const goal = aGoal({ updatedAt: null, updated_at: stamp });
    const written = await device.push({ goals: [goal] }, { invalid: "on purpose" });
    expect.equal("stamp", expect.outcome(written, 0, "applied").meta?.updatedAt, stamp);

    const removal = { ...goal, deletedAt: null, deleted_at: later };
    const removed = await device.push({ goals: [removal] }, { invalid: "on purpose" });
    expect.equal("meta.deletedAt", expect.outcome(removed, 0, "applied").meta?.deletedAt, later);
    expect.liveIds(await device.pull(), []);
  },
});

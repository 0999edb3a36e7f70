import { serverCheck } from "../../check.ts";
import * as faulty from "./idempotency-retention.mutants.ts";
import { forgetsIdempotencyKeys } from "./idempotency.mutants.ts";

export const manyOtherKeys = serverCheck({
  id: "IDEM-016/after-many-other-keys",
  name: "the records of a push and of a batch outlive many others of their user",
  brokenBy: [
    faulty.keepsTheLastTenRecords,
    faulty.keepsTheLastFiftyRecords,
    faulty.keepsTheLastHundredRecords,
    faulty.keepsTheLastFiftyBatches,
    forgetsIdempotencyKeys,
  ],
  async run({ device, expect, limits, anEntry, aGoal }) {
    const goal = aGoal();
    const push = device.preparePush({ entries: [anEntry()] });
    const batch = device.prepareBatch([{ id: goal["id"] as string, type: "goal", data: goal }]);
    const first = [await push.send(), await batch.send()] as const;

    // Within the rate of those who limit it. Most have nothing in them: a record is one all the same.
    const most = Math.max(20, Math.min(130, Math.floor((limits.requestBurst ?? 1_000) * 0.8)));
    for (let sent = 0; sent < most; sent += 26) {
      const some = Array.from({ length: Math.min(26, most - sent) }, (_, index) =>
        index % 2 === 0 ? device.push(index === 0 ? { entries: [anEntry()] } : {}) : device.batch([]),
      );
      await Promise.all(some);
    }
    expect.replayOf(first[0], await push.send());
    expect.replayOf(first[1], await batch.send());
  },
});

export const untilItsTimeIsOver = serverCheck({
  id: "IDEM-016/until-its-time-is-over",
  name: "a record is there until shortly before its advertised time is over",
  brokenBy: [faulty.forgetsAfterAnHour],
  needs: ["control:advance-clock"],
  async run({ device, expect, control, limits, tokens, anEntry }) {
    const push = { entries: [anEntry()] };
    const key = "kept-until-its-time-is-over";
    const first = await device.push(push, { key });
    await control.advanceClock(Math.floor(limits.idempotencyRetentionMs * 0.95));

    const later = device.with({ token: await tokens.valid() });
    expect.replayOf(first, await later.tryPush(push, { key }));
  },
});

export const keptForADay = serverCheck({
  id: "IDEM-017/kept-for-a-day",
  name: "records are advertised to be kept for 24 hours at least",
  brokenBy: [faulty.advertisesAnHour],
  async run({ expect, limits }) {
    const { idempotencyRetentionMs } = limits;
    expect.ok(
      "idempotencyRetentionMs is at least 86400000",
      idempotencyRetentionMs >= 86_400_000,
      idempotencyRetentionMs,
    );
  },
});

export const withoutAKey = serverCheck({
  id: "IDEM-019/without-a-key",
  name: "a stamped write that comes again without a key is a duplicate, and superseded once another has won",
  brokenBy: [faulty.reappliesWithoutKeys, faulty.letsLateCopiesWin],
  async run({ device, newDevice, expect, anEntry, aGoal, edited, aDeletion }) {
    const keyless = { key: null };
    const [entry, goal] = [anEntry(), aGoal()];
    const removal = aDeletion(anEntry());
    const changes = { entries: [entry, removal], goals: [goal] };
    const first = await device.push(changes, keyless);
    expect.outcomes(first, ["applied", "applied", "applied"]);

    expect.outcomes(await device.push(changes, keyless), ["duplicate", "duplicate", "duplicate"]);
    expect.nothing("changes by the repetition", await device.changesSince(first.body.syncToken));

    const newer = edited(entry, { notes: "newer" });
    const later = await newDevice().push({ entries: [newer] });
    expect.outcomes(await device.push(changes, keyless), ["superseded", "duplicate", "duplicate"]);
    expect.nothing("changes by the late copy", await device.changesSince(later.body.syncToken));
  },
});

export const underANewKey = serverCheck({
  id: "IDEM-019/under-a-new-key",
  name: "a stamped write that comes again under a new key is a duplicate, and superseded once another has won",
  brokenBy: [faulty.reappliesUnderNewKeys, faulty.letsLateCopiesWin],
  async run({ device, newDevice, expect, aPiece, edited, aDeletion }) {
    const piece = aPiece();
    const first = await device.push({ repertoire: [piece] });
    expect.outcomes(await newDevice().push({ repertoire: [piece] }), ["duplicate"]);
    const batched = await device.batch([
      { id: piece["scoreId"] as string, type: "repertoire_item", data: piece },
    ]);
    expect.outcomes(batched, ["duplicate"]);
    expect.nothing("changes by the repetitions", await device.changesSince(first.body.syncToken));

    await newDevice().push({ repertoire: [aDeletion(piece)] });
    const late = await device.push({ repertoire: [piece] });
    expect.outcomes(late, ["superseded"]);
    expect.equal("the winner told to the late copy", expect.result(late, 0).item, null);
    expect.liveIds(await device.pull(), []);

    const back = edited(piece, { status: "polished" });
    expect.outcomes(await device.push({ repertoire: [back] }), ["applied"]);
  },
});

export const afterItsRecordExpired = serverCheck({
  id: "IDEM-019/after-its-record-expired",
  name: "a push that comes again long after its record expired changes nothing",
  brokenBy: [faulty.reappliesUnderNewKeys, faulty.letsLateCopiesWin],
  needs: ["control:advance-clock"],
  async run({ device, expect, control, limits, tokens, anEntry, edited }) {
    const [kept, lost] = [anEntry(), anEntry()];
    const key = "comes-again-after-its-record-expired";
    const changes = { entries: [kept, lost] };
    expect.outcomes(await device.push(changes, { key }), ["applied", "applied"]);
    const newer = await device.push({ entries: [edited(lost, { notes: "newer" })] });
    await control.advanceClock(limits.idempotencyRetentionMs + 3_600_000);

    const later = device.with({ token: await tokens.valid() });
    const again = await later.push(changes, { key });
    // A server may keep its records longer; then this is a replay.
    if (again.headers["x-idempotent-replay"] !== "true") expect.outcomes(again, ["duplicate", "superseded"]);
    expect.nothing("changes by the late copy", await later.changesSince(newer.body.syncToken));
  },
});

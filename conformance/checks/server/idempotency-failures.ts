import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import type { Reply } from "../../wire/reply.ts";
import { settled } from "../keyed.ts";
import * as faulty from "./idempotency-failures.mutants.ts";
import { forgetsIdempotencyKeys, forgetsKeysOfBatches } from "./idempotency.mutants.ts";

/** Of requests that arrived at once one was judged; the others got its replay, or were told to come again. */
function expectOneJudged<Body>({ expect }: ServerContext, replies: readonly Reply<Body>[]): Reply<Body> {
  const judged = replies.filter(
    ({ status, headers }) => status === 200 && headers["x-idempotent-replay"] !== "true",
  );
  expect.equal("answers that are no replay", judged.length, 1);
  for (const reply of replies) {
    if (reply === judged[0]) continue;
    if (reply.status === 409) expect.problem(reply, 409, "IDEMPOTENCY_IN_FLIGHT");
    else expect.replayOf(judged[0]!, reply);
  }
  return judged[0]!;
}

export const twinsOfAPush = serverCheck({
  id: "IDEM-011/twins-of-a-push",
  name: "of equal pushes that arrive at once, from one device and another, one takes effect",
  brokenBy: [
    faulty.letsTwinsThrough,
    faulty.locksByDevice,
    faulty.turnsTwinsAwayWithoutAWord,
    faulty.tellsTwinsThatAllIsDone,
    faulty.callsTwinsAReuse,
    forgetsIdempotencyKeys,
  ],
  async run(context) {
    const { device, newDevice, expect, anEntry, aGoal, unique } = context;
    const before = await device.cursor();
    const [entry, goal] = [anEntry(), aGoal()];
    const other = newDevice();
    const key = unique("key");
    const twins = [device, other, device, other, device, other].map((one) =>
      one.preparePush({ entries: [entry], goals: [goal] }, { key }),
    );

    const first = expectOneJudged(context, await Promise.all(twins.map((twin) => twin.send())));

    expect.outcomes(first, ["applied", "applied"]);
    const told = await device.changesSince(before);
    expect.equal("what changed", [...told.summary].sort(), [
      `goal ${goal["id"]} v1`,
      `logbook_entry ${entry["id"]} v1`,
    ]);
    expect.replayOf(first, await settled(context, () => twins[0]!.send()));
  },
});

export const unstampedTwins = serverCheck({
  id: "IDEM-011/unstamped-twins",
  name: "of equal pushes of a deployed peer that arrive at once one takes effect, stamp or none",
  brokenBy: [faulty.letsTwinsThrough, forgetsIdempotencyKeys],
  async run(context) {
    const { deployedDevice, expect, anEntry } = context;
    const device = deployedDevice();
    const before = await device.cursor();
    const entry = anEntry({ updatedAt: undefined });
    const push = device.preparePush({ entries: [entry] });

    const first = expectOneJudged(context, await Promise.all([1, 2, 3, 4].map(() => push.send())));

    expect.outcomes(first, ["applied"]);
    const told = await device.changesSince(before);
    expect.equal("what changed", told.summary, [`logbook_entry ${entry["id"]} v1`]);
  },
});

export const twinsOfABatch = serverCheck({
  id: "IDEM-011/twins-of-a-batch",
  name: "of equal batches that arrive at once one takes effect",
  brokenBy: [faulty.letsTwinsThrough, faulty.locksPushesOnly, forgetsKeysOfBatches],
  async run(context) {
    const { device, expect, aGoal, edited } = context;
    const goal = aGoal();
    const { syncToken } = (await device.push({ goals: [goal] })).body;
    const data = edited(goal, { currentValue: 77 });
    const batch = device.prepareBatch([{ id: goal["id"] as string, type: "goal", data, version: 1 }]);

    const first = expectOneJudged(context, await Promise.all([1, 2, 3, 4].map(() => batch.send())));

    expect.outcomes(first, ["applied"]);
    const told = await device.changesSince(syncToken);
    expect.equal("what changed", told.summary, [`goal ${goal["id"]} v2`]);
  },
});

export const twinsWithOtherBodies = serverCheck({
  id: "IDEM-003/other-bodies-at-once",
  name: "of different pushes that arrive at once under one key, one takes effect",
  brokenBy: [faulty.letsTwinsThrough, faulty.locksByDevice],
  async run({ device, newDevice, expect, anEntry, unique }) {
    const key = unique("key");
    const replies = await Promise.all(
      [device, newDevice(), device, newDevice()].map((one) => one.tryPush({ entries: [anEntry()] }, { key })),
    );
    const taken = replies.filter(({ status }) => status === 200);
    expect.equal("pushes that took effect", taken.length, 1);
    expect.outcomes(taken[0]!, ["applied"]);
    for (const reply of replies.filter((one) => one !== taken[0])) {
      // Whoever comes while the first is judged may be told to wait.
      if (reply.status === 409) expect.problem(reply, 409, "IDEMPOTENCY_IN_FLIGHT");
      else expect.problem(reply, 422, "IDEMPOTENCY_KEY_REUSED");
    }
    expect.liveIds(await device.pull(), [taken[0]!.body.results[0]!.entityId!]);
  },
});

export const lostAnswer = serverCheck({
  id: "IDEM-012/lost-answer",
  name: "a push whose answer was lost is applied once, however it is repeated",
  brokenBy: [faulty.recordsWhatWasDelivered, forgetsIdempotencyKeys],
  async run(context) {
    const { device, expect, anEntry, aGoal } = context;
    const before = await device.cursor();
    const [entry, goal] = [anEntry(), aGoal()];
    const push = device.preparePush({ entries: [entry], goals: [goal] });

    // The connection breaks as soon as the request is out. Whether it arrived, the device cannot know.
    await push.abandon();
    const answer = await settled(context, () => push.send());

    // Judged a second time it would be a duplicate.
    expect.outcomes(answer, ["applied", "applied"]);
    const replay = await push.send();
    expect.header(replay, "x-idempotent-replay", "true");
    expect.equal("body of the replay", replay.json, answer.json);
    const told = await device.changesSince(before);
    expect.equal("what changed", [...told.summary].sort(), [
      `goal ${goal["id"]} v1`,
      `logbook_entry ${entry["id"]} v1`,
    ]);
  },
});

export const recordSurvivesRestart = serverCheck({
  id: "IDEM-012/record-survives-a-restart",
  name: "a push answered before a restart is replayed after it",
  brokenBy: [faulty.keepsRecordsInMemory],
  needs: ["control:restart"],
  sharesUpset: true,
  async run({ device, expect, control, anEntry, aGoal }) {
    const goal = aGoal();
    const push = device.preparePush({ entries: [anEntry()] });
    const batch = device.prepareBatch([{ id: goal["id"] as string, type: "goal", data: goal }]);
    const [pushed, batched] = [await push.send(), await batch.send()];
    expect.outcomes(pushed, ["applied"]);
    expect.outcomes(batched, ["applied"]);

    await control.restart();

    expect.replayOf(pushed, await push.send());
    expect.replayOf(batched, await batch.send());
  },
});

export const killedInBetween = serverCheck({
  id: "IDEM-012/killed-in-between",
  name: "a push repeated after the server was killed under it is applied once",
  brokenBy: [faulty.recordsInASecondTransaction, faulty.recordsBeforehand],
  needs: ["control:kill"],
  timeoutMs: 120_000,
  async run(context) {
    const { device, stranger, expect, control, waitFor, anEntry } = context;
    const reachable = async (): Promise<boolean> =>
      (await device.tryStatus().catch(() => undefined))?.status === 200;
    for (let kills = 0; kills < 2; kills++) {
      const writers = await Promise.all(Array.from({ length: 6 }, () => stranger()));
      const prepared = [];
      for (const writer of writers) {
        const entry = anEntry();
        const before = await writer.cursor();
        prepared.push({ writer, entry, before, push: writer.preparePush({ entries: [entry] }) });
      }
      // One after another with a request in between: each is elsewhere on its way when the end comes.
      const underWay = [];
      for (const { push } of prepared) {
        underWay.push(push.send().catch(() => undefined));
        if (underWay.length < prepared.length) await device.status();
      }
      await control.kill();
      await Promise.all(underWay);
      await waitFor("the server is back", reachable, 30_000);

      for (const { writer, entry, before, push } of prepared) {
        const answer = await settled(context, () => push.send());

        // Items without their record would be duplicates now; a record without its items would answer for nothing.
        expect.outcomes(answer, ["applied"]);
        const told = await writer.changesSince(before);
        expect.equal("what changed", told.summary, [`logbook_entry ${entry["id"]} v1`]);
      }
    }
  },
});

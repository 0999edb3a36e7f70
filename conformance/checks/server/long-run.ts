import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import * as faulty from "./long-run.mutants.ts";

/** As many requests as there are reasons for, within the rate of those who limit it. */
const atMost = (wanted: number, { requestBurst }: ServerContext["limits"]): number =>
  Math.min(wanted, Math.max(5, Math.floor((requestBurst ?? 1_000) * 0.4)));

export const everyPushIsThere = serverCheck({
  id: "PULL-005/each-of-many-pushes",
  name: "of many small pushes, several at a time, each that was acknowledged is there, with a seq of its own",
  brokenBy: [faulty.losesEveryTwentiethPush, faulty.storesWhatTwinsHaveInCommon],
  async run({ device, newDevice, expect, limits, anEntry }) {
    const entries = Array.from({ length: atMost(42, limits) }, () => anEntry());
    for (let from = 0; from < entries.length; from += 6) {
      const some = entries.slice(from, from + 6);
      const replies = await Promise.all(some.map((entry) => newDevice().push({ entries: [entry] })));
      for (const reply of replies) expect.outcomes(reply, ["applied"]);
    }
    const pulled = await device.pullAll();
    expect.liveIds(
      pulled,
      entries.map((entry) => entry["id"] as string),
    );
    expect.equal("different seqs", new Set(pulled.final.map(({ meta }) => meta.seq)).size, entries.length);
  },
});

export const eachIsReplayed = serverCheck({
  id: "IDEM-002/each-of-many",
  name: "of many requests each is replayed with its own answer",
  brokenBy: [faulty.losesEveryTwentiethRecord, faulty.replaysAnotherKeysAnswer],
  async run({ device, expect, limits, aGoal }) {
    const pushes = Array.from({ length: Math.ceil(atMost(48, limits) / 2) }, () =>
      device.preparePush({ goals: [aGoal()] }),
    );
    const firsts = [];
    for (const push of pushes) {
      const first = await push.send();
      expect.status(first, 200);
      expect.outcomes(first, ["applied"]);
      firsts.push(first);
    }
    const replays = await Promise.all(pushes.map((push) => push.send()));
    for (const [index, replay] of replays.entries()) expect.replayOf(firsts[index]!, replay);
  },
});

export const recordsOfAnyAge = serverCheck({
  id: "IDEM-016/of-any-age",
  name: "a record is there at every age within its time, not only shortly before its end",
  brokenBy: [faulty.comparesAgesAsText],
  needs: ["control:advance-clock"],
  async run({ device, expect, control, limits, tokens, anEntry, unique }) {
    const push = { entries: [anEntry()] };
    const key = unique("key");
    const first = await device.push(push, { key });
    let age = 0;
    for (const next of [9_000, 90_000, 900_000, 9_000_000]) {
      if (next > limits.idempotencyRetentionMs * 0.9) break;
      await control.advanceClock(next - age);
      age = next;
      const later = device.with({ token: await tokens.valid() });
      expect.replayOf(first, await later.tryPush(push, { key }));
    }
  },
});

export const beyondTheTenthChange = serverCheck({
  id: "PULL-002/beyond-the-tenth-change",
  name: "a delta finds what comes after the ninth, the tenth and the hundredth change",
  brokenBy: [faulty.comparesSeqsAsText],
  async run({ device, expect, at, limits }) {
    const deletedAt = at(-60_000);
    const goals = Array.from({ length: Math.min(limits.maxItems, 112) }, (_, n) => ({
      id: `nth-${n}`,
      deletedAt,
    }));
    const cursors: string[] = [];
    for (const [from, to] of [
      [0, 9],
      [9, 10],
      [10, 99],
      [99, 101],
      [101, 112],
    ] as const) {
      const some = goals.slice(from, to);
      if (some.length === 0) break;
      if (cursors.length > 0)
        expect.nothing("changes after the last", await device.changesSince(cursors.at(-1)!));
      const reply = await device.push({ goals: some });
      if (cursors.length > 0) {
        const told = await device.changesSince(cursors.at(-1)!);
        expect.equal(
          `ids after change ${from}`,
          told.final.map(({ entityId }) => entityId).toSorted(),
          some.map(({ id }) => id).toSorted(),
        );
      }
      cursors.push(reply.body.syncToken);
    }
  },
});

export const hundredsAreCounted = serverCheck({
  id: "STAT-001/hundreds",
  name: "hundreds of entities are counted like a few",
  brokenBy: [faulty.countsAtMost250],
  async run({ device, expect, limits, aGoal }) {
    const goals = Array.from({ length: Math.min(limits.maxItems, 320) }, () => aGoal());
    if (JSON.stringify({ changes: { goals } }).length > limits.maxBodyBytes) goals.length = 20;
    await device.push({ goals });
    expect.equal("entityCount", (await device.status()).body.entityCount, goals.length);
  },
});

export const deletionsOfOneMoment = serverCheck({
  id: "PULL-011/deletions-of-the-same-moment",
  name: "what a push deletes and what it creates are seen together, in deltas and in full pulls",
  brokenBy: [faulty.readsDeletionsLater],
  async run({ device, newDevice, expect, limits, aGoal, aDeletion, edited }) {
    const half = Math.min(25, Math.floor(limits.maxItems / 2));
    const since = await device.cursor();
    let present = Array.from({ length: half }, () => aGoal());
    let gone = Array.from({ length: half }, () => aGoal());
    const idsOf = (goals: readonly { [name: string]: unknown }[]): string[] =>
      goals.map((goal) => goal["id"] as string).toSorted();
    const either = [idsOf(present), idsOf(gone)].map((ids) => ids.join());
    await device.push({ goals: [...present, ...gone.map((goal) => aDeletion(goal))] });

    for (let turn = 0; turn < 4; turn += 1) {
      // Those that were there go, and those that were gone come back.
      [present, gone] = [gone.map((goal) => edited(goal)), present];
      const writing = { done: false };
      const push = device
        .push({ goals: [...present, ...gone.map((goal) => aDeletion(goal))] })
        .finally(() => (writing.done = true));
      const readers = [{ since }, {}, { since }].map(async (options) => {
        const seen = [];
        do seen.push((await newDevice().pull(options)).body);
        while (!writing.done && seen.length < 8);
        return seen.map((body) => ({ body, delta: "since" in options }));
      });
      const [, ...readings] = await Promise.all([push, ...readers]);
      for (const { body, delta } of readings.flat()) {
        const live = idsOf(body.goals).join();
        expect.ok("one half is live, and all of it", either.includes(live), `${body.goals.length} live`);
        if (!delta) continue;
        const deleted = body.deleted.map(({ entityId }) => entityId).toSorted();
        expect.equal(
          "what is deleted",
          deleted.join(),
          either.find((ids) => ids !== live),
        );
      }
    }
  },
});

export const stampedAndUnstamped = serverCheck({
  id: "PUSH-010/stamped-and-unstamped",
  name: "beside an item with a stamp of the past, one without a stamp is the later, wherever it stands in the push",
  brokenBy: [faulty.unstampedLoseWithinAPush, faulty.lastUnstampedWins],
  async run({ device, deployedDevice, expect, aGoal, at }) {
    for (const unstampedFirst of [true, false]) {
      const stamped = aGoal({ title: "with a stamp", updatedAt: at(-3_600_000) });
      const unstamped = { ...stamped, title: "without a stamp", updatedAt: undefined };
      const goals = unstampedFirst ? [unstamped, stamped] : [stamped, unstamped];
      const reply = await deployedDevice().push({
        goals: goals.map((goal) => JSON.parse(JSON.stringify(goal))),
      });
      expect.outcomes(reply, unstampedFirst ? ["applied", "superseded"] : ["superseded", "applied"]);
      const row = expect.live(await device.pull(), stamped["id"] as string);
      expect.equal("title", row.item["title"], "without a stamp");
      expect.equal("version", row.meta.version, 1);
    }
  },
});

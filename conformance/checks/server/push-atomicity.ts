import { serverCheck } from "../../check.ts";
import * as faulty from "./push-atomicity.mutants.ts";
import { later } from "../../wire/rejectable.ts";
import * as upset from "./histories-upsets.mutants.ts";

/** Pulls of each reader in a round, at most: a server may limit the rate of its users. */
const MOST_PULLS = 6;

export const noPartIsEverSeen = serverCheck({
  id: "PUSH-009/readers-never-see-a-part",
  name: "a pull beside a push sees all of it or nothing",
  brokenBy: [faulty.commitsItemByItem],
  async run({ device, newDevice, expect, aGoal }) {
    const readers = [newDevice(), newDevice(), newDevice()];
    for (let round = 1; round <= 5; round++) {
      const goals = Array.from({ length: 30 }, () => aGoal());
      let pushed = false;
      const push = later(device.push({ goals }).finally(() => (pushed = true)));
      const sizes = await Promise.all(
        readers.map(async (reader) => {
          const seen: number[] = [];
          do seen.push((await reader.pull()).body.goals.length);
          while (!pushed && seen.length < MOST_PULLS);
          return seen;
        }),
      );
      await push;
      const parts = sizes.flat().filter((size) => size !== 30 * round && size !== 30 * (round - 1));
      expect.equal("sizes that are a part of a push", parts, []);
    }
  },
});

export const failureLeavesNothing = serverCheck({
  id: "PUSH-009/a-failed-push-leaves-nothing",
  name: "a push whose storing fails leaves neither items nor a record",
  brokenBy: [faulty.keepsWhatWasStoredBeforeTheFailure, faulty.recordsBeforeStoring],
  needs: ["control:fail-next-write"],
  async run({ device, newDevice, expect, control, anEntry, aGoal }) {
    const push = device.preparePush({ entries: [anEntry(), anEntry()], goals: [aGoal()] });
    await control.failNextWrite();
    const failed = await push.send();
    expect.problem(failed, 503, "UNAVAILABLE");
    expect.nothing("what the failed push left behind", await newDevice().pull());

    const retried = await push.send();
    expect.judgedAfresh(retried);
    expect.outcomes(retried, ["applied", "applied", "applied"]);
  },
});

export const failureLeavesWhatWas = serverCheck({
  id: "PUSH-009/failed-rewrites-leave-what-was",
  name: "a push of rewrites whose storing fails leaves every item as it was, and counts when it comes again",
  brokenBy: [upset.keepsHalfOfWhatFailed, upset.keepsTheStampOfWhatFailed],
  needs: ["control:fail-next-write"],
  async run({ device, newDevice, expect, control, anEntry, aGoal, edited }) {
    const [entry, goal] = [anEntry(), aGoal({ title: "before" })];
    const before = expect.result(await device.push({ entries: [entry], goals: [goal] }), 1).meta;
    const title = edited(goal, { title: "after" });
    const push = newDevice().preparePush({ goals: [title], entries: [edited(entry)] });
    await control.failNextWrite();
    expect.problem(await push.send(), 503, "UNAVAILABLE");
    const id = goal["id"] as string;
    const left = expect.live(await device.pull(), id);
    expect.equal("title after the failure", left.item["title"], "before");
    expect.equal("meta after the failure", left.meta, before);

    expect.outcomes(await push.send(), ["applied", "applied"]);
    expect.equal("title in the end", expect.live(await device.pull(), id).item["title"], "after");
  },
});

export const survivesRestart = serverCheck({
  id: "PUSH-015/acknowledged-survives-a-restart",
  name: "an acknowledged push is there after the server was restarted",
  brokenBy: [faulty.keepsWritesInMemory, faulty.keepsSequenceInMemory],
  needs: ["control:restart"],
  sharesUpset: true,
  async run({ device, newDevice, expect, control, anEntry, edited }) {
    const entry = anEntry();
    const first = expect.result(await device.push({ entries: [entry] }), 0);
    await control.restart();
    expect.live(await newDevice().pull(), entry["id"] as string);

    const second = expect.outcome(await device.push({ entries: [edited(entry)] }), 0, "applied");
    expect.equal("version after the restart", second.meta?.version, 2);
    expect.ok("seq goes on after the restart", (second.meta?.seq ?? 0) > (first.meta?.seq ?? 0), second.meta);
  },
});

export const survivesKill = serverCheck({
  id: "PUSH-015/acknowledged-survives-a-kill",
  name: "every push that was acknowledged is there after the server was killed under load",
  brokenBy: [faulty.flushesWritesLater, upset.keepsRewritesInMemory],
  needs: ["control:kill"],
  sharesUpset: true,
  async run({ device, newDevice, expect, control, anEntry, edited, waitFor }) {
    const first = anEntry();
    await device.push({ entries: [first] });
    // Others write it, too, and again: what is written often may be held elsewhere.
    const rewrites = ["once", "twice", "three times"].map((notes) => edited(first, { notes }));
    for (const entry of rewrites) await newDevice().push({ entries: [entry] });
    const acknowledged = [first["id"] as string];
    let [killed, writing] = [false, 4];
    const writers = Array.from({ length: 4 }, async () => {
      const writer = newDevice();
      while (!killed) {
        const entry = anEntry();
        const reply = await writer.tryPush({ entries: [entry] }).catch(() => undefined);
        if (reply?.status !== 200) break;
        const [result] = reply.body.results;
        // What a server refuses as it comes back, of a clock that is not set yet for one, it has not acknowledged.
        if (result?.outcome === "applied") acknowledged.push(entry["id"] as string);
      }
      writing -= 1;
    });
    // A writer that met the rate limit has ended, and some servers are slow: then the rest is killed under what load there is.
    const began = performance.now();
    const late = (): boolean => performance.now() - began > 5_000;
    await waitFor(
      "a load of writes",
      async () => acknowledged.length >= 40 || writing === 0 || late(),
      15_000,
    );
    await control.kill();
    killed = true;
    await Promise.all(writers);

    const all = await device.pullAll();
    const there = new Set(all.live().map(({ id }) => id as string));
    expect.equal(
      "acknowledged entries that are gone",
      acknowledged.filter((id) => !there.has(id)),
      [],
    );
    const last = expect.live(all, first["id"] as string).item;
    expect.equal("notes of what several devices rewrote", last["notes"], "three times");
  },
});

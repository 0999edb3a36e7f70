import type { JsonObject } from "../../../schemas/json.ts";
import { serverCheck } from "../../check.ts";
import * as upset from "./histories-upsets.mutants.ts";
import * as faulty from "./realtime-durability.mutants.ts";
import { acknowledgesBeforeStoring, tellsBeforeStoring } from "./realtime-refusals.mutants.ts";
import { hearsOrEnds } from "./realtime-shared.ts";

export const acknowledgedIsThere = serverCheck({
  id: "RT-012/acknowledged-is-in-every-later-pull",
  name: "what is acknowledged on a socket is in a pull that begins then",
  brokenBy: [acknowledgesBeforeStoring],
  async run({ device, newDevice, expect, anEntry, aPiece }) {
    const phone = await device.connect();
    const observer = newDevice();
    for (let round = 1; round <= 3; round += 1) {
      const [entry, piece] = [anEntry(), aPiece()];
      expect.ack(await phone.mutate("ENTRY_CREATED", { entry }), "applied");
      expect.live(await observer.pull(), entry["id"] as string);
      await phone.mutate("REPERTOIRE_BULK_SYNC", { pieces: [piece] });
      expect.live(await observer.pull(), piece["scoreId"] as string);
    }
  },
});

export const toldIsThere = serverCheck({
  id: "RT-012/told-is-in-every-later-pull",
  name: "what another socket is told is in a pull that begins then",
  brokenBy: [tellsBeforeStoring],
  async run({ device, newDevice, expect, anEntry }) {
    const phone = await device.connect();
    const observer = newDevice();
    const laptop = await observer.connect();
    for (let round = 1; round <= 3; round += 1) {
      const entry = anEntry();
      const id = entry["id"] as string;
      const seen = laptop.hears(id).then(() => observer.pull());
      const [answer, pulled] = await Promise.all([phone.mutate("ENTRY_CREATED", { entry }), seen]);
      expect.ack(answer, "applied");
      expect.live(pulled, id);
    }
  },
});

export const survivesKill = serverCheck({
  id: "RT-012/acknowledged-survives-a-kill",
  name: "what was acknowledged on a socket is there after the server was killed",
  brokenBy: [faulty.buffersWhatSocketsWrite],
  needs: ["control:kill"],
  sharesUpset: true,
  async run({ device, expect, control, aGoal, aPlan, anOccurrence }) {
    const phone = await device.connect();
    const goals = Array.from({ length: 8 }, () => aGoal());
    const plan = aPlan();
    const occurrence = anOccurrence({ planId: plan["id"] });
    await phone.mutate("PLAN_CREATED", { plan, occurrences: [occurrence] });
    const answers = goals.map((item) => phone.mutate("ENTITY_CHANGED", { entityType: "goal", item }));
    await Promise.all(answers);
    await control.kill();
    const there = await device.pullAll();
    const ids = [plan, occurrence, ...goals].map(({ id }) => id as string);
    expect.liveIds(there, ids);
  },
});

export const survivesRestart = serverCheck({
  id: "RT-040/acknowledged-survives-a-restart",
  name: "a restart loses nothing that was acknowledged, and no open socket goes untold after it",
  brokenBy: [
    faulty.buffersWhatSocketsWrite,
    faulty.leavesSocketsOpenOverARestart,
    upset.losesSocketRewritesOfARestart,
  ],
  needs: ["control:restart"],
  sharesUpset: true,
  async run({ device, newDevice, expect, control, anEntry, aGoal, edited }) {
    const phone = await device.connect();
    const laptop = await newDevice().connect();
    await laptop.catchUp();
    const entry = anEntry();
    const id = entry["id"] as string;
    const goal = aGoal({ title: "from a push" });
    await newDevice().push({ goals: [goal] });
    expect.ack(await phone.write("goal", edited(goal, { title: "from a socket" })), "applied");
    const first = expect.ack(await phone.write("logbook_entry", entry), "applied");
    await control.restart();
    const there = await newDevice().pullAll();
    expect.live(there, id);
    const { item } = expect.live(there, goal["id"] as string);
    expect.equal("title that a socket wrote over what a push had", item["title"], "from a socket");

    // The next write reaches every socket that is still open, and a new one whatever became of the old.
    const tablet = await newDevice().connect();
    const { lastSeq, epoch, told } = await tablet.catchUp();
    expect.ok(
      "the catch-up after the restart tells what was acknowledged before",
      told.some(({ entityId, meta }) => entityId === id && meta.seq === first.meta.seq),
      told.map(({ entityId }) => entityId),
    );
    expect.ok("a catch-up has an epoch", epoch !== "" && lastSeq >= first.meta.seq, { lastSeq, epoch });
    const next = anEntry();
    await newDevice().push({ entries: [next, edited(entry)] });
    await tablet.hears(next["id"] as string);
    await hearsOrEnds(laptop, next["id"] as string);
    await hearsOrEnds(phone, next["id"] as string);
  },
});

export const toldAfterEviction = serverCheck({
  id: "RT-040/open-sockets-are-told-after-an-eviction",
  name: "after an eviction every socket that is still open is told of what is written, on either channel",
  brokenBy: [
    faulty.forgetsSocketsWhenEvicted,
    faulty.forgetsUsersOfSocketsWhenEvicted,
    faulty.wakesUpForHttpOnly,
  ],
  needs: ["control:evict"],
  async run({ device, newDevice, expect, control, anEntry, aGoal }) {
    const phone = await device.connect();
    const laptop = await newDevice().connect();
    const silent = await newDevice().connect();
    await phone.write("goal", aGoal());
    await laptop.catchUp();
    await control.evict(device.user);

    const pushed = anEntry();
    await newDevice().push({ entries: [pushed] });
    const sockets = [phone, laptop, silent];
    const fates = await Promise.all(sockets.map((socket) => hearsOrEnds(socket, pushed["id"] as string)));
    await control.evict(device.user);
    if (fates[0] === "ended" || phone.closing) return;
    const entry = anEntry();
    const written = await phone.write("logbook_entry", entry).catch((error: unknown) => {
      if (phone.closing === undefined) throw error;
      return undefined;
    });
    if (written === undefined) return;
    expect.ack(written, "applied");
    expect.live(await newDevice().pull(), entry["id"] as string);
    const others = [laptop, silent].filter(({ closing }) => closing === undefined);
    await Promise.all(others.map((socket) => hearsOrEnds(socket, entry["id"] as string)));
  },
});

export const acknowledgedSurvivesEviction = serverCheck({
  id: "RT-040/acknowledged-survives-an-eviction",
  name: "an eviction loses nothing that was acknowledged, and numbers go on after it",
  brokenBy: [faulty.losesWritesWhenEvicted, faulty.countsAnewWhenEvicted, upset.writesReturnsBehind],
  needs: ["control:evict"],
  async run({ device, newDevice, expect, control, aGoal, edited }) {
    const phone = await device.connect();
    const goals = Array.from({ length: 5 }, () => aGoal());
    const acks = await Promise.all(goals.map((goal) => phone.write("goal", goal)));
    const [, , , , shared] = goals as [JsonObject, JsonObject, JsonObject, JsonObject, JsonObject];
    await newDevice().push({ goals: [edited(shared, { title: "by another" })] });
    await control.evict(device.user);
    const ids = goals.map(({ id }) => id as string);
    const there = await newDevice().pullAll();
    expect.liveIds(there, ids);
    const { item } = expect.live(there, shared["id"] as string);
    expect.equal("title that another device wrote over a socket's", item["title"], "by another");

    // On a socket of its own: the old one may have been closed.
    const laptop = await newDevice().connect();
    const ack = expect.ack(await laptop.write("goal", edited(goals[0]!)), "applied");
    expect.equal("version after the eviction", ack.meta.version, 2);
    const seqs = acks.map(({ meta }) => meta.seq);
    expect.ok("seq goes on after the eviction", ack.meta.seq > Math.max(...seqs), {
      seqs,
      now: ack.meta.seq,
    });
  },
});

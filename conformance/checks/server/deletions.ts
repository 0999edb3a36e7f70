import { serverCheck } from "../../check.ts";
import {
  answersWithDeletedData,
  deletedForever,
  forgetsDeletionsOfTheUnseen,
  hidesDeletionsOfTheUnseen,
  refusesDeletionsOfTheUnseen,
  resetsVersionsOnDeletion,
  resetsVersionsOnReturn,
  returnsDeletedData,
  sweepsTombstonesAway,
  tellsDeletionsAmongTheItems,
  tombstonesYieldToWritesOfTheirDay,
} from "./deletions.mutants.ts";

const EARLY = "2024-03-01T10:00:00.000Z";
const LATE = "2024-03-01T12:00:00.000Z";

export const neverSeen = serverCheck({
  id: "DEL-002/never-seen",
  name: "the deletion of an entity that was never seen is stored, told, and holds against its late creation",
  brokenBy: [forgetsDeletionsOfTheUnseen, refusesDeletionsOfTheUnseen, hidesDeletionsOfTheUnseen],
  async run({ device, newDevice, expect, anEntry, aDeletion }) {
    const entry = anEntry({ updatedAt: EARLY });
    const id = entry["id"] as string;
    const before = await device.cursor();

    // The deletion overtook the creation.
    const { meta } = expect.outcome(
      await device.push({ entries: [aDeletion(entry, { deletedAt: LATE })] }),
      0,
      "applied",
    );
    expect.equal("version", meta?.version, 1);
    expect.equal("told deletion", expect.deleted(await newDevice().changesSince(before), id).meta, meta);

    const creation = await newDevice().push({ entries: [entry] });
    expect.equal("winner", expect.outcome(creation, 0, "superseded").meta, meta);
    expect.liveIds(await device.pullAll(), []);
  },
});

export const itComesBack = serverCheck({
  id: "DEL-003/newer-write-brings-it-back",
  name: "a live write with a greater stamp brings a deleted entity back, to every device",
  brokenBy: [deletedForever],
  async run({ device, newDevice, expect, aGoal, aDeletion }) {
    const [goal, unseen] = [aGoal({ updatedAt: EARLY }), aGoal({ updatedAt: LATE })];
    const [id, otherId] = [goal["id"] as string, unseen["id"] as string];
    const laptop = newDevice();
    await device.push({ goals: [goal] });
    await device.push({
      goals: [
        aDeletion(goal, { deletedAt: "2024-03-01T11:00:00.000Z" }),
        aDeletion(unseen, { deletedAt: EARLY }),
      ],
    });
    await laptop.sync();

    const back = { ...goal, title: "back", updatedAt: "2024-03-01T11:00:00.001Z" };
    expect.outcomes(await device.push({ goals: [back, unseen] }), ["applied", "applied"]);
    const told = await laptop.sync();
    expect.equal("title", expect.live(told, id).item["title"], "back");
    expect.live(told, otherId);
    expect.liveIds(await newDevice().pullAll(), [id, otherId]);

    // And it can be deleted again.
    expect.outcome(await device.push({ goals: [aDeletion(goal, { deletedAt: LATE })] }), 0, "applied");
    expect.deleted(await laptop.sync(), id);
  },
});

export const oldWritesStayDead = serverCheck({
  id: "DEL-004/older-write-stays-dead",
  name: "a live write older than the deletion is superseded, however long ago both were and whatever came since",
  brokenBy: [sweepsTombstonesAway, tombstonesYieldToWritesOfTheirDay],
  async run({ device, newDevice, expect, anEntry, aGoal, aDeletion }) {
    const [recent, ancient] = [anEntry({ updatedAt: EARLY }), aGoal({ updatedAt: "2001-01-01T00:00:00Z" })];
    await device.push({ entries: [recent], goals: [ancient] });
    await device.push({
      entries: [aDeletion(recent, { deletedAt: LATE })],
      goals: [aDeletion(ancient, { deletedAt: "2001-01-02T00:00:00Z" })],
    });
    // Life goes on, and everybody has heard of the deletions.
    for (const phone of [device, newDevice()]) await phone.sync();
    await device.push({ entries: [anEntry()], goals: [aGoal()] });

    // A device that was offline all the time comes back.
    const before = await device.cursor();
    const offline = newDevice();
    const reply = await offline.push({
      entries: [{ ...recent, notes: "offline", updatedAt: "2024-03-01T11:59:59.999Z" }],
      goals: [{ ...ancient, title: "offline", updatedAt: "2001-01-01T12:00:00Z" }],
    });
    expect.outcomes(reply, ["superseded", "superseded"]);
    const batch = await offline.batch([{ id: recent["id"] as string, type: "logbook_entry", data: recent }]);
    expect.outcome(batch, 0, "superseded");
    expect.nothing("changes", await device.changesSince(before));
    const pulled = await newDevice().pullAll();
    // A full pull may tell deletions (PULL-007).
    for (const { id } of [recent, ancient])
      expect.equal("what is live", pulled.find(id as string)?.item ?? null, null);
  },
});

export const versionsGoOn = serverCheck({
  id: "DEL-005/versions-go-on",
  name: "an entity's version goes on over deletion and return",
  brokenBy: [resetsVersionsOnDeletion, resetsVersionsOnReturn],
  async run({ device, newDevice, expect, aGoal, aDeletion, edited }) {
    const goal = aGoal();
    const id = goal["id"] as string;
    const before = await device.cursor();
    await device.push({ goals: [goal] });
    await device.push({ goals: [edited(goal)] });
    for (const version of [3, 5]) {
      const deletion = await newDevice().push({ goals: [aDeletion(goal)] });
      expect.equal("version of the deletion", expect.outcome(deletion, 0, "applied").meta?.version, version);
      expect.equal(
        "told version",
        expect.deleted(await device.changesSince(before), id).meta.version,
        version,
      );
      const back = await device.push({ goals: [edited(goal)] });
      expect.equal("version of the return", expect.outcome(back, 0, "applied").meta?.version, version + 1);
    }
    expect.equal("stored version", expect.live(await newDevice().pullAll(), id).meta.version, 6);
  },
});

export const metaOnly = serverCheck({
  id: "DEL-006/meta-only",
  name: "of a deleted entity nothing comes back but its meta: not in pulls, not in answers to writers",
  brokenBy: [returnsDeletedData, answersWithDeletedData, tellsDeletionsAmongTheItems],
  async run({ device, newDevice, expect, anEntry, aDeletion, unique }) {
    const secret = unique("secret");
    const entry = anEntry({ notes: secret, updatedAt: EARLY });
    const id = entry["id"] as string;
    const start = await device.cursor();
    await device.push({ entries: [entry] });
    const deletion = { ...entry, ...aDeletion(entry, { deletedAt: LATE }) };
    const replies = [
      await device.push({ entries: [deletion] }),
      await newDevice().push({ entries: [deletion] }),
      await newDevice().push({
        entries: [{ id, timestamp: EARLY, duration: 1, type: "practice", updatedAt: EARLY }],
      }),
      await newDevice().batch([
        {
          id,
          type: "logbook_entry",
          data: { id, timestamp: EARLY, duration: 1, type: "practice", updatedAt: EARLY },
        },
      ]),
    ];
    expect.equal(
      "outcomes",
      replies.map((reply) => reply.body.results[0]?.outcome),
      ["applied", "duplicate", "superseded", "superseded"],
    );
    for (const index of [2, 3]) expect.equal("item", replies[index]?.body.results[0]?.item, null);

    const delta = await newDevice().pull({ since: start });
    const full = await newDevice().pull();
    for (const reply of [...replies, delta, full]) {
      expect.ok("what was deleted is not told", !reply.text.includes(secret), reply.text);
    }
    expect.equal("entries in a delta", delta.body.entries, []);
    expect.equal("deletedAt", expect.deleted(delta, id).meta.deletedAt, LATE);
    // A full pull may tell deletions (PULL-007).
    expect.liveIds(full, []);
  },
});

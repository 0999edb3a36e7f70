import { serverCheck } from "../../check.ts";
import type { PushBody } from "../../shapes.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import {
  anyDeletedAtDeletes,
  deletedForever,
  epochZeroIsNoDeletion,
  forgetsDeletionsOfTheUnseen,
  hidesDeletionsOfTheUnseen,
  oldTombstonesYield,
  readsEveryTimeOfADeletion,
  refusesDeletionsOfTheUnseen,
  resetsVersionsOnDeletion,
  resetsVersionsOnReturn,
  returnsDeletedData,
  tellsDeletedDataToWriters,
  tellsDeletionsAsItems,
  tombstonesAreSweptAway,
  validatesDeletionsAsItems,
  weighsDeletions,
} from "./deletions.mutants.ts";

const EARLY = "2024-03-01T10:00:00.000Z";
const LATE = "2024-03-01T12:00:00.000Z";

export const idAndInstant = serverCheck({
  id: "DEL-001/id-and-instant-are-enough",
  name: "an id and a deletedAt make a deletion of every type, in every form of an instant",
  brokenBy: [validatesDeletionsAsItems, epochZeroIsNoDeletion],
  async run({ device, newDevice, expect }) {
    const before = await device.cursor();
    const reply = await device.push({
      entries: [{ id: "d1", deletedAt: LATE }],
      goals: [{ id: "d2", deletedAt: "2024-03-01T13:00:00.000+01:00" }],
      repertoire: [
        { scoreId: "d3", deletedAt: 1_709_294_400_000 },
        { id: "d4", deletedAt: LATE },
      ],
      practicePlans: [{ id: "d5", deletedAt: LATE }],
      planOccurrences: [{ id: "d6", deletedAt: LATE }],
      planTemplates: [{ id: "d7", deletedAt: LATE }],
      preferences: [{ id: "preferences", deletedAt: 0 }],
    });
    for (const [index, { meta }] of reply.body.results.entries()) {
      expect.outcome(reply, index, "applied");
      expect.equal("deletedAt", meta?.deletedAt, index === 7 ? "1970-01-01T00:00:00.000Z" : LATE);
    }
    const told = await newDevice().changesSince(before);
    for (const id of ["d1", "d2", "d3", "d4", "d5", "d6", "d7", "preferences"]) expect.deleted(told, id);
  },
});

export const whateverElse = serverCheck({
  id: "DEL-001/whatever-else-it-has",
  name: "a deletion is accepted whatever other members it has, of whatever type",
  brokenBy: [validatesDeletionsAsItems, readsEveryTimeOfADeletion],
  async run({ device, newDevice, expect, anEntry, aPlan, http }) {
    const [entry, plan] = [anEntry(), aPlan()];
    await device.push({ entries: [entry], practicePlans: [plan] });
    const deletedAt = new Date(Date.parse(String(entry["updatedAt"])) + 10_000).toISOString();
    const reply = await http<PushBody>({
      path: "/api/sync/push",
      as: newDevice(),
      json: {
        changes: {
          entries: [
            {
              id: entry["id"],
              deletedAt,
              duration: "half an hour",
              timestamp: null,
              type: 5,
              pieces: "none",
              updatedAt: "yesterday",
            },
          ],
          practicePlans: [
            { ...plan, schedule: { kind: "never" }, title: null, createdAt: "once", deletedAt },
          ],
        },
      },
    });
    expect.outcomes(reply, ["applied", "applied"]);
    expect.liveIds(await device.pullAll(), []);

    const batch = await device.batch([{ id: "never-seen", type: "goal", data: { deletedAt } }]);
    expect.equal("entity id", expect.outcome(batch, 0, "applied").entityId, "never-seen");
  },
});

export const howeverLarge = serverCheck({
  id: "DEL-001/however-large",
  name: "a deletion is accepted however large the rest of its item is",
  brokenBy: [weighsDeletions],
  async run({ device, newDevice, expect, aGoal, limits, inconclusive }) {
    if (limits.maxBodyBytes < limits.maxItemBytes + 2_000)
      inconclusive("no body holds an item over maxItemBytes");
    const goal = aGoal();
    await device.push({ goals: [goal] });
    const deletedAt = new Date(Date.parse(String(goal["updatedAt"])) + 10_000).toISOString();
    const notes = "x".repeat(limits.maxItemBytes);
    const live = await device.push({ goals: [{ ...goal, notes }] });
    expect.refused(live, 0, "ITEM_TOO_LARGE");
    expect.outcome(await newDevice().push({ goals: [{ ...goal, notes, deletedAt }] }), 0, "applied");
    expect.liveIds(await newDevice().pullAll(), []);
  },
});

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
    expect.equal(
      "told deletion",
      expect.deleted(await newDevice().changesSince(before), id).meta,
      meta as object,
    );

    const creation = await newDevice().push({ entries: [entry] });
    expect.equal("winner", expect.outcome(creation, 0, "superseded").meta, meta as object);
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
  brokenBy: [tombstonesAreSweptAway, oldTombstonesYield],
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
    expect.absent(pulled, recent["id"] as string);
    expect.absent(pulled, ancient["id"] as string);
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
  brokenBy: [returnsDeletedData, tellsDeletedDataToWriters, tellsDeletionsAsItems],
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
    expect.nothing("full pull", full);
  },
});

export const emptyDeletedAt = serverCheck({
  id: "DEL-007/null-and-empty",
  name: "an item whose deletedAt is null or the empty text is a live item",
  brokenBy: [anyDeletedAtDeletes],
  async run({ device, newDevice, expect, aGoal, aDeletion, http }) {
    const forms: JsonObject[] = [
      { deletedAt: null },
      { deletedAt: "" },
      { deleted_at: null },
      { deleted_at: "" },
    ];
    const goals = forms.map((form) => aGoal({ ...form, updatedAt: LATE }));
    // One of them was deleted before: an undone deletion is how such items come to be.
    await device.push({ goals: [aDeletion(goals[0] as JsonObject, { deletedAt: EARLY })] });
    const reply = await http<PushBody>({ path: "/api/sync/push", as: device, json: { changes: { goals } } });
    expect.outcomes(reply, ["applied", "applied", "applied", "applied"]);
    for (const { meta } of reply.body.results) expect.equal("deletedAt", meta?.deletedAt, null);
    expect.liveIds(
      await newDevice().pullAll(),
      goals.map((goal) => goal["id"] as string),
    );

    // It is judged as one: it needs a title and a stamp.
    const bare = await http<PushBody>({
      path: "/api/sync/push",
      as: device,
      json: {
        changes: {
          goals: [
            { id: "bare", deletedAt: "", updatedAt: LATE },
            { id: "unstamped", title: "x", deletedAt: null },
          ],
        },
      },
    });
    expect.refused(bare, 0, "INCOMPLETE");
    expect.refused(bare, 1, "INCOMPLETE");
  },
});

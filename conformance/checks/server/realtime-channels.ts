import { serverCheck } from "../../check.ts";
import type { Connection } from "../../wire/connection.ts";
import type { Told } from "../../wire/messages.ts";
import * as faulty from "./realtime-channels.mutants.ts";

/** The telling of an entity at this version, waited for. */
function hearsVersion(connection: Connection, entityId: string, version: number): Promise<Told> {
  return connection.hears(entityId, ({ meta }) => meta.version === version);
}

export const pushesAreTold = serverCheck({
  id: "RT-001/pushes-of-every-type-are-told",
  name: "items of every type that a push writes are told to the user's live sockets, as stored",
  brokenBy: [
    faulty.tellsOnlyWhatCameOnSockets,
    faulty.tellsFirstItemOfPushes,
    faulty.tellsTypesOfTheFirstAppOnly,
    faulty.tellsNewestSocketOnly,
    faulty.tellsOnlyThoseWhoCaughtUp,
  ],
  async run({ device, newDevice, expect, ...make }) {
    // One says nothing at all, one has caught up, one is of the very device that writes.
    const silent = await newDevice().connect();
    const caughtUp = await newDevice().connect();
    await caughtUp.catchUp();
    const own = await device.connect();
    const changes = {
      entries: [make.anEntry()],
      goals: [make.aGoal(), make.aGoal()],
      repertoire: [make.aPiece()],
      practicePlans: [make.aPlan()],
      planOccurrences: [make.anOccurrence()],
      planTemplates: [make.aTemplate()],
      preferences: [make.preferences()],
    };
    const { body } = await device.push(changes);
    expect.equal("success of the push", body.success, true);

    const pulled = await device.pull();
    for (const listener of [silent, caughtUp, own]) {
      for (const { entityId, entityType } of body.results) {
        const told = await listener.hears(entityId!);
        const stored = expect.live(pulled, entityId!);
        expect.equal(`item of ${entityType} as told on ${listener.label}`, told.item, stored.item);
        expect.equal(`meta of ${entityType} as told on ${listener.label}`, told.meta, stored.meta);
      }
    }
  },
});

export const everyCallIsTold = serverCheck({
  id: "RT-001/edits-deletions-and-batches-are-told",
  name: "edits, deletions and batches over HTTP are told as well, of deployed peers too",
  brokenBy: [faulty.tellsNoBatches, faulty.tellsNoDeletionsOfHttp, faulty.tellsNewEntitiesOnly],
  async run({ device, newDevice, deployedDevice, anEntry, aPiece, edited, aDeletion, expect }) {
    const listener = await newDevice().connect();
    const [entry, piece] = [anEntry(), aPiece()];
    const id = entry["id"] as string;
    const scoreId = piece["scoreId"] as string;
    await device.push({ entries: [entry], repertoire: [piece] });
    await hearsVersion(listener, id, 1);

    const change = edited(entry, { duration: 77 });
    await deployedDevice().push({ entries: [change] });
    expect.equal("edit as told", (await hearsVersion(listener, id, 2)).item?.["duration"], 77);

    const batched = edited(entry, { duration: 78 });
    await device.batch([{ id, type: "logbook_entry", data: batched }]);
    expect.equal("edit of a batch as told", (await hearsVersion(listener, id, 3)).item?.["duration"], 78);

    await device.push({ entries: [aDeletion(entry)], repertoire: [aDeletion(piece)] });
    expect.equal("deletion of the entry as told", (await hearsVersion(listener, id, 4)).item, null);
    expect.equal("deletion of the piece as told", (await hearsVersion(listener, scoreId, 2)).item, null);
  },
});

export const namedSocketIsSpared = serverCheck({
  id: "RT-002/named-socket-is-spared",
  name: "a push that names a live socket is told to the user's others, and not to that one",
  brokenBy: [
    faulty.ignoresConnectionIds,
    faulty.sparesEverySocketOfTheDevice,
    faulty.sparesAllWhereOneIsNamed,
    faulty.sparesTheNamedForEver,
  ],
  async run({ device, newDevice, anEntry, edited, expect }) {
    const named = await device.connect();
    const sibling = await device.connect();
    const other = await newDevice().connect();
    const headers = { "x-connection-id": named.connectionId };
    const entry = anEntry();
    const id = entry["id"] as string;
    const { body } = await device.push({ entries: [entry] }, { headers });
    expect.equal("outcome of the push", body.results[0]?.outcome, "applied");

    await sibling.hears(id);
    await other.hears(id);
    await named.fence();
    expect.notTold(named, id);

    // Only that push was the socket's own.
    await device.push({ entries: [edited(entry)] });
    await hearsVersion(named, id, 2);
  },
});

export const caughtUpSocketIsSpared = serverCheck({
  id: "RT-002/spared-after-catch-up",
  name: "a socket that has caught up is spared the pushes that name it, one after another, of whatever type",
  brokenBy: [faulty.ignoresConnectionIds, faulty.sparesTheFirstPushOnly, faulty.sparesEntriesOnly],
  async run({ device, newDevice, anEntry, aGoal, aDeletion, expect }) {
    const named = await device.connect();
    await named.catchUp();
    const other = await newDevice().connect();
    const headers = { "x-connection-id": named.connectionId };
    const [entry, goal] = [anEntry(), aGoal()];
    await device.push({ entries: [entry] }, { headers });
    await device.push({ goals: [goal] }, { headers });
    await device.push({ entries: [aDeletion(entry)] }, { headers });

    await hearsVersion(other, entry["id"] as string, 2);
    await named.fence();
    expect.notTold(named, entry["id"] as string);
    expect.notTold(named, goal["id"] as string);
  },
});

export const foreignNamesSpareNobody = serverCheck({
  id: "RT-002/foreign-and-unknown-names-spare-nobody",
  name: "an X-Connection-ID of another user's socket, or of none, spares no socket and refuses no push",
  brokenBy: [faulty.sparesAllWhereOneIsNamed, faulty.refusesUnknownConnectionIds],
  async run({ device, newDevice, stranger, anEntry, expect }) {
    const listener = await newDevice().connect();
    const foreign = await (await stranger()).connect();
    for (const name of [foreign.connectionId, "no-such-connection"]) {
      const entry = anEntry();
      const { body } = await device.push({ entries: [entry] }, { headers: { "x-connection-id": name } });
      expect.equal("outcome of the push", body.results[0]?.outcome, "applied");
      await listener.hears(entry["id"] as string);
    }
  },
});

export const deployedSendersHearTheWinner = serverCheck({
  id: "RT-003/winner-is-told-to-a-deployed-sender",
  name: "a deployed peer that loses is told the winner as an ordinary event without seq",
  brokenBy: [
    faulty.tellsDeployedSendersNothing,
    faulty.tellsWinnersWithSeq,
    faulty.tellsLosersToTheirSenders,
    faulty.tellsOnlyWinnersThatAreLive,
  ],
  async run({ device, deployedDevice, anEntry, aPiece, aDeletion, edited, expect }) {
    const [entry, piece] = [anEntry(), aPiece()];
    const lateEntry = edited(entry, { duration: 11 });
    const latePiece = edited(piece);
    const winner = edited(entry, { duration: 55 });
    await device.push({ entries: [winner], repertoire: [aDeletion(piece)] });
    const { lastSeq, epoch } = (await device.pull()).body;

    // With a place of its own, so that a seq could go out: the winner is behind that place.
    const loser = await deployedDevice().connect();
    await loser.catchUp({ lastSeq: lastSeq!, epoch });
    expect.ack(await loser.mutate("ENTRY_UPDATED", { entry: lateEntry }), "superseded");
    const told = await loser.hears(entry["id"] as string);
    expect.ok("an ordinary event", /^ENTRY_(CREATED|UPDATED)$/.test(told.message.type), told.message);
    expect.equal("duration of the winner", told.item?.["duration"], 55);
    expect.equal("stamp of the winner", told.meta.updatedAt, winner["updatedAt"]);
    expect.ok("the event has no seq", !("seq" in told.message), told.message);

    expect.ack(await loser.mutate("PIECE_UPDATED", { piece: latePiece }), "superseded");
    const gone = await loser.hears(piece["scoreId"] as string);
    expect.equal("the winner is a deletion", gone.item, null);
    expect.ok("its event has no seq", !("seq" in gone.message), gone.message);
  },
});

export const deployedSendersHearEveryWinner = serverCheck({
  id: "RT-003/every-winner-of-a-bulk",
  name: "a deployed peer is told the winner of each superseded write of one message, whatever its type",
  brokenBy: [
    faulty.tellsFirstWinnerOnly,
    faulty.tellsDeployedSendersNothing,
    faulty.tellsWinnersOfEntriesOnly,
  ],
  async run({ device, deployedDevice, anEntry, aGoal, edited, expect }) {
    const olds = { entries: [anEntry(), anEntry()], goals: [aGoal()] };
    const news = {
      entries: olds.entries.map((entry) => edited(entry)),
      goals: olds.goals.map((goal) => edited(goal)),
    };
    await device.push(news);

    const loser = await deployedDevice().connect();
    const { results } = await loser.mutate("BULK_SYNC", { ...olds });
    expect.equal(
      "outcomes",
      results?.map(({ outcome }) => outcome),
      ["superseded", "superseded", "superseded"],
    );
    for (const item of [...news.entries, ...news.goals]) {
      const told = await loser.hears(item["id"] as string);
      expect.equal("stamp of the winner", told.meta.updatedAt, item["updatedAt"]);
      expect.ok("the event has no seq", !("seq" in told.message), told.message);
    }
  },
});

export const batchesSpareToo = serverCheck({
  id: "RT-002/batches-too",
  name: "a batch that names a live socket is told to the user's others, and not to that one",
  brokenBy: [faulty.sparesForPushesOnly, faulty.ignoresConnectionIds],
  async run({ device, newDevice, aGoal, edited, expect }) {
    const named = await device.connect();
    await named.catchUp();
    const other = await newDevice().connect();
    const goal = aGoal();
    const id = goal["id"] as string;
    const headers = { "x-connection-id": named.connectionId };
    const reply = await device.batch([{ id, type: "goal", data: goal }], { headers });
    expect.outcome(reply, 0, "applied");
    await other.hears(id);
    await named.fence();
    expect.notTold(named, id);

    await device.batch([{ id, type: "goal", data: edited(goal) }]);
    await hearsVersion(named, id, 2);
  },
});

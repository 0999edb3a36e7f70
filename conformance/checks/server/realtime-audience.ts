import type { JsonObject } from "../../../schemas/json.ts";
import { serverCheck } from "../../check.ts";
import { idOf } from "../reading.ts";
import * as faulty from "./realtime-audience.mutants.ts";
import { CALLS } from "./realtime-table.ts";

export const everyOtherSocket = serverCheck({
  id: "RT-016/every-other-socket",
  name: "an accepted mutation is told to every other live socket of the user",
  brokenBy: [
    faulty.tellsTheLatestSocketAlone,
    faulty.sparesTheSendersDevice,
    faulty.tellsOnlyWhoHasSpoken,
    faulty.tellsOnlyWhoHasCaughtUp,
    faulty.tellsOnlyThoseOfTheSameProtocol,
  ],
  async run({ device, newDevice, deployedDevice, expect, anEntry, aGoal }) {
    const phone = await device.connect();
    // The same device opens a second socket, as two tabs of a browser do; both say which device they are of.
    const sameDevice = await device.connect();
    const caughtUp = await newDevice().connect();
    const silent = await newDevice().connect();
    const deployed = await deployedDevice().connect();
    await caughtUp.catchUp();
    const deviceId = device.id;
    await sameDevice.mutate("ENTITY_CHANGED", { entityType: "goal", item: aGoal(), deviceId });
    await deployed.mutate("ENTITY_CHANGED", { entityType: "goal", item: aGoal() });

    const entry = anEntry();
    const id = entry["id"] as string;
    expect.ack(await phone.mutate("ENTRY_CREATED", { entry, deviceId }), "applied");
    for (const other of [sameDevice, caughtUp, silent, deployed]) {
      expect.equal(
        `notes as told on ${other.label}`,
        (await other.hears(id)).item?.["notes"],
        entry["notes"],
      );
    }
    const back = anEntry();
    expect.ack(await deployed.mutate("ENTRY_CREATED", { entry: back }), "applied");
    for (const other of [phone, sameDevice, caughtUp, silent]) await other.hears(back["id"] as string);
  },
});

export const neverToItsOwn = serverCheck({
  id: "RT-016/never-to-its-own-socket",
  name: "a socket is never told of its own mutations as events, whatever messages carried them",
  brokenBy: [faulty.echoesToTheSender, faulty.echoesBulks, faulty.echoesOnceCaughtUp],
  async run({ device, newDevice, expect, anEntry, aPiece, aPlan, anOccurrence, edited }) {
    const phone = await device.connect();
    const laptop = await newDevice().connect();
    const [entry, piece, plan, inBulk, after] = [anEntry(), aPiece(), aPlan(), anEntry(), anEntry()];
    const occurrence = anOccurrence({ planId: plan["id"] });
    await phone.mutate("ENTRY_CREATED", { entry });
    await phone.mutate("ENTRY_UPDATED", { entry: edited(entry) });
    await phone.mutate("PLAN_CREATED", { plan, occurrences: [occurrence] });
    await phone.mutate("REPERTOIRE_BULK_SYNC", { pieces: [piece] });
    await phone.mutate("BULK_SYNC", { entries: [inBulk] });
    await phone.mutate("ENTRY_DELETED", { entryId: entry["id"] });
    await phone.fence();
    const own = [entry, plan, occurrence, inBulk].map(({ id }) => id as string);
    own.push(piece["scoreId"] as string);
    for (const id of own) expect.notTold(phone, id);

    await phone.catchUp({ lastSeq: (await phone.catchUp()).lastSeq });
    await phone.mutate("ENTRY_CREATED", { entry: after });
    await phone.fence();
    expect.notTold(phone, after["id"] as string);
    for (const id of [...own, after["id"] as string]) await laptop.hears(id);
  },
});

export const goesOnAfterOneLeft = serverCheck({
  id: "RT-016/others-are-told-after-one-left",
  name: "when a socket of a device closes, the device's other socket and the others are told as before",
  brokenBy: [faulty.forgetsTheDeviceOfAClosedSocket],
  async run({ device, newDevice, expect, aGoal, anEntry }) {
    const first = await device.connect();
    const second = await device.connect();
    const phone = await newDevice().connect();
    const deviceId = device.id;
    for (const socket of [first, second]) {
      await socket.mutate("ENTITY_CHANGED", { entityType: "goal", item: aGoal(), deviceId });
    }
    await second.close();
    const entry = anEntry();
    expect.ack(await phone.mutate("ENTRY_CREATED", { entry }), "applied");
    await first.hears(entry["id"] as string);
  },
});

export const notToStrangers = serverCheck({
  id: "RT-020/nothing-reaches-a-stranger",
  name: "what one user's socket says is neither told to another user nor changes what that one has",
  brokenBy: [
    faulty.tellsEverybody,
    faulty.tellsWhoeverHasTheDeviceId,
    faulty.tellsEverybodyOfRemovals,
    faulty.answersWhoeverUsedTheChangeId,
  ],
  async run({ device, stranger, expect, anEntry, aPiece, edited, unique }) {
    const other = await stranger();
    const [phone, theirs] = [await device.connect(), await other.connect()];
    const clientChangeId = unique("change");
    const deviceId = unique("device");
    // Both have the same ids for everything.
    const entry = anEntry();
    const foreign = edited(entry, { notes: "of the stranger" });
    const piece = aPiece();
    const { scoreId } = piece;
    const id = entry["id"] as string;
    const mine = { entry, clientChangeId, deviceId };
    const their = { entry: foreign, clientChangeId, deviceId };
    expect.equal("version", (await phone.mutate("ENTRY_CREATED", mine)).meta.version, 1);
    const ack = expect.ack(await theirs.mutate("ENTRY_CREATED", their), "applied");
    expect.equal("version at the stranger", ack.meta.version, 1);
    await phone.mutate("PIECE_ADDED", { piece, deviceId });
    await phone.mutate("PIECE_REMOVED", { scoreId, deviceId });
    expect.ack(await theirs.mutate("ENTRY_CREATED", their), "duplicate");

    await phone.fence();
    await theirs.fence();
    const sent: [typeof phone, number][] = [
      [phone, 3],
      [theirs, 2],
    ];
    for (const [socket, messages] of sent) {
      expect.notTold(socket, id);
      expect.notTold(socket, scoreId as string);
      const answers = socket.frames.filter(({ clientChangeId: name }) => name !== undefined);
      expect.equal(`answers on ${socket.label}`, answers.length, messages);
    }
    const pulled = await device.pull();
    expect.equal("notes at home", expect.live(pulled, id).item["notes"], entry["notes"]);
    const abroad = await other.pull();
    expect.equal("notes of the stranger", expect.live(abroad, id).item["notes"], "of the stranger");
    expect.absent(abroad, scoreId as string);
  },
});

export const userOfTheToken = serverCheck({
  id: "RT-020/user-is-that-of-the-token",
  name: "a message that names another user is its sender's all the same",
  brokenBy: [faulty.takesTheUserOfAMessage, faulty.takesTheUserOfAnItem],
  async run({ device, stranger, newDevice, expect, anEntry }) {
    const other = await stranger();
    const [phone, theirs, laptop] = [
      await device.connect(),
      await other.connect(),
      await newDevice().connect(),
    ];
    const userId = other.user;
    const [entry, inItem] = [anEntry(), anEntry({ userId })];
    const ids = [entry, inItem].map(({ id }) => id as string);
    expect.ack(await phone.mutate("ENTRY_CREATED", { entry, userId, user: userId }), "applied");
    expect.ack(await phone.mutate("ENTRY_CREATED", { entry: inItem }), "applied");
    await theirs.fence();
    for (const id of ids) {
      await laptop.hears(id);
      expect.notTold(theirs, id);
    }
    expect.liveIds(await device.pull(), ids);
    expect.liveIds(await other.pull(), [], "logbook_entry");
  },
});

export const connectionOfAStranger = serverCheck({
  id: "RT-020/connection-of-a-stranger",
  name: "a push or batch that names another user's socket, whatever becomes of it, spares nobody and tells that socket nothing",
  brokenBy: [
    faulty.tellsEverybodyOfPushes,
    faulty.sparesAllForAForeignConnection,
    faulty.tellsWinnersToAnyNamedSocket,
    faulty.tellsDuplicatesToAnyNamedSocket,
    faulty.tellsRefusalsToAnyNamedSocket,
  ],
  async run(context) {
    const { device, newDevice, stranger, deployedDevice, expect, limits, at, anItem, edited, aDeletion } =
      context;
    const other = await stranger();
    const phone = await device.connect();
    // One that has said nothing, one that announced itself, and deployed ones, which are told of what they lose.
    const [silent, announced, deployed] = [
      await other.connect(),
      await other.connect(),
      await other.with({ protocol: null }).connect(),
    ];
    const theirs = [silent, announced, deployed];
    await announced.catchUp();
    await deployed.catchUp();

    for (const [index, socket] of theirs.entries()) {
      const headers = { "x-connection-id": socket.connectionId };
      const writer = index % 2 === 0 ? newDevice() : deployedDevice();
      for (const call of Object.values(CALLS)) {
        const types = ["logbook_entry", "repertoire_item", "goal"] as const;
        const items = types.map((entityType) => anItem(entityType));
        const newer = items.map((item) => edited(item));
        const gone = items.map((item) => aDeletion(item));
        const bad = types.map((entityType) =>
          anItem(entityType, { updatedAt: at(limits.clockSkewMs + 3_600_000) }),
        );
        const send = (list: readonly JsonObject[]) =>
          call(
            writer,
            list.map((item, place) => [types[place % 3]!, item] as const),
            { headers },
          );
        // Applied, superseded, duplicate and refused; then deleted, and superseded by that.
        for (const list of [newer, items, [...newer, ...bad], gone, newer]) await send(list);
        await phone.hears(idOf(items[0]!));
      }
    }
    for (const socket of theirs) {
      await socket.fence();
      expect.equal(`told on ${socket.label}, another user's`, socket.told, []);
      const strange = socket.frames.filter(({ type }) => type === "ERROR" || type === "CONFLICT");
      expect.equal(`ERRORs on ${socket.label}, another user's`, strange, []);
    }
    const unnamed = anItem("goal");
    await newDevice().push({ goals: [unnamed] });
    await phone.hears(idOf(unnamed));
  },
});

export const faultsOfAStranger = serverCheck({
  id: "RT-020/faults-of-a-stranger",
  name: "what one user's socket does wrong neither ends nor answers on another user's",
  brokenBy: [faulty.closesAllForOneFault, faulty.sendsErrorsToAll, faulty.catchesUpFromTheSharedLog],
  async run({ device, newDevice, stranger, expect, anEntry }) {
    const other = await stranger();
    await other.push({ entries: [anEntry(), anEntry()] });
    const phone = await device.connect();
    const [clumsy, broken] = [await other.connect(), await other.connect()];
    clumsy.sendText("not JSON");
    expect.errorFrame(await clumsy.next("ERROR"), "INVALID_JSON");
    broken.sendBytes(new Uint8Array([1, 2, 3]));
    await broken.closed();

    const caughtUp = await phone.catchUp();
    expect.equal("told of an empty account", caughtUp.told, []);
    const entry = anEntry();
    expect.ack(await phone.mutate("ENTRY_CREATED", { entry }), "applied");
    await newDevice().push({ entries: [anEntry()] });
    await expect.noFrame(phone, "an ERROR", ({ type }) => type === "ERROR");
    expect.equal("told to the stranger", clumsy.told, []);
  },
});

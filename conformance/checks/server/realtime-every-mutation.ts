import type { JsonObject } from "../../../schemas/json.ts";
import { serverCheck } from "../../check.ts";
import { isAck } from "../../wire/messages.ts";
import { idOf } from "../reading.ts";
import * as faulty from "./realtime-every-mutation.mutants.ts";
import { toldDuring } from "./realtime-shared.ts";
import { everyMutation, forEach, ofOne, REMOVALS, WRITES } from "./realtime-table.ts";

const instant = (value: unknown): number => new Date(value as string | number).getTime();

export const everyMutationTwice = serverCheck({
  id: "RT-015/every-mutation-twice",
  name: "whatever message carries it, a change that comes again is a duplicate, and nobody else hears of it",
  brokenBy: [
    faulty.tellsDuplicatePieces,
    faulty.tellsDuplicateDeletions,
    faulty.tellsDuplicatesOfBulks,
    faulty.judgesRepeatedPlansAnew,
  ],
  async run(context) {
    const { device, newDevice, expect } = context;
    const phone = await device.connect();
    const tablet = await newDevice().connect();
    const laptop = await newDevice().connect();
    await laptop.catchUp();
    const all = everyMutation(context);
    const isPreferences = ({ mutation }: (typeof all)[number]) => mutation.entityType === "user_preferences";
    // There is one entity of preferences: what came before is no duplicate any more once the next has come.
    const groups = [
      all.filter((one) => !isPreferences(one)),
      ...all.filter(isPreferences).map((one) => [one]),
    ];
    for (const group of groups) {
      await forEach(group, async ({ mutation, item, what }) => {
        const ack = await phone.mutate(mutation.type, mutation.carrying(item));
        expect.equal(`outcome of ${what}`, ofOne(ack).outcome, "applied");
      });
      const told = await toldDuring(laptop, async () => {
        for (const socket of [phone, tablet]) {
          await forEach(group, async ({ mutation, item, what }) => {
            const ack = await socket.mutate(mutation.type, mutation.carrying(item));
            expect.equal(`outcome of ${what}, again, on ${socket.label}`, ofOne(ack).outcome, "duplicate");
          });
        }
      });
      expect.equal("told of repetitions", told, []);
    }
  },
});

export const everyMutationRefused = serverCheck({
  id: "RT-014/every-mutation-refused",
  name: "whatever message carries it, a refused change is answered under its name, stored nowhere and told to nobody",
  brokenBy: [
    faulty.refusesRemovalsWithoutName,
    faulty.refusesOtherEntitiesWithoutName,
    faulty.refusesSkewWithoutName,
    faulty.tellsRefusedRemovals,
    faulty.letsRemovalsAhead,
  ],
  async run(context) {
    const { device, newDevice, expect, at, limits, aGoal } = context;
    const phone = await device.connect();
    const laptop = await newDevice().connect();
    const cases = everyMutation(context);
    await forEach(cases, async ({ mutation, item, what }) => {
      const stamp = "deletedAt" in item ? "deletedAt" : "updatedAt";
      for (const [wrong, value] of [
        ["too far ahead", at(limits.clockSkewMs + 3_600_000)],
        ["no instant", "yesterday"],
      ] as const) {
        const members = mutation.carrying({ ...item, [stamp]: value });
        const answer = await phone.tryMutate(mutation.type, members, { invalid: "on purpose" });
        const { code, outcome = "refused" } = isAck(answer)
          ? (answer.results?.[0] ?? { code: "none", outcome: answer.outcome })
          : answer;
        expect.equal(`outcome of ${what}, ${stamp} ${wrong}`, outcome, "refused");
        const isFitting = wrong === "no instant" ? typeof code === "string" : code === "CLOCK_SKEW";
        expect.ok(`${what}, ${stamp} ${wrong}, is refused with a fitting code`, isFitting, answer);
      }
    });
    await laptop.fence();
    expect.equal("told of what was refused", laptop.told, []);
    const pulled = await newDevice().pull();
    for (const { item } of cases) expect.absent(pulled, idOf(item));
    expect.ack(await phone.write("goal", aGoal()), "applied");
  },
});

export const oneNameForAll = serverCheck({
  id: "RT-017/one-name-for-every-mutation",
  name: "whatever messages come under one clientChangeId on one socket, each is judged, applied and told",
  brokenBy: [
    faulty.remembersNamesOfOtherEntities,
    faulty.remembersNamesOfBulks,
    faulty.remembersNamesOfRemovals,
    faulty.remembersNamesByType,
  ],
  async run(context) {
    const { device, newDevice, expect, unique } = context;
    const phone = await device.connect();
    const laptop = await newDevice().connect();
    const clientChangeId = unique("change");
    const due: number[] = [];
    for (const { mutation, item, what } of everyMutation(context)) {
      const ack = await phone.mutate(mutation.type, { ...mutation.carrying(item), clientChangeId });
      const { outcome, meta } = ofOne(ack);
      expect.equal(`outcome of ${what}`, outcome, "applied");
      expect.equal(`entity of the answer to ${what}`, meta?.entityId, idOf(item));
      // A later change of the one entity of preferences may replace an earlier one.
      if (mutation.entityType !== "user_preferences") due.push(meta!.seq);
    }
    await laptop.fence();
    const heard = new Set(laptop.told.map(({ meta }) => meta.seq));
    expect.equal(
      "changes that were not told",
      due.filter((seq) => !heard.has(seq)),
      [],
    );
  },
});

export const stampsOfEveryMutation = serverCheck({
  id: "RT-013/stamps-of-every-mutation",
  name: "whatever message carries it, a change has its own stamp, else its envelope's, which is acknowledged in the item",
  brokenBy: [
    faulty.stampsDissociationsByTheEnvelope,
    faulty.stampsEntriesGoneByTheEnvelope,
    faulty.stampsBulksByTheEnvelope,
    faulty.acknowledgesNoStampOfTheEnvelope,
    faulty.acknowledgesNoStampOfTheEnvelopeInResults,
  ],
  async run(context) {
    const { device, expect, anItem, aDeletion } = context;
    const phone = await device.connect();
    // Stamps of built items ascend, those of their envelopes between them.
    const later = () => aDeletion("nothing")["deletedAt"] as string;
    const write = async (
      { type, carrying }: Pick<(typeof WRITES)[number], "type" | "carrying">,
      item: JsonObject,
      timestamp: string,
    ) => {
      const told = ofOne(await phone.mutate(type, { ...carrying(item), timestamp }));
      expect.equal(`outcome of ${type}`, told.outcome, "applied");
      return told;
    };
    await forEach(everyMutation(context), async ({ mutation, item, what }) => {
      const stamp = "deletedAt" in item ? "deletedAt" : "updatedAt";
      const stamped = { ...item, [stamp]: later() };
      const { meta } = await write(mutation, stamped, later());
      expect.equal(`stamp of ${what} with a stamp of its own`, meta?.[stamp], stamped[stamp]);
    });
    const writes = WRITES.map((mutation) => ({ mutation }));
    await forEach(writes, async ({ mutation }) => {
      const timestamp = later();
      const told = await write(mutation, anItem(mutation.entityType, { updatedAt: undefined }), timestamp);
      expect.equal(`stamp of ${mutation.name} without one`, told.meta?.updatedAt, timestamp);
      const acknowledged = instant((told.item as JsonObject | undefined)?.["updatedAt"]);
      expect.equal(
        `updatedAt of the item in the answer to ${mutation.name}`,
        acknowledged,
        instant(timestamp),
      );
    });
    for (const mutation of REMOVALS) {
      const timestamp = later();
      const gone = { ...aDeletion(anItem(mutation.entityType)), deletedAt: null };
      const { meta } = await write(mutation, gone, timestamp);
      expect.equal(`stamp of ${mutation.name} without deletedAt`, meta?.deletedAt, timestamp);
    }
  },
});

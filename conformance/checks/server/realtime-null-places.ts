import { serverCheck } from "../../check.ts";
import type { CatchUpRequest, Connection } from "../../wire/connection.ts";
import { idOf, idsOf } from "../reading.ts";
import * as faulty from "./realtime-null-places.mutants.ts";
import { heldAfter } from "./realtime-log.ts";

/** The ids that a catch-up brings, in order of their letters. */
async function broughtBy(
  connection: Connection,
  from: Record<keyof CatchUpRequest, unknown>,
): Promise<string[]> {
  const { frames } = await connection.catchUp(from as CatchUpRequest);
  return heldAfter(frames)
    .map(({ entityId }) => entityId)
    .toSorted();
}

const NOTHING = { lastSeq: null, epoch: null, lastSyncTime: null };

export const nullIsAbsent = serverCheck({
  id: "RT-031/null-is-absent",
  name: "lastSeq, epoch and lastSyncTime of null count as absent, each beside the others, whoever asks",
  brokenBy: [faulty.refusesNullPlaces, faulty.nullIsTheHead, faulty.nullIsAnotherEpoch],
  async run({ device, newDevice, deployedDevice, expect, anEntry }) {
    const [first, second] = [anEntry(), anEntry()];
    const { body } = await device.push({ entries: [first] });
    const { seq } = body.results[0]!.meta!;
    await device.push({ entries: [second] });
    const { epoch } = (await device.pull()).body;
    const all = idsOf([first, second]).toSorted();
    for (const owner of [newDevice(), deployedDevice()]) {
      const phone = await owner.connect();
      expect.equal("what three times null brings", await broughtBy(phone, NOTHING), all);
      expect.equal("what null beside an epoch brings", await broughtBy(phone, { ...NOTHING, epoch }), all);
      const later = await broughtBy(phone, { ...NOTHING, lastSeq: seq });
      expect.equal("what a lastSeq beside null brings", later, [idOf(second)]);
    }
  },
});

export const timeBesideNull = serverCheck({
  id: "RT-031/time-beside-null",
  name: "where lastSeq is null, lastSyncTime decides; where that is null, everything is brought, old as it may be",
  needs: ["control:advance-clock"],
  brokenBy: [faulty.nullIsTheBeginning, faulty.nullIsNoInstant],
  async run({ device, newDevice, expect, anEntry, at, control, tokens }) {
    const [old, recent] = [anEntry(), anEntry()];
    await device.push({ entries: [old] });
    await control.advanceClock(9 * 86_400_000);
    const token = await tokens.valid();
    const between = at(-60_000);
    await device.with({ token }).push({ entries: [recent] });
    const phone = await newDevice().with({ token }).connect();
    const since = await broughtBy(phone, { ...NOTHING, lastSyncTime: between });
    expect.equal("what a time beside null brings", since, [idOf(recent)]);
    expect.equal(
      "what nothing but null brings",
      await broughtBy(phone, NOTHING),
      idsOf([old, recent]).toSorted(),
    );
  },
});

export const zeroIsAPlace = serverCheck({
  id: "RT-032/zero-is-a-place",
  name: "a lastSeq is a place, 0 too: what came after it is brought, whatever lastSyncTime stands beside it",
  brokenBy: [faulty.zeroIsAbsent, faulty.timeNarrowsThePlace],
  async run({ device, newDevice, deployedDevice, expect, anEntry, waitFor }) {
    const [first, second] = [anEntry(), anEntry()];
    const { body } = await device.push({ entries: [first] });
    await device.push({ entries: [second] });
    // An instant after all of it, by the server's own clock: it is not in the future.
    const serverTime = async () => Date.parse((await device.pull()).body.timestamp);
    const received = await serverTime();
    let later = received;
    await waitFor("the server's clock goes on", async () => (later = await serverTime()) > received);
    const lastSyncTime = new Date(later).toISOString();

    const all = idsOf([first, second]).toSorted();
    for (const owner of [newDevice(), deployedDevice()]) {
      const phone = await owner.connect();
      const places = { lastSeq: 0, lastSyncTime } as const;
      expect.equal("what 0 beside a time brings", await broughtBy(phone, { ...NOTHING, ...places }), all);
      const after = { lastSeq: body.results[0]!.meta!.seq, lastSyncTime };
      const brought = await broughtBy(phone, { ...NOTHING, ...after });
      expect.equal("what a place beside a time brings", brought, [idOf(second)]);
    }
  },
});

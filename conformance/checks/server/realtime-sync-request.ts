import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import type { CatchUpRequest, Connection } from "../../wire/connection.ts";
import { isError } from "../../wire/messages.ts";
import { idOf, idsOf, told } from "../reading.ts";
import { cursorAfter, demandNoHole, heldAfter, Log, tinyGoals } from "./realtime-log.ts";
import * as faulty from "./realtime-sync-request.mutants.ts";

const DAY_MS = 86_400_000;

/** A catch-up brings exactly these entities. */
async function brings(
  { expect }: Pick<ServerContext, "expect">,
  connection: Connection,
  from: CatchUpRequest,
  ids: readonly string[],
): Promise<void> {
  const { frames } = await connection.catchUp(from);
  const brought = heldAfter(frames).map(({ entityId }) => entityId);
  expect.equal(`what SYNC_REQUEST ${JSON.stringify(from)} brings`, brought.toSorted(), ids.toSorted());
}

export const otherEpoch = serverCheck({
  id: "RT-030/another-epoch",
  name: "SYNC_REQUEST of another epoch is answered with CURSOR_EXPIRED, whoever asks; that of the present one is served",
  brokenBy: [
    faulty.ignoresTheEpoch,
    faulty.epochOfAnnouncedOnly,
    faulty.epochBesideAPlaceOnly,
    faulty.otherEpochIsInvalid,
    faulty.refusesEveryEpoch,
  ],
  async run(context) {
    const { device, newDevice, deployedDevice, expect, anEntry, unique } = context;
    const entries = [anEntry(), anEntry()];
    await device.push({ entries });
    const { epoch, lastSeq } = (await device.pull()).body;
    for (const owner of [newDevice(), deployedDevice()]) {
      const phone = await owner.connect();
      const other = unique("epoch");
      for (const from of [{ lastSeq: 0 }, { lastSeq: lastSeq! }, {}]) {
        const answer = await phone.tryCatchUp({ ...from, epoch: other });
        expect.errorFrame(answer, "CURSOR_EXPIRED");
      }
      expect.equal("entities told", phone.told.length, 0);
      // The socket is open, and the present epoch is served.
      await brings(context, phone, { lastSeq: 0, epoch }, idsOf(entries));
      await brings(context, phone, { lastSeq: lastSeq!, epoch }, []);
    }
  },
});

export const aheadOfTheHead = serverCheck({
  id: "RT-030/ahead-of-the-head",
  name: "an announced peer's lastSeq above the head is answered with CURSOR_EXPIRED, at the head it is served",
  brokenBy: [
    faulty.aheadIsTheHead,
    faulty.aheadIsAbsentForAll,
    faulty.oneAheadIsTheHead,
    faulty.theHeadIsRefused,
  ],
  async run(context) {
    const { device, newDevice, expect, anEntry, at } = context;
    const entries = [anEntry(), anEntry()];
    await device.push({ entries });
    const { epoch, lastSeq } = (await device.pull()).body;
    const phone = await newDevice().connect();
    for (const ahead of [1, 1_000, Number.MAX_SAFE_INTEGER - lastSeq!]) {
      const place = lastSeq! + ahead;
      expect.errorFrame(await phone.tryCatchUp({ lastSeq: place }), "CURSOR_EXPIRED");
      expect.errorFrame(await phone.tryCatchUp({ lastSeq: place, epoch }), "CURSOR_EXPIRED");
      expect.errorFrame(
        await phone.tryCatchUp({ lastSeq: place, lastSyncTime: at(-DAY_MS) }),
        "CURSOR_EXPIRED",
      );
    }
    await brings(context, phone, { lastSeq: lastSeq! }, []);
    await brings(context, phone, { lastSeq: lastSeq!, epoch }, []);
    await brings(context, phone, { lastSeq: 0, epoch }, idsOf(entries));
  },
});

export const deployedAhead = serverCheck({
  id: "RT-031/deployed-peer-ahead-of-the-head",
  name: "a deployed peer's lastSeq above the head counts as absent",
  brokenBy: [faulty.aheadIsTheHead, faulty.aheadIsRefusedForAll, faulty.oneAheadIsTheHead],
  async run(context) {
    const { device, deployedDevice, expect, anEntry, at } = context;
    const entries = [anEntry(), anEntry()];
    await device.push({ entries });
    const lastSeq = (await device.pull()).body.lastSeq!;
    for (const ahead of [1, 5_000]) {
      const phone = await deployedDevice().connect();
      await brings(context, phone, { lastSeq: lastSeq + ahead }, idsOf(entries));
      expect.equal("cursor of the peer", cursorAfter(phone.frames), lastSeq);
      await brings(context, phone, { lastSeq: lastSeq + ahead, lastSyncTime: at(-DAY_MS) }, idsOf(entries));
      await brings(context, phone, { lastSeq }, []);
    }
  },
});

export const deployedAheadWithTime = serverCheck({
  id: "RT-031/deployed-peer-ahead-with-a-time",
  name: "where a deployed peer's lastSeq is above the head, its lastSyncTime decides",
  needs: ["control:advance-clock"],
  brokenBy: [faulty.aheadForgetsTheTime],
  async run(context) {
    const { device, deployedDevice, expect, anEntry, at, control } = context;
    const [old, recent] = [anEntry(), anEntry()];
    await device.push({ entries: [old] });
    await control.advanceClock(120_000);
    const between = at(-60_000);
    await device.push({ entries: [recent] });
    const lastSeq = (await device.pull()).body.lastSeq!;
    const phone = await deployedDevice().connect();
    await brings(context, phone, { lastSeq: lastSeq + 3, lastSyncTime: between }, [idOf(recent)]);
    await brings(context, phone, { lastSeq: lastSeq + 3 }, idsOf([old, recent]));
    expect.equal("cursor of the peer", cursorAfter(phone.frames), lastSeq);
  },
});

export const everything = serverCheck({
  id: "RT-031/no-place-brings-everything",
  name: "a request with neither lastSeq nor lastSyncTime brings everything, whoever asks",
  brokenBy: [faulty.nothingAskedBringsNothing],
  async run(context) {
    const { device, newDevice, deployedDevice, expect, anEntry, aGoal, aPiece, aDeletion, at } = context;
    const log = new Log();
    const gone = aGoal();
    const old = anEntry({ updatedAt: at(-400 * DAY_MS) });
    log.note(await device.push({ entries: [old], goals: [gone], repertoire: [aPiece()] }));
    log.note(await device.push({ goals: [aDeletion(gone)] }));
    for (const owner of [newDevice(), deployedDevice()]) {
      const phone = await owner.connect();
      for (let n = 0; n < 2; n += 1) {
        const { frames, lastSeq } = await phone.catchUp();
        expect.equal("what it brings", told(heldAfter(frames)), log.ends());
        expect.equal("lastSeq", lastSeq, log.head);
      }
    }
  },
});

export const everythingOld = serverCheck({
  id: "RT-031/no-place-brings-what-is-old",
  name: "a request with neither lastSeq nor lastSyncTime brings what was received weeks ago, too",
  needs: ["control:advance-clock"],
  brokenBy: [faulty.nothingAskedBringsAWeek],
  async run(context) {
    const { device, expect, anEntry, control, tokens } = context;
    const entries = [anEntry(), anEntry()];
    await device.push({ entries: [entries[0]!] });
    await control.advanceClock(20 * DAY_MS);
    // Tokens do not live as long.
    const later = device.with({ token: await tokens.valid() });
    await later.push({ entries: [entries[1]!] });
    for (const owner of [later, later.with({ protocol: null })]) {
      const phone = await owner.connect();
      await brings(context, phone, {}, idsOf(entries));
      expect.ok("nothing was refused", !phone.frames.some(isError));
    }
  },
});

export const timeOfReceipt = serverCheck({
  id: "RT-032/time-of-receipt",
  name: "lastSyncTime is compared with when a change was received, not with its stamp",
  brokenBy: [faulty.comparesStamps],
  async run(context) {
    const { device, newDevice, deployedDevice, expect, anEntry, aPiece, aGoal, at } = context;
    const log = new Log();
    // Written offline long ago, received now.
    const updatedAt = at(-30 * DAY_MS);
    const gone = aGoal({ updatedAt });
    log.note(await device.push({ entries: [anEntry({ updatedAt })], repertoire: [aPiece({ updatedAt })] }));
    log.note(await device.push({ goals: [gone] }));
    log.note(await device.push({ goals: [{ id: idOf(gone), deletedAt: at(-29 * DAY_MS) }] }));
    for (const owner of [newDevice(), deployedDevice()]) {
      const phone = await owner.connect();
      const { frames, lastSeq } = await phone.catchUp({ lastSyncTime: at(-3_600_000) });
      expect.equal("what it brings", told(heldAfter(frames)), log.ends());
      expect.equal("lastSeq", lastSeq, log.head);
      demandNoHole(frames, log);
    }
  },
});

export const timeExcludes = serverCheck({
  id: "RT-032/received-before",
  name: "what was received before lastSyncTime is not brought, whatever its stamp; lastSeq decides where it is given",
  needs: ["control:advance-clock"],
  brokenBy: [faulty.comparesStamps, faulty.timeIsIgnored, faulty.timeWinsOverThePlace],
  async run(context) {
    const { device, newDevice, expect, anEntry, aDeletion, at, control, limits } = context;
    // Stamped later than the time that will be asked for, and received before it.
    const ahead = Math.min(200_000, limits.clockSkewMs / 2);
    const early = anEntry({ updatedAt: at(ahead) });
    const gone = anEntry();
    await device.push({ entries: [early, gone] });
    await control.advanceClock(600_000);
    const between = at(-600_000 + ahead / 2);
    const late = anEntry({ updatedAt: at(-30 * DAY_MS) });
    await device.push({ entries: [late, aDeletion(gone)] });
    const { lastSeq } = (await device.pull()).body;

    const phone = await newDevice().connect();
    await brings(context, phone, { lastSyncTime: between }, idsOf([late, gone]));
    expect.equal("cursor", cursorAfter(phone.frames), lastSeq!);
    await brings(context, phone, { lastSyncTime: between, lastSeq: 0 }, idsOf([early, late, gone]));
    await brings(context, phone, { lastSyncTime: between, lastSeq: lastSeq! }, []);
    await brings(context, phone, { lastSyncTime: at(-1_200_000) }, idsOf([early, late, gone]));
  },
});

/** Instants that are none, and one in the future. */
const oddTimes = (at: ServerContext["at"]): string[] => [
  "a little while ago",
  "",
  "2026-02-30T10:00:00Z",
  at(2 * DAY_MS),
  "9999-12-31T23:59:59.999Z",
];

export const oddTimesBringAWeek = serverCheck({
  id: "RT-032/no-instant-or-in-the-future",
  name: "a lastSyncTime that is no instant, or lies in the future, brings what came lately",
  brokenBy: [faulty.futureIsBelieved, faulty.noInstantIsNow, faulty.noInstantIsRefused],
  async run(context) {
    const { device, newDevice, deployedDevice, anEntry, aPiece, at } = context;
    const [entry, piece] = [anEntry(), aPiece()];
    await device.push({ entries: [entry], repertoire: [piece] });
    for (const owner of [newDevice(), deployedDevice()]) {
      const phone = await owner.connect();
      for (const lastSyncTime of oddTimes(at))
        await brings(context, phone, { lastSyncTime }, idsOf([entry, piece]));
    }
  },
});

export const oddTimesAreSevenDays = serverCheck({
  id: "RT-032/seven-days",
  name: "a lastSyncTime that is no instant, or lies in the future, brings the last 7 days, no more and no less",
  needs: ["control:advance-clock"],
  brokenBy: [faulty.noInstantIsTheBeginning, faulty.futureIsOneDay, faulty.noInstantIsNow],
  async run(context) {
    const { device, anEntry, at, control, tokens } = context;
    const [before, within] = [anEntry(), anEntry()];
    await device.push({ entries: [before] });
    await control.advanceClock(3 * DAY_MS);
    const next = device.with({ token: await tokens.valid() });
    await next.push({ entries: [within] });
    await control.advanceClock(6 * DAY_MS);
    const phone = await next.with({ token: await tokens.valid() }).connect();
    for (const lastSyncTime of oddTimes(at)) await brings(context, phone, { lastSyncTime }, [idOf(within)]);
    await brings(context, phone, { lastSyncTime: at(-10 * DAY_MS) }, idsOf([before, within]));
  },
});

export const secondRequest = serverCheck({
  id: "RT-033/a-second-request",
  name: "a second SYNC_REQUEST is answered after the first catch-up has ended, or with CATCH_UP_RUNNING",
  brokenBy: [
    faulty.bothRunAtOnce,
    faulty.theSecondIsIgnored,
    faulty.theSecondIsRefusedOtherwise,
    faulty.theSecondEndsTheFirst,
  ],
  async run(context) {
    const { device, newDevice, expect, anEntry } = context;
    const log = new Log();
    await log.push(device, { goals: tinyGoals(context, 600), entries: [anEntry()] }, context);

    // Both ask for everything; or the second for what comes after the head.
    for (const second of [{}, { lastSeq: log.head }]) {
      const phone = await newDevice().connect();
      phone.send({ type: "SYNC_REQUEST" });
      phone.send({ type: "SYNC_REQUEST", ...second });
      const isAnswer = (frame: { type: string }): boolean =>
        frame.type === "SYNC_RESPONSE" || frame.type === "ERROR";
      await phone.until("two answers", () => phone.frames.filter(isAnswer).length >= 2);
      const answers = phone.frames.filter(isAnswer);
      const ends = answers.filter(({ type }) => type === "SYNC_RESPONSE");
      for (const refusal of answers.filter(isError)) expect.errorFrame(refusal, "CATCH_UP_RUNNING");
      expect.ok("the first is answered", ends.length >= 1, answers);

      const [first, last] = ends.map((end) => phone.frames.indexOf(end));
      const whole = phone.frames.slice(0, first! + 1);
      expect.equal("what the first brings", told(heldAfter(whole)), log.ends());
      demandNoHole(whole, log);
      if (last !== undefined) {
        const again = told(heldAfter(phone.frames.slice(first! + 1, last + 1)));
        expect.equal("what the second brings", again, "lastSeq" in second ? [] : log.ends());
      }
      const next = await phone.catchUp({ lastSeq: log.head });
      expect.equal("what a third brings", next.told.length, 0);
    }
  },
});

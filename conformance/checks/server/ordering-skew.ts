import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import type { PushBody } from "../../wire/shapes.ts";
import { clampsTheFutureToNow } from "./ordering-instants.mutants.ts";
import { claimsHoldForDeployedPeersOnly, forgetsSkewedClaims } from "./ordering-receipt-stamps.mutants.ts";
import {
  acceptsAnySkew,
  judgesSkewForPushOnly,
  keepsSkewedStampsOfDeployedPeers,
  refusesAnyFuture,
  refusesHalfTheSkew,
  refusesOldWrites,
  refusesSkewOfDeployedPeers,
  skewIgnoresDeletions,
  skewIgnoresNumbers,
  skewedDeletionsKeepTheirTime,
  takesEpochForNoStamp,
  tellsTheItemsTimeAsServerTime,
} from "./ordering-skew.mutants.ts";

/** The clocks of suite and server are compared only roughly: nothing is asked nearer to the limit than this. */
const marginMs = ({ limits }: ServerContext): number => Math.min(20_000, limits.clockSkewMs / 2);
const withinMs = (context: ServerContext): number => context.limits.clockSkewMs - marginMs(context);
const beyondMs = (context: ServerContext): number => context.limits.clockSkewMs + 20_000;

export const tooFarAhead = serverCheck({
  id: "ORD-014/too-far-ahead",
  name: "a stamp beyond the skew limit is refused with CLOCK_SKEW and the server's time, and nothing of it is stored",
  brokenBy: [acceptsAnySkew, clampsTheFutureToNow, tellsTheItemsTimeAsServerTime],
  async run(context) {
    const { device, newDevice, expect, aGoal, at, now } = context;
    const known = aGoal({ title: "known" });
    await device.push({ goals: [known] });
    const before = await device.cursor();

    const updatedAt = at(beyondMs(context));
    const [fresh, edit, good] = [aGoal({ updatedAt }), { ...known, title: "edited", updatedAt }, aGoal()];
    const reply = await newDevice().push({ goals: [fresh, edit, good] });
    for (const index of [0, 1]) {
      const { serverTime } = expect.refused(reply, index, "CLOCK_SKEW");
      const away = Math.abs(Date.parse(serverTime ?? "") - now());
      expect.ok("serverTime is the server's time", away < 60_000, serverTime);
    }
    expect.outcome(reply, 2, "applied");

    expect.liveIds(await device.changesSince(before), [good["id"] as string]);
    expect.equal("title", expect.live(await device.pullAll(), known["id"] as string).item["title"], "known");

    // Stamped again by the server's time it is welcome.
    const { serverTime } = expect.result(reply, 1);
    const again = await newDevice().push({ goals: [{ ...edit, updatedAt: serverTime as string }] });
    expect.outcome(again, 0, "applied");
  },
});

export const farAhead = serverCheck({
  id: "ORD-014/years-ahead",
  name: "a stamp years ahead is refused, as text and as a number",
  brokenBy: [acceptsAnySkew, skewIgnoresNumbers],
  async run({ device, expect, aGoal, now }) {
    const year = 365 * 86_400_000;
    const stamps = [
      new Date(now() + year).toISOString(),
      Math.round(now() + 20 * year),
      "9999-12-31T23:59:59.999Z",
    ];
    const reply = await device.push({ goals: stamps.map((updatedAt) => aGoal({ updatedAt })) });
    for (const index of stamps.keys()) expect.refused(reply, index, "CLOCK_SKEW");

    const good = await device.push({ goals: [aGoal({ updatedAt: Math.round(now() - year) })] });
    expect.outcome(good, 0, "applied");
  },
});

export const deletionsAhead = serverCheck({
  id: "ORD-014/deletions",
  name: "a deletion beyond the skew limit is refused like any other write",
  brokenBy: [skewIgnoresDeletions],
  async run(context) {
    const { device, newDevice, expect, aGoal, aDeletion, at } = context;
    const goal = aGoal();
    const id = goal["id"] as string;
    await device.push({ goals: [goal] });
    const ahead = aDeletion(goal, { deletedAt: at(beyondMs(context)) });
    const { serverTime } = expect.refused(await newDevice().push({ goals: [ahead] }), 0, "CLOCK_SKEW");
    expect.ok("serverTime is there", serverTime !== undefined);
    expect.live(await device.pullAll(), id);

    expect.outcome(await newDevice().push({ goals: [aDeletion(goal)] }), 0, "applied");
    expect.liveIds(await device.pullAll(), []);
  },
});

export const batchAhead = serverCheck({
  id: "ORD-014/batch",
  name: "a batch is held to the skew limit too",
  brokenBy: [judgesSkewForPushOnly],
  async run(context) {
    const { device, expect, aGoal, at } = context;
    const [ahead, good] = [aGoal({ updatedAt: at(beyondMs(context)) }), aGoal()];
    const reply = await device.batch([
      { id: ahead["id"] as string, type: "goal", data: ahead },
      { id: good["id"] as string, type: "goal", data: good },
    ]);
    expect.ok("serverTime is there", expect.refused(reply, 0, "CLOCK_SKEW").serverTime !== undefined);
    expect.outcome(reply, 1, "applied");
    expect.liveIds(await device.pullAll(), [good["id"] as string]);
  },
});

export const withinTheLimit = serverCheck({
  id: "ORD-015/within-the-limit",
  name: "a stamp ahead of the server's clock but within the limit is accepted, for items and deletions",
  brokenBy: [refusesAnyFuture, refusesHalfTheSkew],
  async run(context) {
    const { device, expect, aGoal, aDeletion, at } = context;
    const [slightly, nearly, gone] = [
      aGoal({ updatedAt: at(context.limits.clockSkewMs / 10) }),
      aGoal({ updatedAt: at(withinMs(context)) }),
      aGoal(),
    ];
    await device.push({ goals: [gone] });
    const deletion = aDeletion(gone, { deletedAt: at(withinMs(context)) });
    expect.outcomes(await device.push({ goals: [slightly, nearly, deletion] }), [
      "applied",
      "applied",
      "applied",
    ]);
    expect.liveIds(await device.pullAll(), [slightly["id"] as string, nearly["id"] as string]);
  },
});

export const longAgo = serverCheck({
  id: "ORD-015/however-old",
  name: "a write of the past is accepted, however old, the very first millisecond included",
  brokenBy: [refusesOldWrites, takesEpochForNoStamp],
  async run({ device, expect, aGoal, now }) {
    const stamps: [sent: string | number, instant: string][] = [
      [new Date(now() - 45 * 86_400_000).toISOString(), new Date(now() - 45 * 86_400_000).toISOString()],
      ["1999-12-31T23:59:59.999Z", "1999-12-31T23:59:59.999Z"],
      ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"],
      [0, "1970-01-01T00:00:00.000Z"],
      [-1, "1969-12-31T23:59:59.999Z"],
      ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
    ];
    const goals = stamps.map(([updatedAt]) => aGoal({ updatedAt }));
    const reply = await device.push({ goals });
    for (const [index, [sent, instant]] of stamps.entries()) {
      const { meta } = expect.outcome(reply, index, "applied");
      // The first is worked out twice, some ms apart: its day is enough.
      if (index === 0) expect.equal("day", meta?.updatedAt.slice(0, 10), instant.slice(0, 10));
      else expect.equal(`stamp ${sent}`, meta?.updatedAt, instant);
    }
    expect.equal("number of live goals", (await device.pullAll()).live("goal").length, stamps.length);
  },
});

export const deployedAhead = serverCheck({
  id: "ORD-016/deployed-peers-get-a-receipt-stamp",
  name: "a deployed peer's stamp beyond the skew limit is replaced by the time of receipt",
  brokenBy: [refusesSkewOfDeployedPeers, keepsSkewedStampsOfDeployedPeers],
  async run(context) {
    const { device, deployedDevice, expect, aGoal, at, now } = context;
    const goal = aGoal({ title: "by a fast clock", updatedAt: at(beyondMs(context)) });
    const { meta, item } = expect.outcome(await deployedDevice().push({ goals: [goal] }), 0, "applied");
    const stamp = Date.parse(meta?.updatedAt ?? "");
    expect.ok("the stamp is the time of receipt", Math.abs(stamp - now()) < 15_000, meta?.updatedAt);
    expect.equal("updatedAt of the answer's item", Date.parse(String(item?.["updatedAt"])), stamp);

    // Otherwise nobody could edit it for as long as that clock is ahead.
    const edit = { ...goal, title: "edited", updatedAt: new Date(stamp + 1).toISOString() };
    expect.outcome(await device.push({ goals: [edit] }), 0, "applied");
    const row = expect.live(await device.pullAll(), goal["id"] as string);
    expect.equal("title", row.item["title"], "edited");
  },
});

export const deployedDeletionAhead = serverCheck({
  id: "ORD-016/deletions",
  name: "the receipt stamp of a deployed peer's deletion stands in meta.deletedAt",
  brokenBy: [skewedDeletionsKeepTheirTime, keepsSkewedStampsOfDeployedPeers],
  async run(context) {
    const { device, deployedDevice, expect, aGoal, aDeletion, now } = context;
    const goal = aGoal();
    await device.push({ goals: [goal] });
    const before = await device.cursor();
    const ahead = aDeletion(goal, { deletedAt: new Date(now() + beyondMs(context)).toISOString() });
    const { meta } = expect.outcome(await deployedDevice().push({ goals: [ahead] }), 0, "applied");
    const stamp = Date.parse(meta?.deletedAt ?? "");
    expect.ok("deletedAt is the time of receipt", Math.abs(stamp - now()) < 15_000, meta?.deletedAt);
    expect.equal("updatedAt", meta?.updatedAt, meta?.deletedAt);
    expect.equal(
      "told deletion",
      expect.deleted(await device.changesSince(before), goal["id"] as string).meta,
      meta,
    );

    const back = { ...goal, updatedAt: new Date(stamp + 1).toISOString() };
    expect.outcome(await device.push({ goals: [back] }), 0, "applied");
  },
});

export const skewedClaims = serverCheck({
  id: "ORD-013/repeated-skewed-write",
  name: "a deployed peer's write that got a receipt stamp for its skew is a duplicate when it comes again",
  brokenBy: [forgetsSkewedClaims, claimsHoldForDeployedPeersOnly],
  async run(context) {
    const { device, deployedDevice, expect, aGoal, aDeletion, at } = context;
    const [goal, other] = [aGoal({ updatedAt: at(beyondMs(context)) }), aGoal()];
    await device.push({ goals: [other] });
    const writes = { goals: [goal, aDeletion(other, { deletedAt: at(beyondMs(context)) })] };
    const first = await deployedDevice().push(writes);
    expect.outcomes(first, ["applied", "applied"]);

    // Meanwhile the one is edited and the other comes back.
    const later = (index: number): string =>
      new Date(Date.parse(expect.result(first, index).meta?.updatedAt ?? "") + 1).toISOString();
    const between = await device.push({
      goals: [
        { ...goal, title: "edited", updatedAt: later(0) },
        { ...other, title: "back", updatedAt: later(1) },
      ],
    });
    expect.outcomes(between, ["applied", "applied"]);
    const before = await device.cursor();

    expect.outcomes(await deployedDevice().push(writes), ["duplicate", "duplicate"]);
    // Also after that device was updated and announces its version.
    expect.outcomes(await device.push(writes), ["duplicate", "duplicate"]);
    expect.nothing("changes", await device.changesSince(before));
  },
});

export const skewOfUnknownPeers = serverCheck({
  id: "ORD-015/deployed-peers-within-the-limit",
  name: "a deployed peer's stamp within the limit, or of the past, is not touched",
  brokenBy: [refusesAnyFuture, takesEpochForNoStamp],
  async run(context) {
    const { device, deployedDevice, expect, aGoal, at, http } = context;
    const updatedAt = at(withinMs(context));
    const [ahead, old] = [aGoal({ updatedAt }), aGoal({ updatedAt: 0 })];
    const reply = await http<PushBody>({
      path: "/api/sync/push",
      as: deployedDevice(),
      json: { changes: { goals: [ahead, old] } },
    });
    expect.equal("stamp ahead", expect.outcome(reply, 0, "applied").meta?.updatedAt, updatedAt);
    expect.equal(
      "stamp of old",
      expect.outcome(reply, 1, "applied").meta?.updatedAt,
      "1970-01-01T00:00:00.000Z",
    );
    expect.equal("number of live goals", (await device.pullAll()).live("goal").length, 2);
  },
});

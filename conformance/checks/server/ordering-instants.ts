import { serverCheck } from "../../check.ts";
import {
  addsTheOffset,
  canonicalisesTheItemsStamp,
  clampsTheFutureToNow,
  comparesTimesAsText,
  cutsToSeconds,
  dropsTheOffset,
  forgetsSnakeDeletedAt,
  forgetsSnakeUpdatedAt,
  keepsMicroseconds,
  padsFractionsOnTheLeft,
  putsNumbersBelowTexts,
  roundsFractions,
  stampsDeployedWritesAlways,
  stampsWithServerTime,
} from "./ordering-instants.mutants.ts";

export const zones = serverCheck({
  id: "ORD-002/zones",
  name: "stamps of different zones are compared as instants, not as texts",
  brokenBy: [comparesTimesAsText, dropsTheOffset, addsTheOffset],
  async run({ device, newDevice, expect, aGoal }) {
    const [east, west] = [
      aGoal({ updatedAt: "2024-01-01T09:00:00Z" }),
      aGoal({ updatedAt: "2024-01-01T09:00:00Z" }),
    ];
    await device.push({ goals: [east, west] });

    const reply = await newDevice().push({
      goals: [
        // 08:00 UTC: earlier, although its text is greater.
        { ...east, title: "from the east", updatedAt: "2024-01-01T10:00:00+02:00" },
        // 09:30 UTC: later, although its text is smaller.
        { ...west, title: "from the west", updatedAt: "2024-01-01T08:30:00-01:00" },
      ],
    });
    expect.outcomes(reply, ["superseded", "applied"]);

    const pulled = await device.pullAll();
    expect.equal("title", expect.live(pulled, east["id"] as string).item["title"], east["title"]);
    expect.equal("title", expect.live(pulled, west["id"] as string).item["title"], "from the west");
  },
});

export const dateLine = serverCheck({
  id: "ORD-002/another-day",
  name: "an offset that moves a stamp to another day moves it in the order too",
  brokenBy: [dropsTheOffset, addsTheOffset, comparesTimesAsText],
  async run({ device, newDevice, expect, aGoal }) {
    const goal = aGoal({ updatedAt: "2024-03-01T00:15:00+05:45" }); // 2024-02-29T18:30:00Z
    await device.push({ goals: [goal] });

    const later = { ...goal, title: "later", updatedAt: "2024-02-29T18:31:00Z" };
    const { meta } = expect.outcome(await newDevice().push({ goals: [later] }), 0, "applied");
    expect.equal("version", meta?.version, 2);
    expect.equal("title", expect.live(await device.pullAll(), goal["id"] as string).item["title"], "later");
  },
});

export const sameInstant = serverCheck({
  id: "ORD-002/same-instant-in-another-form",
  name: "one content at one instant is one write, in whatever zone or form the instant is written",
  brokenBy: [comparesTimesAsText, dropsTheOffset],
  async run({ device, newDevice, expect, aGoal }) {
    const goal = aGoal({ updatedAt: "2024-01-01T09:00:00.000Z" });
    await device.push({ goals: [goal] });
    const before = await device.cursor();

    for (const updatedAt of [
      "2024-01-01T11:00:00.000+02:00",
      "2024-01-01T09:00:00-00:00",
      "2024-01-01T09:00:00.0Z",
      1_704_099_600_000,
    ]) {
      expect.outcome(await newDevice().push({ goals: [{ ...goal, updatedAt }] }), 0, "duplicate");
    }
    expect.nothing("changes after four repetitions", await device.changesSince(before));
  },
});

export const numbersAndTexts = serverCheck({
  id: "ORD-002/numbers-and-texts",
  name: "a stamp in Unix milliseconds and one in text are compared as instants",
  brokenBy: [putsNumbersBelowTexts, comparesTimesAsText],
  async run({ device, newDevice, expect, aGoal }) {
    const nine = { text: "2024-01-01T09:00:00Z", number: 1_704_099_600_000 };
    const [a, b] = [aGoal({ updatedAt: nine.text }), aGoal({ updatedAt: nine.number })];
    await device.push({ goals: [a, b] });

    const earlier = await newDevice().push({
      goals: [
        { ...a, title: "earlier", updatedAt: nine.number - 1 },
        { ...b, title: "earlier", updatedAt: "2024-01-01T08:59:59.999Z" },
      ],
    });
    expect.outcomes(earlier, ["superseded", "superseded"]);
    const later = await newDevice().push({
      goals: [
        { ...a, title: "later", updatedAt: nine.number + 1 },
        { ...b, title: "later", updatedAt: "2024-01-01T09:00:00.001Z" },
      ],
    });
    expect.outcomes(later, ["applied", "applied"]);

    expect.equal(
      "titles",
      (await device.pullAll()).live("goal").map((goal) => goal["title"]),
      ["later", "later"],
    );
  },
});

export const milliseconds = serverCheck({
  id: "ORD-003/one-millisecond-decides",
  name: "a stamp one millisecond later wins",
  brokenBy: [cutsToSeconds],
  async run({ device, newDevice, expect, aGoal }) {
    const goal = aGoal({ title: "at .001", updatedAt: "2024-01-01T09:00:00.001Z" });
    const id = goal["id"] as string;
    await device.push({ goals: [goal] });

    const later = { ...goal, title: "at .002", updatedAt: "2024-01-01T09:00:00.002Z" };
    expect.outcome(await newDevice().push({ goals: [later] }), 0, "applied");
    const earlier = { ...goal, title: "at .000", updatedAt: "2024-01-01T09:00:00.000Z" };
    expect.outcome(await newDevice().push({ goals: [earlier] }), 0, "superseded");

    expect.equal("title", expect.live(await device.pullAll(), id).item["title"], "at .002");
  },
});

export const finerDigits = serverCheck({
  id: "ORD-003/finer-digits-are-cut-off",
  name: "digits beyond the millisecond are cut off, neither compared nor rounded",
  brokenBy: [roundsFractions, keepsMicroseconds],
  async run({ device, newDevice, expect, aGoal }) {
    const goal = aGoal({ updatedAt: "2024-01-01T09:00:00.123Z" });
    const { meta: first } = expect.outcome(await device.push({ goals: [goal] }), 0, "applied");

    // .123999… is .123: the same instant, so with the same content the same write.
    const finer = { ...goal, updatedAt: "2024-01-01T09:00:00.123999999Z" };
    const { meta } = expect.outcome(await newDevice().push({ goals: [finer] }), 0, "duplicate");
    expect.equal("version", meta?.version, first?.version);

    // And .124 is later than it: rounded, they would be the same.
    const next = aGoal({ updatedAt: "2024-01-01T09:00:00.123999Z" });
    await device.push({ goals: [next] });
    const later = await newDevice().push({ goals: [{ ...next, updatedAt: "2024-01-01T09:00:00.124Z" }] });
    expect.equal("version", expect.outcome(later, 0, "applied").meta?.version, 2);
  },
});

export const shortFractions = serverCheck({
  id: "ORD-003/short-fractions",
  name: "a fraction of one or two digits counts tenths and hundredths of a second",
  brokenBy: [padsFractionsOnTheLeft],
  async run({ device, newDevice, expect, aGoal }) {
    const goal = aGoal({ updatedAt: "2024-01-01T09:00:00.2Z" });
    const { meta } = expect.outcome(await device.push({ goals: [goal] }), 0, "applied");
    expect.equal("stamp", meta?.updatedAt, "2024-01-01T09:00:00.200Z");

    const earlier = { ...goal, title: "earlier", updatedAt: "2024-01-01T09:00:00.19Z" };
    expect.outcome(await newDevice().push({ goals: [earlier] }), 0, "superseded");
    const later = { ...goal, title: "later", updatedAt: "2024-01-01T09:00:00.201Z" };
    expect.outcome(await newDevice().push({ goals: [later] }), 0, "applied");
  },
});

export const stampsAreKept = serverCheck({
  id: "ORD-009/stamps-are-kept",
  name: "what the writer sent as its stamp is the stored stamp, and its item keeps it as it was written",
  brokenBy: [stampsWithServerTime, canonicalisesTheItemsStamp],
  async run({ device, newDevice, expect, aGoal }) {
    const forms: [sent: string | number, instant: string][] = [
      ["2019-07-01T08:00:00+02:00", "2019-07-01T06:00:00.000Z"],
      [1_561_960_800_123, "2019-07-01T06:00:00.123Z"],
      ["2019-07-01T06:00:00.5Z", "2019-07-01T06:00:00.500Z"],
      ["2019-07-01T06:00:00.123456789Z", "2019-07-01T06:00:00.123Z"],
    ];
    const goals = forms.map(([updatedAt]) => aGoal({ updatedAt }));
    const reply = await device.push({ goals });
    const pulled = await newDevice().pullAll();
    for (const [index, [sent, instant]] of forms.entries()) {
      const { meta } = expect.outcome(reply, index, "applied");
      expect.equal(`meta.updatedAt for ${sent}`, meta?.updatedAt, instant);
      const row = expect.live(pulled, goals[index]?.["id"] as string);
      expect.equal(`pulled meta.updatedAt for ${sent}`, row.meta.updatedAt, instant);
      expect.equal("updatedAt of the item", row.item["updatedAt"], sent);
    }
  },
});

export const stampsNearTheLimitAreKept = serverCheck({
  id: "ORD-009/fast-clocks-within-the-limit",
  name: "a stamp ahead of the server's clock, but within the limit, is kept as it is",
  brokenBy: [clampsTheFutureToNow],
  async run({ device, newDevice, expect, aGoal, at, limits }) {
    const updatedAt = at(limits.clockSkewMs / 2);
    const goal = aGoal({ updatedAt });
    const { meta } = expect.outcome(await device.push({ goals: [goal] }), 0, "applied");
    expect.equal("meta.updatedAt", meta?.updatedAt, updatedAt);
    const row = expect.live(await newDevice().pullAll(), goal["id"] as string);
    expect.equal("pulled meta.updatedAt", row.meta.updatedAt, updatedAt);
    expect.equal("updatedAt of the item", row.item["updatedAt"], updatedAt);
  },
});

export const deployedStampsAreKept = serverCheck({
  id: "ORD-009/stamps-of-deployed-peers",
  name: "a deployed peer's stamp within the limit is kept like any other",
  brokenBy: [stampsDeployedWritesAlways],
  async run({ device, deployedDevice, expect, aGoal }) {
    const goal = aGoal({ updatedAt: "2024-01-01T09:00:00.000Z" });
    const { meta } = expect.outcome(await deployedDevice().push({ goals: [goal] }), 0, "applied");
    expect.equal("meta.updatedAt", meta?.updatedAt, "2024-01-01T09:00:00.000Z");

    // A later edit, though it is long past, wins over it.
    const edit = { ...goal, title: "edited", updatedAt: "2024-01-01T09:00:01.000Z" };
    expect.outcome(await device.push({ goals: [edit] }), 0, "applied");
  },
});

export const snakeStamps = serverCheck({
  id: "ORD-011/updated-at",
  name: "updated_at orders an item that has no updatedAt",
  brokenBy: [forgetsSnakeUpdatedAt],
  async run({ device, newDevice, deployedDevice, expect, aGoal }) {
    const goal = aGoal({ updatedAt: undefined, updated_at: "2024-01-01T09:00:00.000Z" });
    const { meta } = expect.outcome(await device.push({ goals: [goal] }), 0, "applied");
    expect.equal("meta.updatedAt", meta?.updatedAt, "2024-01-01T09:00:00.000Z");

    const older = { ...goal, title: "older", updated_at: "2024-01-01T08:00:00.000Z" };
    expect.outcome(await newDevice().push({ goals: [older] }), 0, "superseded");
    // Also from a deployed peer: it has a stamp, so it does not get one.
    expect.outcome(await deployedDevice().push({ goals: [older] }), 0, "superseded");
    const newer = { ...goal, title: "newer", updated_at: "2024-01-01T10:00:00.000Z" };
    expect.outcome(await newDevice().push({ goals: [newer] }), 0, "applied");
    expect.equal("title", expect.live(await device.pullAll(), goal["id"] as string).item["title"], "newer");
  },
});

export const snakeDeletions = serverCheck({
  id: "ORD-011/deleted-at",
  name: "deleted_at makes an item a deletion, at that instant",
  brokenBy: [forgetsSnakeDeletedAt],
  async run({ device, newDevice, expect, aGoal, http }) {
    const goal = aGoal({ updatedAt: "2024-01-01T09:00:00.000Z" });
    const id = goal["id"] as string;
    await device.push({ goals: [goal] });
    const before = await device.cursor();

    // Sent as deployed clients do: the whole item, and when it was deleted.
    const deletion = { ...goal, deleted_at: "2024-01-01T10:00:00.000Z" };
    const reply = await newDevice().push({ goals: [deletion] });
    expect.equal(
      "meta.deletedAt",
      expect.outcome(reply, 0, "applied").meta?.deletedAt,
      "2024-01-01T10:00:00.000Z",
    );
    expect.deleted(await device.changesSince(before), id);

    const between = { ...goal, title: "between", updatedAt: "2024-01-01T09:30:00.000Z" };
    expect.outcome(await device.push({ goals: [between] }), 0, "superseded");
    const bare = await http<{ results: { outcome: string }[] }>({
      path: "/api/sync/push",
      as: device,
      json: { changes: { goals: [{ id, deleted_at: "2024-01-01T11:00:00.000Z" }] } },
    });
    expect.equal("outcome of a bare deletion", bare.body.results[0]?.outcome, "applied");
    expect.liveIds(await device.pullAll(), []);
  },
});

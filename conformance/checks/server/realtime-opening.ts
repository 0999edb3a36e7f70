import { serverCheck } from "../../check.ts";
import type { Connection } from "../../wire/connection.ts";
import * as faulty from "./realtime-opening.mutants.ts";

const PING = '{"type":"PING"}';

export const welcomeFirst = serverCheck({
  id: "RT-005/welcome-comes-first",
  name: "WELCOME is the first frame, whatever the client says at once and whatever is written meanwhile",
  brokenBy: [
    faulty.greetsWhenSpokenTo,
    faulty.greetsAfterAWhile,
    faulty.startsWithAnotherWord,
    faulty.welcomesWithAPlace,
  ],
  async run({ device, newDevice, anEntry, expect }) {
    await device.push({ entries: [anEntry()] });
    const silent = await newDevice().connect();
    expect.ok("WELCOME has no lastSeq", !("lastSeq" in silent.welcome), silent.welcome);

    const hasty = expect.opened(await newDevice().tryConnect());
    hasty.sendText(PING);
    await hasty.next("PONG");
    expect.equal("first message", hasty.frames[0]?.type, "WELCOME");

    // Writes and the opening at once: an event may come, or be missed, but not before WELCOME.
    const [opened] = await Promise.all([
      newDevice().tryConnect(),
      ...[1, 2, 3].map(() => device.push({ entries: [anEntry()] })),
    ]);
    const amid = expect.opened(opened);
    await amid.next("WELCOME");
    await amid.fence();
    expect.equal("first message", amid.frames[0]?.type, "WELCOME");
  },
});

export const connectionIds = serverCheck({
  id: "RT-005/connection-ids-are-unique",
  name: "each live socket has a connectionId of its own, among all users",
  brokenBy: [
    faulty.namesConnectionsByUser,
    faulty.namesConnectionsByDevice,
    faulty.namesNoConnections,
    faulty.countsConnectionsPerUser,
  ],
  async run({ device, newDevice, stranger, expect }) {
    const other = await stranger();
    const connections: Connection[] = [];
    for (const who of [device, device, newDevice(), other, other]) connections.push(await who.connect());
    const ids = connections.map(({ connectionId }) => connectionId);
    expect.equal("number of different connectionIds", new Set(ids).size, ids.length);

    // A place that became free is no reason to give a name twice.
    await connections[0]!.close();
    const next = await device.connect();
    expect.ok(
      "a new connectionId differs from the live ones",
      !ids.slice(1).includes(next.connectionId),
      ids,
    );
  },
});

export const unsupportedVersion = serverCheck({
  id: "RT-006/unsupported-version",
  name: "a first message that announces another protocol gets UNSUPPORTED_VERSION and 4400, and has no effect",
  brokenBy: [
    faulty.ignoresTheProtocol,
    faulty.closesWithoutAWord,
    faulty.staysOpenOnOtherVersions,
    faulty.appliesBeforeItAsksForTheVersion,
    faulty.comparesVersionsAsNumbers,
  ],
  async run({ device, newDevice, anEntry, aGoal, expect }) {
    for (const protocol of ["999", "0", "1.0", "mirubato.v1"]) {
      const connection = await newDevice().connect();
      const answer = await connection.tryMutate("ENTRY_CREATED", { protocol, entry: anEntry() }).catch(() => {
        // The refusal need not name the change: the version is all that was looked at.
        return connection.until("ERROR", ({ type }) => type === "ERROR");
      });
      const { supported } = expect.errorFrame(answer, "UNSUPPORTED_VERSION");
      expect.ok("supported names version 1", (supported ?? []).includes("1"), supported);
      expect.ok("supported does not name it", !(supported ?? []).includes(protocol), supported);
      await expect.closedWith(connection, 4400);
    }
    expect.nothing("what the refused messages left behind", await device.pull());

    const good = await newDevice().connect();
    expect.ack(await good.write("goal", aGoal()), "applied");
  },
});

export const versionOfTheFirstMessage = serverCheck({
  id: "RT-006/whatever-the-first-message-is",
  name: "the version is judged first, in a message of any type, known or not, and after any number of PINGs",
  brokenBy: [
    faulty.asksForTheVersionOfMutationsOnly,
    faulty.looksAtTheTypeFirst,
    faulty.takesPingForTheFirstMessage,
  ],
  async run({ device, newDevice, expect }) {
    const firsts = [
      { type: "SYNC_REQUEST", protocol: "999" },
      { type: "AUTH", protocol: "999", token: device.token },
      { type: "SUBSCRIBE", protocol: "999", topics: ["goals"] },
    ];
    for (const message of firsts) {
      const connection = await newDevice().connect();
      connection.sendText(PING);
      connection.sendText('{"type":"PING","timestamp":"2026-01-01T10:00:00.000Z"}');
      connection.send(message, { invalid: "on purpose" });
      const error = await connection.until("ERROR", ({ type }) => type === "ERROR");
      const { supported } = expect.errorFrame(error, "UNSUPPORTED_VERSION");
      expect.ok("supported names version 1", (supported ?? []).includes("1"), supported);
      await expect.closedWith(connection, 4400);
    }
    const good = await newDevice().connect();
    good.sendText(PING);
    await good.catchUp();
  },
});

export const whoIsDeployed = serverCheck({
  id: "RT-006/ping-announces-nothing",
  name: "the first message other than PING decides who is a deployed peer, for the whole connection",
  brokenBy: [
    faulty.takesPingForTheFirstMessage,
    faulty.takesEverybodyForDeployed,
    faulty.takesEverybodyForAnnounced,
    faulty.asksForTheVersionInEveryMessage,
  ],
  async run({ newDevice, deployedDevice, anEntry, aGoal, at, limits, expect }) {
    // A stamp far ahead tells the two kinds of peer apart: it is refused, or replaced (ORD-014, ORD-016).
    const ahead = (): string => at((limits.clockSkewMs ?? 300_000) + 600_000);
    const announced = await newDevice().connect();
    announced.sendText(PING);
    announced.sendText('{"type":"PING","timestamp":"2026-01-01T10:00:00.000Z"}');
    for (const entry of [anEntry({ updatedAt: ahead() }), anEntry({ updatedAt: ahead() })]) {
      expect.errorFrame(await announced.tryMutate("ENTRY_CREATED", { entry }), "CLOCK_SKEW");
    }
    expect.ack(await announced.write("goal", aGoal()), "applied");

    const deployed = await deployedDevice().connect();
    for (const entry of [anEntry({ updatedAt: ahead() }), anEntry({ updatedAt: ahead() })]) {
      const { meta } = expect.ack(await deployed.mutate("ENTRY_CREATED", { entry }), "applied");
      expect.notEqual("stamp of a deployed peer's write", meta.updatedAt, entry["updatedAt"]);
    }
  },
});

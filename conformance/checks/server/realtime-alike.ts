import { serverCheck } from "../../check.ts";
import type { ServerContext } from "../../check.ts";
import type { EntityType } from "../../../schemas/collections.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import type { ItemErrorCode } from "../../../schemas/error-codes.ts";
import type { Connection } from "../../wire/connection.ts";
import type { Device } from "../../wire/device.ts";
import * as faulty from "./realtime-alike.mutants.ts";

const STAMP = "2024-01-01T10:00:00.000Z";

export const normalisedAlike = serverCheck({
  id: "RT-004/normalised-alike",
  name: "what is written on a socket has the normal form of what is pushed: names, case, score ids, author",
  brokenBy: [
    faulty.normalisesPushesOnly,
    faulty.keepsSnakeNamesOfSockets,
    faulty.derivesNoScoreIdsOnSockets,
    faulty.believesAuthorsOnSockets,
  ],
  async run({ device, newDevice, expect }) {
    const entry = {
      timestamp: STAMP,
      duration: 25,
      type: "PRACTICE",
      instrument: "Violin",
      mood: "HAPPY",
      goal_ids: ["g1"],
      session_id: "s1",
      scoreTitle: "Moonlight Sonata",
      scoreComposer: "Beethoven",
      updated_at: STAMP,
    };
    const template = {
      title: "Scales",
      schedule: { kind: "single" },
      authorId: "somebody",
      updatedAt: STAMP,
    };
    const piece = { status: "learning", title: "Moonlight Sonata", composer: "Beethoven", updatedAt: STAMP };
    const connection = await device.connect();
    await device.push({
      entries: [{ id: "e-http", ...entry }],
      planTemplates: [{ id: "t-http", ...template }],
    });
    expect.ack(await connection.write("logbook_entry", { id: "e-socket", ...entry }), "applied");
    expect.ack(await connection.write("plan_template", { id: "t-socket", ...template }), "applied");

    const normal = {
      timestamp: STAMP,
      duration: 25,
      type: "practice",
      instrument: "violin",
      mood: "happy",
      goalIds: ["g1"],
      sessionId: "s1",
      scoreTitle: "Moonlight Sonata",
      scoreComposer: "Beethoven",
      updatedAt: STAMP,
    };
    const pulled = await newDevice().pull();
    const [byHttp, bySocket] = ["e-http", "e-socket"].map((id) => {
      const { deviceId: _device, ...item } = expect.live(pulled, id).item ?? {};
      return item;
    }) as [JsonObject, JsonObject];
    const { id: _id, scoreId, ...rest } = bySocket;
    expect.equal("entry of the socket", rest, normal);
    expect.ok("its score id was derived", typeof scoreId === "string" && scoreId !== "", scoreId);
    expect.equal("its score id", scoreId, byHttp["scoreId"] ?? "none by HTTP");
    for (const id of ["t-http", "t-socket"]) {
      expect.equal(`author of ${id}`, expect.live(pulled, id).item?.["authorId"], device.user);
    }

    // One piece by two ways, and without an id: it is the same entity, so the second is a repetition.
    await device.push({ repertoire: [piece] });
    expect.ack(await connection.mutate("PIECE_ADDED", { piece }), "duplicate");
  },
});

/** The outcome of one item on each channel: by a push of one user, and on a socket of another in the same state. */
async function outcomes(
  { expect }: ServerContext,
  pusher: Device,
  sender: Connection,
  entityType: EntityType,
  item: JsonObject,
): Promise<{ pushed: string; sent: string }> {
  const members: Partial<Record<EntityType, string>> = { logbook_entry: "entries", goal: "goals" };
  const changes = { [members[entityType] ?? "repertoire"]: [item] };
  const { body } = await pusher.push(changes, { invalid: "on purpose" });
  const answer = await sender.tryMutate("ENTITY_CHANGED", { entityType, item }, { invalid: "on purpose" });
  if (answer.type === "ERROR") expect.errorFrame(answer, answer["code"]);
  const result = body.results[0];
  return {
    pushed: String(result?.code ?? result?.outcome),
    sent: String(answer["code"] ?? answer["outcome"]),
  };
}

export const validatedAlike = serverCheck({
  id: "RT-004/validated-alike",
  name: "what a push refuses is refused on a socket with the same code, and has no effect",
  brokenBy: [
    faulty.validatesPushesOnly,
    faulty.callsAllRefusalsInvalid,
    faulty.limitsNoItemsOnSockets,
    faulty.hasNoSkewOnSockets,
  ],
  async run(context) {
    const { device, stranger, anEntry, aGoal, at, limits, expect } = context;
    const other = await stranger();
    const sender = await other.connect();
    const tooFar = (limits.clockSkewMs ?? 300_000) + 600_000;
    const cases: [ItemErrorCode, EntityType, JsonObject][] = [
      ["INVALID_ITEM", "logbook_entry", anEntry({ duration: -1 })],
      ["INVALID_ITEM", "logbook_entry", anEntry({ duration: "five" })],
      ["INVALID_ITEM", "goal", aGoal({ title: 7 })],
      ["INVALID_ITEM", "goal", aGoal({ updatedAt: "yesterday" })],
      ["INVALID_ITEM", "goal", aGoal({ id: "x".repeat(256) })],
      ["INCOMPLETE", "logbook_entry", anEntry({ duration: undefined })],
      ["INCOMPLETE", "goal", aGoal({ id: undefined })],
      ["ITEM_TOO_LARGE", "goal", aGoal({ description: "x".repeat(limits.maxItemBytes) })],
      ["CLOCK_SKEW", "goal", aGoal({ updatedAt: at(tooFar) })],
      ["CLOCK_SKEW", "goal", { id: "gone", deletedAt: at(tooFar) }],
    ];
    for (const [code, entityType, item] of cases) {
      const { pushed, sent } = await outcomes(context, device, sender, entityType, item);
      expect.equal(`code of ${entityType} ${JSON.stringify(item).slice(0, 80)} by HTTP`, pushed, code);
      expect.equal(`code of ${entityType} ${JSON.stringify(item).slice(0, 80)} on a socket`, sent, code);
    }
    expect.nothing("what the refused left behind", await other.pull());

    const { pushed, sent } = await outcomes(context, device, sender, "goal", aGoal());
    expect.equal("outcomes of a good one", [pushed, sent], ["applied", "applied"]);
  },
});

export const judgedAlike = serverCheck({
  id: "RT-004/judged-alike",
  name: "stamps decide between the channels as within one: later wins, equal is a duplicate, earlier loses",
  brokenBy: [
    faulty.lastArrivalWinsOnSockets,
    faulty.knowsOnlyWhatCameOnSockets,
    faulty.givesTiesToTheStoredOnSockets,
    faulty.comparesStampsAsTextOnSockets,
  ],
  async run({ device, newDevice, anEntry, aGoal, edited, aDeletion, expect }) {
    const connection = await device.connect();
    const other = newDevice();

    // What came by HTTP is known on the socket.
    const entry = anEntry();
    const late = edited(entry, { duration: 31 });
    const latest = edited(entry, { duration: 32 });
    await other.push({ entries: [late] });
    expect.ack(await connection.write("logbook_entry", late), "duplicate");
    expect.ack(await connection.write("logbook_entry", entry), "superseded");
    expect.ack(await connection.write("logbook_entry", latest), "applied");

    // And the other way round.
    const { body } = await other.push({ entries: [latest, late] });
    expect.equal(
      "outcomes by HTTP",
      body.results.map(({ outcome }) => outcome),
      ["duplicate", "superseded"],
    );
    const row = expect.live(await other.pull(), entry["id"] as string);
    expect.equal("duration", row.item?.["duration"], 32);
    expect.equal("version", row.meta.version, 2);

    // With equal stamps a deletion wins, and an instant is not its text: 13:00+02:00 is earlier than 12:00Z.
    const goal = aGoal({ updatedAt: "2024-05-01T12:00:00.000Z" });
    await other.push({ goals: [goal] });
    const id = goal["id"] as string;
    const before = await other.cursor();
    const earlier = { ...goal, title: "earlier", updatedAt: "2024-05-01T13:00:00.000+02:00" };
    expect.ack(await connection.write("goal", earlier), "superseded");
    const gone = aDeletion(id, { deletedAt: "2024-05-01T12:00:00.000Z" });
    expect.ack(await connection.mutate("ENTITY_CHANGED", { entityType: "goal", item: gone }), "applied");
    expect.ack(await connection.write("goal", goal), "superseded");
    expect.deleted(await other.changesSince(before), id);

    // Of two live items the greater checksum wins: C 1e7eba87… < A 7d4a601e… < G d42ed62f….
    const tie = (title: string): JsonObject => ({ id: "tie", title, updatedAt: "2024-05-01T12:00:00.000Z" });
    await other.push({ goals: [tie("A")] });
    expect.ack(await connection.write("goal", tie("C")), "superseded");
    expect.ack(await connection.write("goal", tie("G")), "applied");
    expect.equal("winner of the tie", expect.live(await other.pull(), "tie").item?.["title"], "G");
  },
});

export const deployedAlike = serverCheck({
  id: "RT-004/receipt-stamps-alike",
  name: "an unusable stamp of a deployed peer is replaced on a socket as in a push, and its repetition recognised",
  brokenBy: [faulty.refusesSkewOfDeployedSockets, faulty.keepsNoClaimsOfSockets],
  async run({ deployedDevice, newDevice, aGoal, at, limits, expect }) {
    const skewed = aGoal({ updatedAt: at((limits.clockSkewMs ?? 300_000) + 600_000) });
    const deployed = deployedDevice();
    const connection = await deployed.connect();
    const { meta } = expect.ack(await connection.write("goal", skewed), "applied");
    expect.notEqual("stamp", meta.updatedAt, skewed["updatedAt"]);

    // The same once more, on either channel, is the same write.
    expect.ack(await connection.write("goal", skewed), "duplicate");
    expect.outcomes(await deployed.push({ goals: [skewed] }), ["duplicate"]);
    const row = expect.live(await newDevice().pull(), skewed["id"] as string);
    expect.equal("version", row.meta.version, 1);
    expect.equal("stamp in the item", row.item?.["updatedAt"], meta.updatedAt);
  },
});

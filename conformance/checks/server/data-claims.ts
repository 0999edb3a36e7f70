import { serverCheck } from "../../check.ts";
import type { PushBody } from "../../wire/shapes.ts";
import {
  believesClaimedChecksums,
  believesClaimedVersions,
  refusesItemsWithAnotherChecksum,
  writesToTheClaimedUser,
} from "./data-claims.mutants.ts";

export const claimsAreNotBelieved = serverCheck({
  id: "DATA-004/claims-are-not-believed",
  name: "version, seq and checksum in an item neither get it refused nor become the server's",
  brokenBy: [believesClaimedVersions, believesClaimedChecksums, refusesItemsWithAnotherChecksum],
  async run({ device, newDevice, expect, http }) {
    // SHA-256 of {"id":"g1","title":"Scales"}.
    const checksum = "dd7c2aefa49b61a934a222c843f8cdb473dd4218fa4e651a6799db66ce6dc3fc";
    const goal = { id: "g1", title: "Scales", updatedAt: "2024-01-01T10:00:00Z" };
    // No server has counted so far (ORD-021 leaves it how far it counts).
    const claims = { version: 41, seq: Number.MAX_SAFE_INTEGER - 1_000, checksum: "f".repeat(64) };
    const reply = await device.push({ goals: [{ ...goal, ...claims }] });
    const { meta } = expect.outcome(reply, 0, "applied");
    expect.equal("version", meta?.version, 1);
    expect.equal("checksum", meta?.checksum, checksum);
    expect.ok("seq is the server's own", (meta?.seq ?? Number.NaN) < claims.seq, meta?.seq);
    const row = expect.live(await newDevice().pullAll(), "g1");
    expect.equal("pulled meta", row.meta, meta);
    for (const name of ["version", "seq", "checksum"] as const) {
      const told = row.item[name];
      expect.ok(
        `the item does not tell another ${name}`,
        told === undefined || told === row.meta[name],
        told,
      );
    }

    // The same write with other claims, of whatever type, is the same write.
    const others = [
      { version: "latest", seq: null, checksum: 5 },
      { version: -1, seq: 0.5, checksum: "" },
      {},
    ];
    for (const other of others) {
      const again = await http<PushBody>({
        path: "/api/sync/push",
        as: newDevice(),
        json: { changes: { goals: [{ ...goal, ...other }] } },
      });
      expect.outcome(again, 0, "duplicate");
    }
  },
});

export const claimsInBatches = serverCheck({
  id: "DATA-004/in-a-batch",
  name: "what the data of a batch claims of version, seq, checksum and user is not believed either",
  brokenBy: [believesClaimedVersions, believesClaimedChecksums, writesToTheClaimedUser],
  async run({ device, newDevice, stranger, expect }) {
    const other = await stranger();
    const data = { id: "g1", title: "Scales", updatedAt: "2024-01-01T10:00:00Z" };
    const claims = { version: 41, seq: 1_000_000, checksum: "f".repeat(64), userId: other.user };
    const reply = await device.batch([{ id: "g1", type: "goal", data: { ...data, ...claims } }]);
    const { meta } = expect.outcome(reply, 0, "applied");
    expect.equal("version", meta?.version, 1);
    // SHA-256 of {"id":"g1","title":"Scales"}.
    const checksum = "dd7c2aefa49b61a934a222c843f8cdb473dd4218fa4e651a6799db66ce6dc3fc";
    expect.equal("checksum", meta?.checksum, checksum);
    expect.equal("pulled meta", expect.live(await newDevice().pullAll(), "g1").meta, meta);
    expect.nothing("what the other user has", await other.pullAll());
  },
});

export const claimedUser = serverCheck({
  id: "DATA-004/claimed-user",
  name: "userId and user_id in an item do not decide whose data is written",
  brokenBy: [writesToTheClaimedUser],
  async run({ device, newDevice, stranger, expect, aGoal, anEntry }) {
    const other = await stranger();
    const before = await other.cursor();
    const [goal, entry] = [aGoal({ userId: other.user }), anEntry({ user_id: other.user })];
    expect.outcomes(await device.push({ goals: [goal], entries: [entry] }), ["applied", "applied"]);

    expect.nothing("changes of the other user", await other.changesSince(before));
    const pulled = await newDevice().pullAll();
    expect.liveIds(pulled, [goal["id"] as string, entry["id"] as string]);
    for (const item of pulled.live()) {
      const told = [item["userId"], item["user_id"]].filter((user) => user !== undefined);
      expect.ok("the item does not tell another user", !told.includes(other.user), told);
    }
  },
});

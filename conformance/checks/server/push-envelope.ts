import { serverCheck } from "../../check.ts";
import type { PushBody } from "../../wire/shapes.ts";
import * as faulty from "./push-envelope.mutants.ts";

export const malformedEnvelope = serverCheck({
  id: "PUSH-004/malformed-envelope-applies-nothing",
  name: "a malformed envelope is refused as a whole",
  brokenBy: [faulty.toleratesMissingChanges, faulty.skipsMalformedCollections],
  async run({ device, expect, http, aGoal }) {
    const goal = aGoal();
    const envelopes = [
      {},
      { changes: null },
      { changes: [] },
      { changes: "entries" },
      { changes: { goals: [goal], entries: { 0: goal } } },
      { changes: { goals: [goal], entries: "none" } },
      { changes: { goals: [goal], somethingNew: 7 } },
      [],
    ];
    for (const json of envelopes) {
      const reply = await http({ method: "POST", path: "/api/sync/push", as: device, json });
      expect.problem(reply, 400, "INVALID_REQUEST");
    }
    expect.nothing("what malformed pushes left behind", await device.pull());

    expect.outcomes(await device.push({ goals: [goal] }), ["applied"]);
  },
});

export const nullCollection = serverCheck({
  id: "PUSH-004/null-collection-is-absent",
  name: "a collection that is null counts as absent",
  brokenBy: [faulty.refusesNullCollections],
  async run({ device, expect, http, aGoal }) {
    const goal = aGoal();
    const json = { changes: { entries: null, goals: [goal], practicePlans: null, notYetKnown: null } };
    const reply = await http<{ success: boolean }>({
      method: "POST",
      path: "/api/sync/push",
      as: device,
      json,
    });
    expect.equal("success", reply.body.success, true);
    expect.live(await device.pull(), goal["id"] as string, "goal");
  },
});

export const longCollectionName = serverCheck({
  id: "PUSH-004/collection-names-are-bounded",
  name: "a collection may be called by 255 characters; one of more makes the envelope malformed",
  brokenBy: [faulty.takesCollectionsOfAnyName, faulty.keepsCollectionNamesShort],
  async run({ device, expect, http, aGoal, limits }) {
    const goal = aGoal();
    const push = (name: string) =>
      http<PushBody>({
        method: "POST",
        path: "/api/sync/push",
        as: device,
        json: { changes: { goals: [goal], [name]: [{ id: "a" }, { id: "b" }] } },
      });

    expect.problem(await push("x".repeat(256)), 400, "INVALID_REQUEST");
    // Answered item by item, this one would come back a hundred times as long as it went.
    expect.problem(
      await push("x".repeat(Math.min(100_000, limits.maxBodyBytes / 2))),
      400,
      "INVALID_REQUEST",
    );
    expect.nothing("what was applied beside the long names", await device.pull());

    expect.outcomes(await push("x".repeat(255)), ["applied", "refused", "refused"]);
  },
});

export const unknownCollection = serverCheck({
  id: "PUSH-005/unknown-collection-refuses-its-items",
  name: "items of an unknown collection are refused one by one, the others judged",
  brokenBy: [faulty.ignoresUnknownCollections, faulty.rejectsUnknownCollections],
  async run({ device, expect, anEntry, unique }) {
    const [entry, first, second] = [anEntry(), unique("score"), unique("score")];
    const reply = await device.push({
      annotations: [{ id: first }, { id: second }],
      entries: [entry],
    } as never);

    expect.outcomes(reply, ["refused", "refused", "applied"]);
    expect.refused(reply, "/changes/annotations/0", "UNKNOWN_COLLECTION");
    expect.refused(reply, "/changes/annotations/1", "UNKNOWN_COLLECTION");
    expect.equal("number of conflicts", reply.body.conflicts.length, 2);
    expect.liveIds(await device.pull(), [entry["id"] as string]);
  },
});

export const emptyPush = serverCheck({
  id: "PUSH-014/empty-push-changes-nothing",
  name: "a push without any item succeeds and changes nothing",
  brokenBy: [faulty.refusesEmptyPushes, faulty.emptyPushMovesTheHead],
  async run({ device, expect, anEntry }) {
    const entry = anEntry();
    await device.push({ entries: [entry] });
    const head = (await device.pull()).body.lastSeq;

    for (const changes of [{}, { entries: [] }]) {
      const reply = await device.push(changes);
      expect.equal("success", reply.body.success, true);
      expect.equal("results", reply.body.results, []);
    }
    const after = await device.pull();
    expect.equal("head after empty pushes", after.body.lastSeq, head);
    expect.liveIds(after, [entry["id"] as string]);
  },
});

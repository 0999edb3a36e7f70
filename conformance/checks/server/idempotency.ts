import { serverCheck } from "../../check.ts";
import { pushesUnder } from "../keyed.ts";
import * as faulty from "./idempotency.mutants.ts";

export const replayChangesNothing = serverCheck({
  id: "IDEM-002/replay-changes-nothing",
  name: "replaying a push returns the first answer and changes nothing",
  brokenBy: [
    faulty.forgetsIdempotencyKeys,
    faulty.replaysSilently,
    faulty.replaysAfterReapplying,
    faulty.tellsReplayedItemsAgain,
  ],
  async run({ device, expect, anEntry }) {
    const push = device.preparePush({ entries: [anEntry()] });
    const first = await push.send();
    expect.outcome(first, 0, "applied");

    // The answer was lost: the client sends the very same request again.
    const replay = await push.send();

    expect.replayOf(first, replay);
    expect.nothing("changes since the first answer", await device.changesSince(first.body.syncToken));
  },
});

export const replayOfABatch = serverCheck({
  id: "IDEM-002/replay-of-a-batch",
  name: "replaying a batch returns the first answer and changes nothing",
  brokenBy: [faulty.forgetsKeysOfBatches, faulty.replaysSilently],
  async run({ device, expect, aGoal, edited }) {
    const goal = aGoal();
    await device.push({ goals: [goal] });
    const newer = edited(goal, { currentValue: 50 });
    const batch = device.prepareBatch([{ id: goal["id"] as string, type: "goal", data: newer, version: 1 }]);
    const first = await batch.send();
    expect.outcomes(first, ["applied"]);

    expect.replayOf(first, await batch.send());
    expect.nothing("changes since the first answer", await device.changesSince(first.body.newSyncToken));
  },
});

export const replayAgainAndAgain = serverCheck({
  id: "IDEM-002/replay-again-and-again",
  name: "the second and third replay are as the first",
  brokenBy: [faulty.replaysOnce],
  async run({ device, expect, anEntry }) {
    const push = device.preparePush({ entries: [anEntry()] });
    const first = await push.send();
    for (let time = 1; time <= 3; time++) expect.replayOf(first, await push.send());
  },
});

export const replayUndoesNothingNewer = serverCheck({
  id: "IDEM-002/replay-undoes-nothing-newer",
  name: "a late replay returns the first answer, and what was written since stays",
  brokenBy: [
    faulty.replaysAfterReapplying,
    faulty.refreshesTokensInReplays,
    faulty.answersFromThePresentState,
  ],
  async run({ device, newDevice, expect, anEntry, aGoal, edited, aDeletion }) {
    const [entry, removed, goal] = [anEntry({ duration: 30 }), anEntry(), aGoal()];
    const push = device.preparePush({ entries: [entry, removed], goals: [goal] });
    const first = await push.send();
    expect.outcomes(first, ["applied", "applied", "applied"]);

    // Another device edits one, removes one, leaves one alone.
    const other = newDevice();
    const newer = edited(entry, { duration: 45 });
    const later = await other.push({ entries: [newer, aDeletion(removed)] });

    expect.replayOf(first, await push.send());
    expect.nothing("changes since the newer writes", await device.changesSince(later.body.syncToken));
    const state = await device.pull();
    expect.liveIds(state, [entry["id"], goal["id"]] as string[]);
    expect.equal("duration", expect.live(state, entry["id"] as string).item["duration"], 45);
  },
});

export const replayOfADeletion = serverCheck({
  id: "IDEM-002/replay-of-a-deletion",
  name: "replaying a deletion removes nothing that came back since",
  brokenBy: [faulty.replaysAfterReapplying, faulty.answersFromThePresentState],
  async run({ device, newDevice, expect, aPiece, edited, aDeletion }) {
    const piece = aPiece();
    await device.push({ repertoire: [piece] });
    const removal = device.preparePush({ repertoire: [aDeletion(piece)] });
    const first = await removal.send();
    expect.outcomes(first, ["applied"]);
    const back = await newDevice().push({ repertoire: [edited(piece, { status: "polished" })] });

    expect.replayOf(first, await removal.send());
    expect.nothing("changes since the return", await device.changesSince(back.body.syncToken));
    expect.live(await device.pull(), piece["scoreId"] as string, "repertoire_item");
  },
});

export const replayOfMixedOutcomes = serverCheck({
  id: "IDEM-002/replay-of-mixed-outcomes",
  name: "duplicate and superseded results are replayed as they were, not as they would be now",
  brokenBy: [faulty.answersFromThePresentState, faulty.forgetsIdempotencyKeys],
  async run({ device, newDevice, expect, anEntry, edited }) {
    const [same, lost, fresh] = [anEntry(), anEntry(), anEntry()];
    await device.push({ entries: [same, edited(lost, { notes: "the winner" })] });
    const push = device.preparePush({ entries: [same, lost, fresh] });
    const first = await push.send();
    expect.outcomes(first, ["duplicate", "superseded", "applied"]);
    await newDevice().push({
      entries: [edited(same), edited(lost, { notes: "a later winner" }), edited(fresh)],
    });

    expect.replayOf(first, await push.send());
  },
});

export const replayOfAnUnstampedWrite = serverCheck({
  id: "IDEM-002/replay-of-an-unstamped-write",
  name: "a deployed peer's unstamped write is replayed, although a later one has taken its place",
  brokenBy: [faulty.forgetsKeysOfDeployedPeers, faulty.forgetsIdempotencyKeys],
  async run({ deployedDevice, expect, anEntry }) {
    const [phone, laptop] = [deployedDevice(), deployedDevice()];
    const entry = anEntry({ updatedAt: undefined, duration: 10 });
    const push = phone.preparePush({ entries: [entry] });
    const first = await push.send();
    expect.outcomes(first, ["applied"]);
    // Neither its stamp nor its claim protects the first write now: the key alone does.
    const later = await laptop.push({ entries: [{ ...entry, duration: 20 }] });
    expect.outcomes(later, ["applied"]);

    expect.replayOf(first, await push.send());
    const { item } = expect.live(await laptop.pull(), entry["id"] as string);
    expect.equal("duration", item["duration"], 20);
  },
});

export const reusedKey = serverCheck({
  id: "IDEM-003/other-body-under-a-known-key",
  name: "another body under a known key is refused, with nothing applied, and the first answer stays",
  brokenBy: [
    faulty.replaysWhateverTheBody,
    faulty.judgesOtherBodiesAnew,
    faulty.refusesReuseAfterwards,
    faulty.losesTheRecordOverAReuse,
    faulty.callsReuseAConflict,
    faulty.forgetsIdempotencyKeys,
  ],
  async run({ device, http, newDevice, expect, anEntry, edited, unique }) {
    const send = pushesUnder({ http, device }, unique("key"));
    const entry = anEntry();
    const body = { changes: { entries: [entry] } };
    const first = await send(body);
    expect.outcomes(first, ["applied"]);

    for (const other of [[anEntry()], [edited(entry, { notes: "changed" })], []]) {
      const refused = await send({ changes: { entries: other } });
      expect.problem(refused, 422, "IDEMPOTENCY_KEY_REUSED");
    }
    expect.nothing("what the reused key wrote", await newDevice().changesSince(first.body.syncToken));
    expect.replayOf(first, await send(body));
  },
});

export const reusedKeyOfABatch = serverCheck({
  id: "IDEM-003/other-batch-under-a-known-key",
  name: "another batch under a known key is refused, with nothing applied",
  brokenBy: [faulty.forgetsKeysOfBatches, faulty.replaysWhateverTheBody, faulty.refusesReuseAfterwards],
  async run({ device, expect, aGoal, unique }) {
    const key = unique("key");
    const [goal, other] = [aGoal(), aGoal()].map((data) => ({
      id: data["id"] as string,
      type: "goal" as const,
      data,
    }));
    const first = await device.batch([goal!], { key });
    expect.outcomes(first, ["applied"]);
    for (const entities of [[other!], [goal!, other!], [{ ...goal!, version: 0 }]]) {
      expect.problem(await device.tryBatch(entities, { key }), 422, "IDEMPOTENCY_KEY_REUSED");
    }
    expect.nothing("what the reused key wrote", await device.changesSince(first.body.newSyncToken));
    expect.replayOf(first, await device.tryBatch([goal!], { key }));
  },
});

export const brokenBodyUnderAKnownKey = serverCheck({
  id: "IDEM-003/broken-body-under-a-known-key",
  name: "a body that is no JSON, under a known key, is refused as another body",
  brokenBy: [faulty.parsesBeforeLookingUp, faulty.replaysWhateverTheBody],
  async run({ device, http, expect, anEntry, unique }) {
    const send = pushesUnder({ http, device }, unique("key"));
    const body = { changes: { entries: [anEntry()] } };
    const first = await send(body);
    const text = JSON.stringify(body);
    for (const broken of [text.slice(0, -1), `${text}}`, "no JSON at all"]) {
      expect.problem(await send(broken), 422, "IDEMPOTENCY_KEY_REUSED");
    }
    expect.replayOf(first, await send(body));
  },
});

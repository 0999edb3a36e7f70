import { serverCheck } from "../../check.ts";
import { idOf } from "../reading.ts";
import * as faulty from "./idempotency-large.mutants.ts";
import { forgetsIdempotencyKeys } from "./idempotency.mutants.ts";

export const largeAnswers = serverCheck({
  id: "IDEM-002/large-answers",
  name: "an answer of hundreds of kilobytes is replayed like any other, of a push and of a batch",
  brokenBy: [
    faulty.recordsNoAnswerOver64KiB,
    faulty.recordsNoAnswerOver256KiB,
    faulty.recordsNoAnswerOver700KiB,
    faulty.recordsNoLargeBatches,
    faulty.recordsNoLargeRequests,
    forgetsIdempotencyKeys,
  ],
  async run({ device, newDevice, expect, limits, anEntry, edited }) {
    const size = Math.min(100_000, Math.floor(limits.maxItemBytes / 2), Math.floor(limits.maxBodyBytes / 2));
    const notes = "A long entry. ".repeat(Math.floor(size / 14));
    const late = anEntry();
    const stored = edited(late, { notes });
    const large = device.preparePush({ entries: [stored] });
    const written = await large.send();
    expect.outcomes(written, ["applied"]);

    // Each late copy is small, and its result has the whole winner.
    const copies = (count: number) => Array.from({ length: count }, () => late);
    const entities = copies(3).map((data) => ({ id: idOf(data), type: "logbook_entry" as const, data }));
    const requests = [
      device.preparePush({ entries: copies(3) }),
      device.preparePush({ entries: copies(Math.min(9, limits.maxItems)) }),
      device.prepareBatch(entities),
      // Refused with VERSION_CONFLICT, the winner told beside.
      device.prepareBatch(entities.map((entity) => ({ ...entity, version: 0 }))),
    ];
    const answers = [];
    for (const request of requests) answers.push(await request.send());
    for (const answer of answers) expect.status(answer, 200);
    expect.equal("notes of the winner", expect.outcome(answers[0]!, 2, "superseded").item?.["notes"], notes);

    // Judged again, each would be answered with another winner, or another version.
    await newDevice().push({ entries: [edited(stored, { notes: "short" })] });
    for (const [index, request] of requests.entries()) expect.replayOf(answers[index]!, await request.send());
    expect.replayOf(written, await large.send());
  },
});

import { serverCheck } from "../../check.ts";
import { mutant } from "../../model/mutant.ts";

export const forgetsIdempotencyKeys = mutant({
  name: "forgets-idempotency-keys",
  story: "The record is written to a cache with a short life, so a retry a minute later is judged again.",
  breaks: ["IDEM-002"],
  deform: (conforming) => ({ ...conforming, recall: async () => undefined }),
});

export const replayChangesNothing = serverCheck({
  id: "IDEM-002/replay-changes-nothing",
  name: "replaying a push returns the first answer and changes nothing",
  brokenBy: [forgetsIdempotencyKeys],
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

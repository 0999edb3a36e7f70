import { clientCheck } from "../../client-check.ts";
import { emptyOutbox } from "../../clients/outbox.ts";
import { keepsUp, pullsNothing, stampOf, writing } from "../../clients/situations.ts";
import { loseAnswer, loseRequest } from "../../simulator/faults.ts";
import type { SeenRequest } from "../../simulator/seen.ts";
import * as faulty from "./replays.mutants.ts";

/** Within what a server allows (ORD-011), and more than any measuring is wrong by. */
const AHEAD = 4 * 60_000;

const isReplay = ({ told }: SeenRequest): boolean => told?.headers["x-idempotent-replay"] === "true";
const iso = (ms: number): string => new Date(ms).toISOString();

export const measuresNoReplay = clientCheck({
  id: "CLI-002/a-replay-tells-no-time",
  name: "an answer that is a replay tells the time of the first one: no clock is corrected by it",
  secondMs: 20,
  brokenBy: [faulty.measuresByReplays],
  async run(context) {
    const { open, simulator, expect, anEntry, waitFor, inconclusive } = context;
    const app = await open();
    simulator.fault(writing(), loseAnswer);
    const letThrough = simulator.fault(writing(), loseRequest, Infinity);
    const first = await app.create("logbook_entry", anEntry());
    await waitFor("a first attempt", () => simulator.writesOf(first)[0]?.seen.endedAt);
    // From now on the client knows the server's clock to be ahead; what is replayed is from before.
    simulator.model.advanceClock(AHEAD);
    if (!(await keepsUp(context, app))) pullsNothing(context);
    const replay = (): SeenRequest | undefined =>
      simulator.writesOf(first).find(({ seen }) => isReplay(seen))?.seen;
    // No pull shall set right what the replay set wrong.
    simulator.fault((seen) => seen.call === "pull" && replay() !== undefined, loseRequest, 5);
    letThrough();
    await emptyOutbox(context, app);
    const replayed = replay() ?? inconclusive("what was sent again was not replayed: its key is another one");
    const made = simulator.model.now();
    const second = await app.create("logbook_entry", anEntry());
    const { seen, sent } = await waitFor("the second entry", () => simulator.writesOf(second)[0]);
    expect.ok(
      `the stamp of ${second} in request ${seen.n} is by the clock that the server showed in a pull, and not by the timestamp that request ${replayed.n} was replayed`,
      stampOf(sent) > made - AHEAD / 2,
      `${iso(stampOf(sent))}, when the server's clock was at ${iso(made)}`,
    );
  },
});

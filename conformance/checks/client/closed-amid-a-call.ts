import { clientCheck } from "../../client-check.ts";
import { holdAnswers } from "../../clients/outbox.ts";
import { comes } from "../../clients/situations.ts";
import * as faulty from "./closed-amid-a-call.mutants.ts";

/** For a client that waits for its request: in real time shorter than what an adapter may take to answer. */
const CLOSING_S = 15;

export const endsWhatIsUnderWay = clientCheck({
  id: "CLI-047/closed-amid-a-call",
  name: "a request that is under way when the client is closed ends with it: it is given up, or close waits for it",
  brokenBy: [faulty.leavesItsRequestsOpen],
  // What is left behind lasts half a minute as a rule, and so longer than what a slow machine is given.
  secondMs: 250,
  async run(context) {
    const { open, simulator, anEntry, waitFor } = context;
    const app = await open();
    const answer = holdAnswers(simulator);
    const id = await app.create("logbook_entry", anEntry());
    const { seen } = await waitFor("a push that is under way", () =>
      simulator.writesOf(id).find((write) => write.seen.fate === "held"),
    );
    let isClosed = false;
    const closing = app.close().then(() => (isClosed = true));
    closing.catch(() => {});
    if (await comes(context, () => isClosed, CLOSING_S))
      await waitFor(
        `the end of request ${seen.n}, which had no answer yet when the client was closed, and whose connection close has to end`,
        () => seen.givenUp,
        { seconds: 1 },
      );
    answer();
    await closing;
  },
});

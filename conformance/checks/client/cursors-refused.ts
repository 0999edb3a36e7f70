import { clientCheck } from "../../client-check.ts";
import type { ClientCheck } from "../../client-check.ts";
import { demandNews, expireCursors, hasPulledInFull, lastSeen, writing } from "../../clients/situations.ts";
import type { ClientMutant } from "../../model-client/mutant.ts";
import { loseRequest } from "../../simulator/faults.ts";
import { settled } from "../../clients/outbox.ts";
import * as faulty from "./cursors-refused.mutants.ts";

function fullPullOn(
  code: "CURSOR_EXPIRED" | "CURSOR_MISMATCH",
  slug: string,
  brokenBy: readonly ClientMutant[],
): ClientCheck {
  return clientCheck({
    id: `CLI-014/${slug}`,
    name: `on ${code} the client makes a full pull, and what waits in its outbox is kept and sent`,
    secondMs: 10,
    brokenBy,
    async run(context) {
      const { open, simulator, other, expect, anEntry, waitFor } = context;
      const app = await open();
      const letThrough = simulator.fault(writing(), loseRequest, Infinity);
      const id = await app.create("logbook_entry", anEntry());
      const mark = lastSeen(simulator);
      const heal = expireCursors(simulator, code);
      await waitFor(`the end of a full pull after ${code}`, () => hasPulledInFull(simulator, mark));
      await demandNews(context, app);
      expect.equal("pending after the full pull", await app.pending(), [{ type: "logbook_entry", id }]);
      expect.ok(`${id}, which waits, is in the list`, (await app.get("logbook_entry", id)) !== undefined);
      letThrough();
      await waitFor("an empty outbox", settled(app));
      expect.live(await other.pull(), id);
      heal();
    },
  });
}

export const onCursorExpired = fullPullOn("CURSOR_EXPIRED", "cursor-expired", [
  faulty.asksWithTheSameCursorAgain,
  faulty.beginsWithNothing,
]);

export const onCursorMismatch = fullPullOn("CURSOR_MISMATCH", "cursor-mismatch", [
  faulty.stopsOnAMismatch,
  faulty.beginsWithNothing,
]);

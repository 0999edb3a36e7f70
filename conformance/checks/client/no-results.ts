import type { JsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import { emptyOutbox, faultWrites } from "../../clients/outbox.ts";
import { alterJson } from "../../simulator/faults.ts";
import type { SeenRequest } from "../../simulator/seen.ts";
import * as faulty from "./no-results.mutants.ts";

export const withoutResults = clientCheck({
  id: "CLI-042/push-gets-no-results",
  name: "an answer of 200 without results is none: the same request goes out again; one whose results are empty is, and names nothing",
  brokenBy: [
    faulty.takesNoResultsForNone,
    faulty.takesNoResultsForSuccess,
    faulty.takesAnEmptyListForNoAnswer,
  ],
  secondMs: 20,
  async run(context) {
    const { open, simulator, expect, anEntry, waitFor } = context;
    const app = await open();
    for (const [what, into] of [
      ["an answer without results", (body: JsonObject): unknown => ({ ...body, results: undefined })],
      ["an answer whose results are empty", (body: JsonObject): unknown => ({ ...body, results: [] })],
    ] as const) {
      faultWrites(simulator, alterJson(into), 1);
      const id = await app.create("logbook_entry", anEntry());
      await waitFor(`another request after ${what}`, async () => {
        const pending = (await app.pending()).some((one) => one.id === id);
        if (simulator.writesOf(id).length > 1) return true;
        expect.ok(`${id} is pending after ${what}, which does not name it`, pending);
        return false;
      });
      const [first, second] = simulator.writesOf(id).map(({ seen }) => seen) as [SeenRequest, SeenRequest];
      const again = second.key === first.key;
      if (what === "an answer without results") {
        expect.ok(`request ${second.n} has the key of request ${first.n}, after ${what}`, again);
        expect.equal(`body of request ${second.n}, after ${what}`, second.json, first.json);
      } else expect.ok(`request ${second.n} has another key than request ${first.n}, after ${what}`, !again);
      await emptyOutbox(context, app);
    }
    expect.equal("dead letters", await app.deadLetters(), []);
  },
});

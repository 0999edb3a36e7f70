import { clientCheck } from "../../client-check.ts";
import { faultWrites, pendingIds } from "../../clients/outbox.ts";
import { refusal } from "../../simulator/faults.ts";
import * as faulty from "./judged-requests.mutants.ts";

export const forbiddenIsAnAnswer = clientCheck({
  id: "CLI-009/forbidden-is-an-answer",
  name: "a push that was answered 403 was judged: it is not sent again under its key, and what was in it is kept",
  secondMs: 20,
  brokenBy: [faulty.takesForbiddenForNoAnswer, faulty.dropsWhatIsForbidden],
  async run(context) {
    const { open, simulator, expect, anEntry, waitFor, pass } = context;
    const app = await open();
    faultWrites(simulator, refusal("FORBIDDEN"));
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("a first attempt", () => simulator.writesOf(id)[0]?.seen.endedAt);
    // Longer than any wait before another attempt.
    await pass(65);
    const attempts = simulator.writesOf(id).map(({ seen }) => seen);
    const repeated = attempts.filter(
      ({ key, n }) => key !== undefined && attempts.some((earlier) => earlier.n < n && earlier.key === key),
    );
    expect.equal(
      "requests under the key of one that was answered 403",
      repeated.map(({ n }) => `request ${n}`),
      [],
    );
    const dead = (await app.deadLetters()).map((letter) => letter.id);
    expect.ok(
      `${id}, which nobody accepted, is pending, or a dead letter`,
      dead.includes(id) || (await pendingIds(app)).includes(id),
      "neither",
    );
    expect.ok(`${id} is in the list`, (await app.get("logbook_entry", id)) !== undefined, "not there");
  },
});

import { clientCheck } from "../../client-check.ts";
import { loseAnswer, loseRequest, refusal } from "../../simulator/faults.ts";
import { openWithAnEntry } from "../../clients/edits.ts";
import { distinctWrites, emptyOutbox, faultWrites } from "../../clients/outbox.ts";
import * as faulty from "./failures.mutants.ts";

/** More than what people give a request before they give it up. */
const MANY = 6;

const FAILURES = [
  { name: "lost requests", fault: loseRequest, brokenBy: [faulty.countsFailedAttempts] },
  { name: "lost answers", fault: loseAnswer, brokenBy: [faulty.countsFailedAttempts] },
  { name: "500", fault: refusal("INTERNAL"), brokenBy: [faulty.countsServerErrors] },
  { name: "503", fault: refusal("UNAVAILABLE", { retryAfter: 1 }), brokenBy: [faulty.countsServerErrors] },
  {
    name: "429",
    fault: refusal("RATE_LIMITED", { retryAfter: 1 }),
    brokenBy: [faulty.countsRateLimits, faulty.takesARateLimitForARefusal],
  },
];

export const failuresDontCount = FAILURES.map(({ name, fault, brokenBy }) =>
  clientCheck({
    id: `CLI-030/${name.replace(" ", "-")}`,
    name: `a write that failed ${MANY} times by ${name} is no dead letter: it is pending, and arrives in the end`,
    brokenBy,
    secondMs: 20,
    async run(context) {
      const { open, simulator, other, expect, anEntry, waitFor } = context;
      const app = await open();
      faultWrites(simulator, fault);
      const id = await app.create("logbook_entry", anEntry({ notes: "mine" }));
      const ended = (): number =>
        simulator.writesOf(id).filter(({ seen }) => seen.endedAt !== undefined).length;
      await waitFor(
        `${MANY} attempts`,
        async () => {
          const pending = (await app.pending()).some((one) => one.id === id);
          expect.ok(`${id} is pending after ${ended()} failures`, pending);
          expect.equal(`dead letters after ${ended()} failures`, await app.deadLetters(), []);
          return ended() >= MANY;
        },
        { seconds: 300 },
      );
      simulator.heal();
      await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0, { seconds: 300 });
      expect.equal("dead letters in the end", await app.deadLetters(), []);
      expect.equal("notes that the server has", expect.live(await other.pull(), id).item["notes"], "mine");
    },
  }),
);

const CODES = [
  {
    code: "CLOCK_SKEW",
    brokenBy: [faulty.countsClockSkew, faulty.takesClockSkewForPermanent],
  },
  {
    code: "VERSION_CONFLICT",
    brokenBy: [faulty.countsVersionConflicts, faulty.takesConflictsForPermanent],
  },
] as const;

export const codesThatNeverCount = CODES.map(({ code, brokenBy }) =>
  clientCheck({
    id: `CLI-030/${code.toLowerCase().replace("_", "-")}`,
    name: `an edit that was refused ${MANY} times with ${code} is no dead letter, and arrives in the end`,
    brokenBy,
    secondMs: 20,
    async run(context) {
      const { simulator, other, expect, refuse, waitFor } = context;
      const { app, id } = await openWithAnEntry(context);
      refuse(id, code, MANY);
      await app.update("logbook_entry", id, { notes: "mine" });
      await waitFor(
        `an empty outbox after ${MANY} refusals with ${code}`,
        async () => {
          const sent = distinctWrites(simulator, id).length;
          expect.equal(`dead letters after ${sent} attempts`, await app.deadLetters(), []);
          return (await app.pendingCount()) === 0;
        },
        { seconds: 300 },
      );
      const notes = expect.live(await other.pull(), id).item["notes"];
      expect.equal(`notes that the server has, after ${MANY} refusals with ${code}`, notes, "mine");
      expect.equal("dead letters in the end", await app.deadLetters(), []);
      await emptyOutbox(context, app);
    },
  }),
);

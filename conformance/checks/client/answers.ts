import type { JsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import { alterJson, html, otherJson, truncated, wrongContentType } from "../../simulator/faults.ts";
import type { Fault } from "../../simulator/faults.ts";
import { isWrite } from "../../simulator/seen.ts";
import type { SeenRequest } from "../../simulator/seen.ts";
import type { ClientMutant } from "../../model-client/mutant.ts";
import * as faulty from "./answers.mutants.ts";

interface Noise {
  slug: string;
  /** What comes in place of an answer. */
  what: string;
  fault: Fault;
  /** Who takes it for an answer to a push, to a client's first pull, to a later one. */
  push: readonly ClientMutant[];
  firstPull: readonly ClientMutant[];
  pull: readonly ClientMutant[];
}

const NOISE: readonly Noise[] = [
  {
    slug: "a-page",
    what: "a page of HTML with status 200",
    fault: html,
    push: [faulty.goesByTheStatusAlone, faulty.buriesWhatGotNoAnswer, faulty.takesANewKeyAfterNoise],
    firstPull: [faulty.goesByTheStatusAlone, faulty.stopsAtJsonThatDoesNotParse],
    pull: [faulty.startsOverAfterNoise, faulty.stopsAtJsonThatDoesNotParse],
  },
  {
    slug: "other-json",
    what: "JSON of something else with status 200",
    fault: otherJson,
    push: [faulty.goesByTheStatusAlone, faulty.fillsInWhatIsMissing],
    firstPull: [faulty.fillsInWhatIsMissing],
    pull: [faulty.startsOverAfterNoise],
  },
  {
    slug: "half-an-answer",
    what: "the first half of an answer",
    fault: truncated,
    push: [faulty.stopsAtJsonThatDoesNotParse, faulty.goesByTheStatusAlone, faulty.takesANewKeyAfterNoise],
    firstPull: [faulty.stopsAtJsonThatDoesNotParse],
    pull: [faulty.stopsAtJsonThatDoesNotParse],
  },
  {
    slug: "another-content-type",
    what: "an answer that is said to be text/html",
    fault: wrongContentType,
    push: [faulty.neverLooksAtTheContentType, faulty.buriesWhatGotNoAnswer],
    firstPull: [faulty.neverLooksAtTheContentType],
    pull: [faulty.neverLooksAtTheContentType],
  },
];

const ended = ({ endedAt }: SeenRequest): boolean => endedAt !== undefined;

export const pushes = NOISE.map(({ slug, what, fault, push }) =>
  clientCheck({
    id: `CLI-042/push-gets-${slug}`,
    name: `a push that gets ${what} got no answer: its items wait, and go out again as they were`,
    brokenBy: push,
    // Slow enough that the client hears what it gets before it gives up waiting for it.
    secondMs: 25,
    async run({ open, simulator, other, expect, anEntry, waitFor }) {
      const app = await open();
      const withdraw = simulator.fault(isWrite, fault, Infinity);
      const id = await app.create("logbook_entry", anEntry());
      const sendings = (): SeenRequest[] => simulator.writesOf(id).map(({ seen }) => seen);
      await waitFor(
        "a second attempt, or an outbox that was cleared",
        async () => sendings().filter(ended).length >= 2 || (await app.pendingCount()) === 0,
      );
      expect.equal(`pending after ${what}`, await app.pending(), [{ type: "logbook_entry", id }]);
      expect.equal(`dead letters after ${what}`, await app.deadLetters(), []);

      withdraw();
      await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
      expect.live(await other.pull(), id);
      expect.equal("dead letters in the end", await app.deadLetters(), []);
      const [first, ...again] = sendings();
      for (const { n, key, request } of again) {
        expect.ok(`request ${n} repeats request ${first!.n} under its key`, key === first!.key, key);
        expect.equal(
          `body of request ${n}, which repeats request ${first!.n}`,
          textOf(request.body),
          textOf(first!.request.body),
        );
      }
    },
  }),
);

export const firstPulls = NOISE.map(({ slug, what, fault, firstPull }) =>
  clientCheck({
    id: `CLI-042/first-pull-gets-${slug}`,
    name: `a client whose first pulls get ${what} has nothing, and pulls again until there is an answer`,
    brokenBy: firstPull,
    secondMs: 10,
    async run({ open, simulator, other, expect, anEntry, waitFor }) {
      const entry = anEntry();
      await other.push({ entries: [entry] });
      const withdraw = simulator.fault("pull", fault, Infinity);
      const app = await open({ caughtUp: false });
      await waitFor("a second pull", () => simulator.calls("pull").filter(ended).length >= 2);
      expect.equal(`the list after ${what}`, await app.list("logbook_entry"), []);
      for (const { n, json } of simulator.calls("pull")) {
        const { since = null } = (json ?? {}) as JsonObject;
        expect.ok(`pull ${n} is a full one: no cursor was told yet`, since === null, since);
      }
      withdraw();
      await waitFor("what the server has, in the app", () => app.get("logbook_entry", entry["id"] as string));
    },
  }),
);

export const pulls = NOISE.map(({ slug, what, fault, pull }) =>
  clientCheck({
    id: `CLI-042/pull-gets-${slug}`,
    name: `a pull that gets ${what} changes nothing, and is made again until there is an answer`,
    brokenBy: pull,
    secondMs: 10,
    async run({ open, simulator, other, expect, anEntry, waitFor }) {
      const [known, news] = [anEntry(), anEntry()];
      await other.push({ entries: [known] });
      const app = await open();
      await waitFor("what the server has, in the app", () => app.get("logbook_entry", known["id"] as string));
      const before = await app.list("logbook_entry");
      const from = simulator.calls("pull").length;
      const withdraw = simulator.fault("pull", fault, Infinity);
      await other.push({ entries: [news] });
      await waitFor("two more pulls", () => simulator.calls("pull").slice(from).filter(ended).length >= 2);
      expect.equal(`the list after ${what}`, await app.list("logbook_entry"), before);
      withdraw();
      await waitFor("what another device wrote, in the app", () =>
        app.get("logbook_entry", news["id"] as string),
      );
      expect.ok(
        "what was there before is there",
        (await app.get("logbook_entry", known["id"] as string)) !== undefined,
        "gone",
      );
    },
  }),
);

export const unknownMembersOfAnswers = clientCheck({
  id: "CLI-041/unknown-members-of-answers",
  name: "members and collections that a client does not know are ignored in answers, and the rest is taken",
  brokenBy: [faulty.validatesStrictly, faulty.takesOnlyTypesThatItKnows, faulty.readsResultsStrictly],
  secondMs: 10,
  async run({ open, simulator, other, expect, anEntry, at, waitFor }) {
    const [known, news] = [anEntry(), anEntry({ studio: { room: 4 } })];
    await other.push({ entries: [known] });
    const app = await open();
    await waitFor("what the server has, in the app", () => app.get("logbook_entry", known["id"] as string));
    const meta = {
      entityType: "recording",
      entityId: known["id"] as string,
      version: 7,
      seq: 1,
      updatedAt: at(),
      deletedAt: null,
      checksum: "0".repeat(64),
    };
    const page = (body: JsonObject): JsonObject => ({
      ...body,
      hints: { retention: 30 },
      recordings: [{ id: known["id"]! }],
      meta: { ...(body["meta"] as JsonObject), recordings: [meta] },
      forgotten: [{ ...meta, deletedAt: at() }],
    });
    const judged = (body: JsonObject): JsonObject => ({
      ...body,
      quota: { left: 12 },
      results: (body["results"] as JsonObject[]).map((result) => ({ ...result, advice: "none" })),
    });
    simulator.fault("pull", alterJson(page), Infinity);
    simulator.fault(isWrite, alterJson(judged), Infinity);

    await other.push({ entries: [news] });
    const id = await app.create("logbook_entry", anEntry());
    await waitFor(
      "an empty outbox after an answer with further members",
      async () => (await app.pendingCount()) === 0,
    );
    await waitFor("what a page with further members and collections tells, in the app", () =>
      app.get("logbook_entry", news["id"] as string),
    );
    const there = (await app.list("logbook_entry")).map((item) => item["id"]);
    expect.equal(
      "entries in the app, one of which has the id of something in a collection that it does not know",
      there.toSorted(),
      [known["id"], news["id"], id].toSorted(),
    );
    expect.equal("dead letters", await app.deadLetters(), []);
  },
});

function textOf(body: Uint8Array | undefined): string {
  return body === undefined ? "" : new TextDecoder().decode(body);
}

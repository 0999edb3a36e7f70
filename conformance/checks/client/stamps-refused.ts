import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import {
  comes,
  demandNews,
  keepsUp,
  lastSeen,
  notItsWay,
  pagesTold,
  resultOf,
  stampOf,
  withoutPulls,
  writing,
} from "../../clients/situations.ts";
import { loseAnswer, loseRequest, refusal } from "../../simulator/faults.ts";
import type { SeenRequest, SentItem } from "../../simulator/seen.ts";
import { CheckFailure } from "../../verdict.ts";
import * as faulty from "./stamps-refused.mutants.ts";

const MINUTE = 60_000;
/** More than any server has to allow. */
const WRONG = 20 * MINUTE;

const iso = (ms: number): string => new Date(ms).toISOString();

const STAMPED_AGAIN = { expected: "stamped again and sent under a new key", actual: "a dead letter" };

interface Attempt {
  seen: SeenRequest;
  sent: SentItem;
}

const isSkewed = ({ seen, sent }: Attempt): boolean => resultOf(seen, sent.id)?.code === "CLOCK_SKEW";

/** From the next push on the server's clock is set back: what its client measured before is wrong. */
function setBackWhenWritten({ model, fault }: BoundSimulator, ms: number): void {
  let done = false;
  fault(
    (seen) => {
      if (!done && writing()(seen)) {
        done = true;
        model.advanceClock(-ms);
      }
      return false;
    },
    loseRequest,
    Infinity,
  );
}
type BoundSimulator = Pick<ClientContext["simulator"], "model" | "fault">;

export const stampedAgain = clientCheck({
  id: "CLI-003/stamped-again",
  name: "a write that is refused with CLOCK_SKEW comes again under a new key, stamped with the time at which it was made",
  server: { clockMs: -WRONG },
  secondMs: 20,
  brokenBy: [
    faulty.restampsWithTheTimeOfTheRefusal,
    faulty.restampsByItsOwnClock,
    faulty.sendsTheRefusedStampAgain,
    faulty.restampsUnderTheOldKey,
    faulty.buriesWhatWasSkewed,
  ],
  async run(context) {
    const { open, simulator, other, expect, anEntry, seconds, pass, waitFor, inconclusive } = context;
    // A device whose clock is far ahead, and which has heard nothing from the server yet.
    const letThrough = simulator.fault(() => true, loseRequest, Infinity);
    const app = await open({ caughtUp: false });
    const id = await app.create("logbook_entry", anEntry());
    if (!(await comes(context, () => simulator.writesOf(id).length > 0, 40)))
      notItsWay("the client sends nothing before it has pulled, and knows the clock then");
    await pass(1_000 / seconds(1));
    withoutPulls(simulator);
    letThrough();
    const refused = await waitFor(`an answer to ${id}`, () =>
      simulator.writesOf(id).find((attempt) => resultOf(attempt.seen, id)),
    );
    if (!isSkewed(refused))
      inconclusive("the stamp of what was sent is not ahead of the server's clock any more");
    const again = await waitFor(
      `${id} in another request after CLOCK_SKEW in request ${refused.seen.n}`,
      async () =>
        simulator.writesOf(id).find(({ seen }) => seen.n > refused.seen.n) ??
        ((await app.deadLetters()).length > 0 && "dead"),
    );
    if (again === "dead") throw new CheckFailure(`${id} became a dead letter for CLOCK_SKEW`, STAMPED_AGAIN);

    const { n, key, at } = again.seen;
    expect.notEqual(`key of request ${n}, with ${id} stamped again`, key ?? "none", refused.seen.key);
    const serverTime = Date.parse(String(resultOf(refused.seen, id)!.serverTime));
    // What a full pull lacked counts as seen at its timestamp.
    const pulls = pagesTold(simulator).filter(({ seen }) => seen.at < at);
    const latest = Math.max(serverTime, ...pulls.map(({ body }) => Date.parse(body.timestamp) + 1));
    expect.ok(
      `the stamp of ${id} in request ${n} is no later than the serverTime of its refusal, ${iso(latest)}`,
      stampOf(again.sent) <= latest,
      iso(stampOf(again.sent)),
    );
    // It was made a second before; no measuring is wrong by as much, unless the machine stood still.
    const quick = refused.seen.endedAt! - refused.seen.at < 250;
    if (quick && pulls.length === 0)
      expect.ok(
        `the stamp of ${id} in request ${n} is the old one less the error of the clock, so earlier than serverTime, ${iso(serverTime)}: it was made a second before`,
        stampOf(again.sent) < serverTime,
        iso(stampOf(again.sent)),
      );
    await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
    expect.equal("dead letters", await app.deadLetters(), []);
    expect.live(await other.pull(), id);
  },
});

export const stampedAboveWhatWasSeen = clientCheck({
  id: "CLI-003/above-what-was-seen",
  name: "a write that is refused with CLOCK_SKEW is stamped again later than what its user saw, also where that is ahead of the server's clock",
  secondMs: 10,
  brokenBy: [faulty.restampsBelowWhatItSaw, faulty.restampsWithTheTimeOfTheRefusal],
  async run(context) {
    const { open, simulator, other, expect, anEntry, at, waitFor, inconclusive } = context;
    const app = await open();
    const seen = at(4 * MINUTE);
    const entry = anEntry({ updatedAt: seen });
    const id = String(entry["id"]);
    await other.push({ entries: [entry] });
    await waitFor(`${id} in the list`, () => app.get("logbook_entry", id));
    // The server's clock is wrong until the client's edit arrives, and with it what the client measures.
    simulator.model.advanceClock(WRONG);
    if (!(await keepsUp(context, app))) inconclusive("the client does not pull");
    setBackWhenWritten({ model: simulator.model, fault: simulator.fault.bind(simulator) }, WRONG);
    const made = lastSeen(simulator);
    await app.update("logbook_entry", id, { notes: "on top" });
    await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
    for (const { seen: request, sent } of simulator.writesOf(id).filter((attempt) => attempt.seen.n > made))
      expect.ok(
        `the stamp of ${id} in request ${request.n} is later than that of what its user saw, ${seen}`,
        stampOf(sent) > Date.parse(seen),
        iso(stampOf(sent)),
      );
    expect.equal("notes on the server", expect.live(await other.pull(), id).item["notes"], "on top");
  },
});

export const onlyTheRefusedOne = clientCheck({
  id: "CLI-004/only-the-refused-one",
  name: "after CLOCK_SKEW for one goal the other one, which was applied, is not stamped and sent again",
  secondMs: 20,
  brokenBy: [faulty.restampsTheWholeRequest],
  async run(context) {
    const { open, simulator, other, expect, aGoal, waitFor } = context;
    const app = await open();
    simulator.model.advanceClock(WRONG);
    const stamp = simulator.model.now() + 4 * MINUTE;
    const goal = aGoal({ updatedAt: iso(stamp) });
    const applied = String(goal["id"]);
    await other.push({ goals: [goal] });
    await waitFor(`${applied} in the list`, () => app.get("goal", applied));
    setBackWhenWritten({ model: simulator.model, fault: simulator.fault.bind(simulator) }, WRONG);
    const made = lastSeen(simulator);
    // This stamp is 1 ms above the stored one, which is never too far ahead; that of the new goal is.
    await app.update("goal", applied, { title: "edited" });
    const skewed = await app.create("goal", aGoal());
    await waitFor("an empty outbox", async () => (await app.pendingCount()) === 0);
    const attempts = simulator.writesOf(applied).filter(({ seen }) => seen.n > made);
    expect.equal(
      `stamps under which the edit of ${applied} was sent: it was not refused, so it has one`,
      new Set(attempts.map(({ sent }) => stampOf(sent))).size,
      1,
    );
    const judged = attempts.findIndex(({ seen }) => resultOf(seen, applied)?.outcome === "applied");
    // The same request may come again: a client may give up waiting while its answer is on its way.
    const after = judged === -1 ? [] : attempts.slice(judged + 1).map(({ seen }) => seen);
    expect.equal(
      `further requests that sent ${applied} after it was applied`,
      after.filter(({ key }) => key !== attempts[judged]!.seen.key).map(({ n }) => n),
      [],
    );
    if (!simulator.writesOf(skewed).some(isSkewed)) notItsWay("the client's clock was not misled");
  },
});

export const keptByWhatWasSent = clientCheck({
  id: "CLI-004/kept-by-what-was-sent",
  name: "what was sent keeps its stamp through lost answers, errors of the server and a restart, while the clock is set right",
  secondMs: 10,
  brokenBy: [faulty.stampsWhenItSends, faulty.stampsAnewAfterARestart, faulty.mendsStampsWhenItMeasures],
  async run(context) {
    const { open, simulator, other, expect, anEntry, waitFor } = context;
    const app = await open();
    simulator.fault(writing(), loseAnswer);
    const letThrough = simulator.fault(writing(), loseRequest, Infinity);
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("a first attempt", () => simulator.writesOf(id)[0]?.seen.endedAt);
    // What the client measures from now on is not what the stamp was made with.
    simulator.model.advanceClock(4 * MINUTE);
    await demandNews(context, app);
    await waitFor("another attempt", () => simulator.writesOf(id)[1]);
    await app.close();
    simulator.fault(writing(), refusal("INTERNAL"));
    simulator.fault(writing(), refusal("UNAVAILABLE", { retryAfter: 1 }));
    simulator.fault(writing(), refusal("RATE_LIMITED", { retryAfter: 1 }));
    letThrough();
    const again = await app.reopen({ caughtUp: false });
    await waitFor("an empty outbox", async () => (await again.pendingCount()) === 0);
    const attempts = simulator.writesOf(id);
    const first = stampOf(attempts[0]!.sent);
    for (const { seen, sent } of attempts)
      expect.equal(
        `stamp of ${id} in request ${seen.n}: it may have been applied before, so it keeps the one that it had in request ${attempts[0]!.seen.n}`,
        iso(stampOf(sent)),
        iso(first),
      );
    expect.equal("version on the server, of one change", expect.live(await other.pull(), id).meta.version, 1);
  },
});

import { isDeepStrictEqual } from "node:util";
import { clientCheck } from "../../client-check.ts";
import type { ClientContext } from "../../client-check.ts";
import type { App } from "../../clients/app.ts";
import { bodyOf, stampOf, writing } from "../../clients/situations.ts";
import { alterJson, loseAnswer, loseRequest, refusal } from "../../simulator/faults.ts";
import type { Fault } from "../../simulator/faults.ts";
import { itemsOf } from "../../simulator/seen.ts";
import type { SeenRequest } from "../../simulator/seen.ts";
import { CheckFailure } from "../../verdict.ts";
import type { Result } from "../../wire/shapes.ts";
import { settled } from "../../clients/outbox.ts";
import * as faulty from "./settling-requests.mutants.ts";

/** The server does it, and its answer to a push or batch has other results. */
function alterResults(change: (results: Result[]) => Result[]): Fault {
  return alterJson((body) => {
    const results = change(body["results"] as unknown as Result[]);
    return { ...body, results, success: results.every(({ outcome }) => outcome !== "refused") };
  });
}

/** Four goals, and what the client was told when the first request with any of them was answered otherwise than the server meant. */
async function pushAltered(
  { simulator, aGoal, waitFor }: ClientContext,
  app: App,
  change: (results: Result[]) => Result[],
): Promise<{ first: SeenRequest; before: Result[]; after: Result[] }> {
  let [before, after]: [Result[], Result[]] = [[], []];
  simulator.fault(
    writing(),
    alterResults((results) => {
      before = results;
      after = change(before);
      return after;
    }),
  );
  for (let n = 0; n < 4; n += 1) await app.create("goal", aGoal());
  const first = await waitFor("a push", () =>
    simulator.calls("push", "batch").find(({ fate, endedAt }) => fate === "tampered" && endedAt),
  );
  await waitFor("an empty outbox", settled(app));
  return { first, before, after };
}

/** None of these was sent after this request: their results were in its answer. */
function demandSettled({ simulator, expect }: ClientContext, first: SeenRequest, ids: string[]): void {
  for (const id of ids) {
    const again = simulator.writesOf(id).filter(({ seen }) => seen.n > first.n);
    expect.equal(
      `requests that sent ${id} again after the answer to request ${first.n} had named it`,
      again.map(({ seen }) => seen.n),
      [],
    );
  }
}

export const whatIsNamed = clientCheck({
  id: "CLI-008/what-is-named",
  name: "an answer that names some items settles those; the one that it left out goes again under a new key, as it was",
  secondMs: 20,
  brokenBy: [
    faulty.settlesAllByA200,
    faulty.repeatsAllForOne,
    faulty.settlesByPosition,
    faulty.sendsTheRestUnderTheOldKey,
  ],
  async run(context) {
    const { open, simulator, expect } = context;
    const app = await open();
    const { first, before, after } = await pushAltered(context, app, (results) => results.slice(1));
    const left = String(before[0]!.entityId);
    const [sent, again] = simulator.writesOf(left);
    expect.ok(
      `${left} was sent again: it was in request ${first.n}, whose answer did not name it`,
      again !== undefined,
      `an empty outbox after ${simulator.writesOf(left).length} request`,
    );
    expect.notEqual(`key of request ${again!.seen.n}, with the rest`, again!.seen.key ?? "none", first.key);
    expect.equal(`stamp of ${left} in request ${again!.seen.n}`, stampOf(again!.sent), stampOf(sent!.sent));
    demandSettled(
      context,
      first,
      after.map(({ entityId }) => String(entityId)),
    );
  },
});

export const besideARefusal = clientCheck({
  id: "CLI-008/beside-a-refusal",
  name: "items that were accepted beside one that was refused for good are settled",
  secondMs: 20,
  brokenBy: [faulty.failsAllForOne],
  async run(context) {
    const { open, expect } = context;
    const app = await open();
    const { first, before, after } = await pushAltered(context, app, ([one, ...others]) => {
      const { pointer, entityType, entityId } = one!;
      const errors = [{ pointer: `${pointer}/title`, code: "INVALID_ITEM" as const, detail: "is too funny" }];
      return [{ pointer, entityType, entityId, outcome: "refused", code: "INVALID_ITEM", errors }, ...others];
    });
    demandSettled(
      context,
      first,
      after.slice(1).map(({ entityId }) => String(entityId)),
    );
    const refused = String(before[0]!.entityId);
    expect.ok(
      `${refused}, which was refused, is a dead letter`,
      (await app.deadLetters()).some(({ id }) => id === refused),
    );
  },
});

/** Until it was answered, each request with this entity is the first one, with its key and its body. */
function demandSameAgain({ simulator, expect }: ClientContext, id: string, least: number): void {
  const attempts = simulator.writesOf(id).map(({ seen }) => seen);
  const end = attempts.findIndex(({ told }) => told?.status === 200);
  const [first, ...again] = attempts.slice(0, end + 1);
  expect.ok(`${id} was sent at least ${least} times`, again.length + 1 >= least, again.length + 1);
  for (const [index, { n, key, json }] of again.entries()) {
    const why = `request ${n} is request ${first!.n} again, after ${fateOf([first!, ...again][index]!)}`;
    expect.equal(`key of ${why}`, key ?? "none", first!.key);
    expect.equal(`body of ${why}`, json, first!.json);
  }
}

function fateOf({ told }: SeenRequest): string {
  return told ? `an answer of ${told.status}` : "no answer";
}

const AGAIN: readonly Fault[] = [
  loseRequest,
  refusal("INTERNAL"),
  refusal("UNAVAILABLE", { retryAfter: 1 }),
  refusal("RATE_LIMITED", { retryAfter: 1 }),
  refusal("IDEMPOTENCY_IN_FLIGHT", { retryAfter: 1 }),
  loseAnswer,
];

export const theSameAgain = clientCheck({
  id: "CLI-009/the-same-again",
  name: "after no answer, 409, 429 and 5xx the same request goes out again, key and body, whatever is written meanwhile",
  secondMs: 10,
  brokenBy: [
    faulty.newKeyForEachAttempt,
    faulty.newKeyAfterAnError,
    faulty.newKeyAfterAWait,
    faulty.packsAnew,
  ],
  async run(context) {
    const { open, simulator, other, expect, anEntry, unique, waitFor } = context;
    const app = await open();
    const notes = unique("first");
    const isFirst = (seen: SeenRequest): boolean =>
      writing()(seen) && itemsOf(seen).some(({ item }) => item["notes"] === notes);
    for (const fault of AGAIN) simulator.fault(isFirst, fault);
    const id = await app.create("logbook_entry", anEntry({ notes }));
    await waitFor("a first attempt", () => simulator.writesOf(id)[0]);
    await app.create("logbook_entry", anEntry());
    await app.update("logbook_entry", id, { notes: "second" });
    await waitFor("an empty outbox", settled(app));
    demandSameAgain(context, id, AGAIN.length + 1);
    expect.equal("notes on the server", expect.live(await other.pullAll(), id).item["notes"], "second");
  },
});

export const withAnotherToken = clientCheck({
  id: "CLI-009/with-another-token",
  name: "after 401 and a new token the same request goes out again, key and body",
  needs: ["verb:set-token"],
  secondMs: 10,
  brokenBy: [faulty.newKeyWithANewToken, faulty.newKeyForEachAttempt],
  async run(context) {
    const { open, simulator, tokens, anEntry, waitFor } = context;
    const app = await open();
    const old = app.opening.token;
    simulator.fault(({ token }) => token === old, refusal("TOKEN_EXPIRED"), Infinity);
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("an attempt that is refused for its token", () => simulator.writesOf(id)[0]?.seen.endedAt);
    await app.create("logbook_entry", anEntry());
    const claims = { jti: "another" };
    await app.setToken(await tokens.forge({ claims }));
    await waitFor("an empty outbox", settled(app));
    demandSameAgain(context, id, 2);
  },
});

export const afterARestart = clientCheck({
  id: "CLI-009/after-a-restart",
  name: "a client that was closed before the answer came sends the same request again when it is opened, key and body",
  secondMs: 10,
  brokenBy: [faulty.forgetsItsKeysWhenClosed, faulty.newKeyForEachAttempt],
  async run(context) {
    const { open, simulator, anEntry, waitFor } = context;
    const app = await open();
    simulator.fault(writing(), loseAnswer);
    const letThrough = simulator.fault(writing(), loseRequest, Infinity);
    const id = await app.create("logbook_entry", anEntry());
    await waitFor("a first attempt", () => simulator.writesOf(id)[0]?.seen.endedAt);
    await app.create("logbook_entry", anEntry());
    await app.close();
    letThrough();
    const again = await app.reopen({ caughtUp: false });
    await waitFor("an empty outbox", settled(again));
    demandSameAgain(context, id, 2);
  },
});

/** Whether an answer is one after which the same request may go out again. */
function asksForTheSame({ told }: SeenRequest): boolean {
  return told === undefined || [401, 409, 429].includes(told.status) || told.status >= 500;
}

/** A key is for one request: one body, and none any more once that was judged. */
function demandKeysOnce({ calls }: { calls: readonly SeenRequest[] }): void {
  const requests = new Map<string, SeenRequest[]>();
  for (const seen of calls) {
    const name = `${seen.call} ${seen.key ?? "without a key"}`;
    const earlier = requests.get(name) ?? [];
    requests.set(name, [...earlier, seen]);
    if (seen.key === undefined) continue;
    for (const before of earlier) {
      if (!isDeepStrictEqual(before.json, seen.json))
        throw new CheckFailure(`request ${seen.n} has the key of request ${before.n}, and another body`, {
          expected: before.json,
          actual: seen.json,
        });
      const judged = before.endedAt !== undefined && before.endedAt < seen.at && !asksForTheSame(before);
      if (judged)
        throw new CheckFailure(
          `request ${seen.n} has the key of request ${before.n}, which was judged: its answer was ${before.told!.status}`,
          { expected: "a new key, or no request", actual: bodyOf(before) },
        );
    }
  }
}

export const keysOnce = clientCheck({
  id: "CLI-009/keys-once",
  name: "a key that was used is not used again: for the next edit, for parts of a push that was too large, after a refusal of the key, after a restart",
  secondMs: 50,
  brokenBy: [
    faulty.countsItsKeysFromOne,
    faulty.makesKeysOfTheItems,
    faulty.insistsOnItsKey,
    faulty.splitsUnderItsKey,
    faulty.sendsTheRestUnderTheOldKey,
  ],
  async run(context) {
    const { open, simulator, anEntry, waitFor } = context;
    let app = await open();
    const demand = (): void => demandKeysOnce({ calls: simulator.calls("push", "batch") });
    const edited = await app.create("logbook_entry", anEntry());
    await waitFor("an empty outbox", settled(app));
    // The next edit, whose key is refused at first.
    simulator.fault(writing(), refusal("IDEMPOTENCY_KEY_REUSED"));
    await app.update("logbook_entry", edited, { notes: "second" });
    await waitFor(
      "another attempt",
      async () => simulator.writesOf(edited).length > 2 || (await settled(app)()),
    );
    demand();
    await waitFor("an empty outbox", settled(app));
    // What waited while there was no network, too much for one push.
    simulator.fault((seen) => writing()(seen) && itemsOf(seen).length > 1, refusal("TOO_MANY_ITEMS"));
    simulator.cutNetwork();
    for (let n = 0; n < 4; n += 1) await app.create("logbook_entry", anEntry());
    simulator.restoreNetwork();
    await waitFor("an empty outbox", settled(app));
    // An answer that leaves an item out.
    simulator.fault(
      writing(edited),
      alterResults((results) => results.filter(({ entityId }) => entityId !== edited)),
    );
    await app.update("logbook_entry", edited, { notes: "third" });
    await waitFor("an empty outbox", settled(app));
    demand();
    for (let n = 0; n < 3; n += 1) {
      await app.close();
      app = await app.reopen();
      await app.update("logbook_entry", edited, { notes: `after ${n + 1} restarts` });
      await waitFor("an empty outbox", settled(app));
    }
    demand();
  },
});

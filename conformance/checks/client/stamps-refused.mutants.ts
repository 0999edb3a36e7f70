import type { JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../../model-client/context.ts";
import { clientMutant } from "../../model-client/mutant.ts";
import type { Frozen } from "../../model-client/store.ts";

export const restampsWithTheTimeOfTheRefusal = clientMutant({
  name: "restamps-with-the-time-of-the-refusal",
  story:
    "serverTime is what the refusal gives, so that is the new stamp: an edit of last week beats one of yesterday.",
  breaks: ["CLI-003"],
  deform: (conforming) => ({ ...conforming, restamp: (_context, _change, serverTime) => serverTime }),
});

export const restampsByItsOwnClock = clientMutant({
  name: "restamps-by-its-own-clock",
  story: "A refused write is stamped again as every write is: with now, by the clock that was the trouble.",
  breaks: ["CLI-003"],
  deform: (conforming) => ({ ...conforming, restamp: ({ clock }) => clock.now() }),
});

export const sendsTheRefusedStampAgain = clientMutant({
  name: "sends-the-refused-stamp-again",
  story: "CLOCK_SKEW passes by itself, when the server's clock has caught up; until then it tries again.",
  breaks: ["CLI-003"],
  deform: (conforming) => ({ ...conforming, restamp: (_context, { at }) => at }),
});

export const restampsUnderTheOldKey = clientMutant({
  name: "restamps-under-the-old-key",
  story: "The key names the items, so that every attempt has the same; the stamp is not part of it.",
  breaks: ["CLI-003", "CLI-009"],
  deform: (conforming) => ({
    ...conforming,
    freeze(context, changes) {
      const { store } = context;
      const frozen = conforming.freeze(context, changes);
      const named = { ...frozen, key: `items-${changes.map(({ type, id }) => `${type}:${id}`).join(",")}` };
      store.transaction(() => {
        store.requests.delete(frozen.key);
        store.requests.set(named.key, named);
      });
      return named;
    },
  }),
});

export const restampsBelowWhatItSaw = clientMutant({
  name: "restamps-below-what-it-saw",
  story:
    "The new stamp is the old one less the error, or the server's time: what stands there was looked at the first time.",
  breaks: ["CLI-003"],
  deform: (conforming) => ({
    ...conforming,
    restamp: ({ store }, change, serverTime) =>
      Math.min(change.at - (change.offset - store.state.offset), serverTime),
  }),
});

export const buriesWhatWasSkewed = clientMutant({
  name: "buries-what-was-skewed",
  story: "Everything of an item's code that is not handled by name is for good.",
  breaks: ["CLI-003", "CLI-030"],
  deform: (conforming) => ({
    ...conforming,
    itemFateOf: (context, code, tries) =>
      code === "CLOCK_SKEW" ? "dead-letter" : conforming.itemFateOf(context, code, tries),
  }),
});

export const restampsTheWholeRequest = clientMutant({
  name: "restamps-the-whole-request",
  story:
    "A push that comes back with a skew is a push that failed: all of it gets new stamps and goes out again.",
  breaks: ["CLI-004", "CLI-008"],
  deform: (conforming) => ({
    ...conforming,
    settle(context, frozen, answer) {
      const results = answer.body["results"] as JsonObject[];
      const skewed = results.find(({ code }) => code === "CLOCK_SKEW");
      if (!skewed) return conforming.settle(context, frozen, answer);
      const { serverTime } = skewed;
      const all = results.map((result) => ({
        ...result,
        outcome: "refused",
        code: "CLOCK_SKEW",
        serverTime: serverTime!,
      }));
      return conforming.settle(context, frozen, { ...answer, body: { ...answer.body, results: all } });
    },
  }),
});

/** The request with stamps of now, under a key of its own. */
function stampedAnew(context: Context, frozen: Frozen): Frozen {
  const { behaviour, store } = context;
  const changes = frozen.items.flatMap(({ n }) => {
    const change = store.changes.get(String(n));
    if (!change) return [];
    const again = behaviour.withStamp(context, change, behaviour.correctedNow(context));
    store.changes.set(String(n), again);
    return [again];
  });
  return { key: behaviour.newKey(context), ...behaviour.body(context, changes, frozen.call) };
}

export const stampsWhenItSends = clientMutant({
  name: "stamps-when-it-sends",
  story: "updatedAt is set where the body is made, and a retry makes the body again.",
  breaks: ["CLI-004", "CLI-009", "CLI-019"],
  deform: (conforming) => ({
    ...conforming,
    requestToSend: (context, frozen, attempt) => (attempt > 0 ? stampedAnew(context, frozen) : frozen),
  }),
});

export const stampsAnewAfterARestart = clientMutant({
  name: "stamps-anew-after-a-restart",
  story: "What is left from the last time goes through the same door as a new edit when the app starts.",
  breaks: ["CLI-004", "CLI-009"],
  deform: (conforming) => ({
    ...conforming,
    freeze(context, changes) {
      const frozen = conforming.freeze(context, changes);
      context.scratch.set(`frozen here ${frozen.key}`, true);
      return frozen;
    },
    requestToSend: (context, frozen) =>
      context.scratch.has(`frozen here ${frozen.key}`) ? frozen : stampedAnew(context, frozen),
  }),
});

export const mendsStampsWhenItMeasures = clientMutant({
  name: "mends-stamps-when-it-measures",
  story:
    "When the clock turns out to be wrong, everything in the outbox is put right, also what is on its way.",
  breaks: ["CLI-004", "CLI-009"],
  deform: (conforming) => ({
    ...conforming,
    requestToSend(context, frozen, attempt) {
      const { store } = context;
      const wrong = frozen.items.some(({ n }) => {
        const made = store.changes.get(String(n))?.offset ?? store.state.offset;
        return Math.abs(made - store.state.offset) > 1_000;
      });
      return attempt > 0 && wrong ? stampedAnew(context, frozen) : frozen;
    },
  }),
});

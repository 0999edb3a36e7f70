import { clientMutant, tally } from "../../model-client/mutant.ts";

/** Longer than any check lasts, in ms of the client's time. */
const NEVER = 1e8;

export const pullsNotAtStart = clientMutant({
  name: "pulls-not-at-start",
  story: "The first pull is left to the timer, which has half a minute to go.",
  breaks: ["CLI-039"],
  deform: (conforming) => ({
    ...conforming,
    pullsAfter: (context, event) => event !== "start" && conforming.pullsAfter(context, event),
  }),
});

export const pullsAtTheFirstStartOnly = clientMutant({
  name: "pulls-at-the-first-start-only",
  story:
    "The app pulls where there is no data yet; with data of yesterday it has something to show, and waits for the timer.",
  breaks: ["CLI-039"],
  deform: (conforming) => ({
    ...conforming,
    pullsAfter: (context, event) =>
      (event !== "start" || context.store.state.token === null) && conforming.pullsAfter(context, event),
  }),
});

export const pullsNotAfterAFlush = clientMutant({
  name: "pulls-not-after-a-flush",
  story: "A push that was answered is thought to be all news there is.",
  breaks: ["CLI-039"],
  deform: (conforming) => ({
    ...conforming,
    pullsAfter: (context, event) => event !== "flush" && conforming.pullsAfter(context, event),
  }),
});

export const pullsNotWhenTheNetworkIsBack = clientMutant({
  name: "pulls-not-when-the-network-is-back",
  story: "The online event starts a flush, and a flush of an empty outbox does nothing.",
  breaks: ["CLI-039"],
  deform: (conforming) => ({
    ...conforming,
    pullsAfter: (context, event) => event !== "online" && conforming.pullsAfter(context, event),
  }),
});

export const pullsWhenAllIsPushed = clientMutant({
  name: "pulls-when-all-is-pushed",
  story:
    "Sync is one function that pushes and then pulls; where the push fails it ends, and begins anew later.",
  breaks: ["CLI-039"],
  deform: (conforming) => ({
    ...conforming,
    headers(context, call, key) {
      if (call === "pull" && context.store.requests.size > 0) throw new Error("the push comes first");
      return conforming.headers(context, call, key);
    },
  }),
});

export const takesAPushThatFailedForNoNetwork = clientMutant({
  name: "takes-a-push-that-failed-for-no-network",
  story: "Whoever could not push is offline, and nothing is asked until the push is to be tried again.",
  breaks: ["CLI-039"],
  deform: (conforming) => ({
    ...conforming,
    headers(context, call, key) {
      if (call === "pull" && context.lanes.push.waiting) throw new Error("there is no network");
      return conforming.headers(context, call, key);
    },
  }),
});

export const neverPolls = clientMutant({
  name: "never-polls",
  story: "Pulls happen when the user does something; who only reads, waits for ever.",
  breaks: ["CLI-039"],
  deform: (conforming) => ({ ...conforming, pollMs: () => NEVER }),
});

export const pollsOnce = clientMutant({
  name: "polls-once",
  story: "The timer is a setTimeout that should have been set again.",
  breaks: ["CLI-039"],
  deform: (conforming) => ({
    ...conforming,
    // The engine asks once to begin, and once more after each poll.
    pollMs: (context) => (tally(context, "polls") > 2 ? NEVER : conforming.pollMs(context)),
  }),
});

export const pollsEveryHalfHour = clientMutant({
  name: "polls-every-half-hour",
  story: "Somebody wrote minutes where the text says seconds.",
  breaks: ["CLI-039"],
  deform: (conforming) => ({ ...conforming, pollMs: () => 30 * 60_000 }),
});

export const pollsEveryMinute = clientMutant({
  name: "polls-every-minute",
  story: "Half a minute was thought to cost the battery too much, so a constant was doubled.",
  breaks: ["CLI-039"],
  deform: (conforming) => ({ ...conforming, pollMs: () => 60_000 }),
});

export const pollsSoonAndThenRarely = clientMutant({
  name: "polls-soon-and-then-rarely",
  story:
    "What the first pull missed is fetched five seconds after the start; then a minute passes each time.",
  breaks: ["CLI-039"],
  deform: (conforming) => ({
    ...conforming,
    pollMs: (context) => (tally(context, "polls") === 1 ? 5_000 : 60_000),
  }),
});

export const reliesOnItsSocket = clientMutant({
  name: "relies-on-its-socket",
  story:
    "Polling is for clients without realtime; that a socket is wanted and does not open, nobody thought of.",
  breaks: ["CLI-039"],
  deform: (conforming) => ({
    ...conforming,
    pollMs: (context) => (context.realtime ? NEVER : conforming.pollMs(context)),
  }),
});

export const stopsPollingAfterItsFirstSocket = clientMutant({
  name: "stops-polling-after-its-first-socket",
  story: "The poll timer is cleared when a socket opens, and not set again when it is lost.",
  breaks: ["CLI-039"],
  deform: (conforming) => ({
    ...conforming,
    pollMs: (context) => (context.metrics.connectionsOpened > 0 ? NEVER : conforming.pollMs(context)),
  }),
});

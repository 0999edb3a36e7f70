import type { Context } from "../../model-client/context.ts";
import { clientMutant, tally } from "../../model-client/mutant.ts";

/** Longer than any check lasts, in ms of the client's time. */
const NEVER = 1e9;

export const givesUpAfterFiveAttempts = clientMutant({
  name: "gives-up-after-five-attempts",
  story: "The retry helper came with a limit of five attempts, and nobody asked what happens after them.",
  breaks: ["CLI-032"],
  deform: (conforming) => ({
    ...conforming,
    backoffMs: (context, attempts) => (attempts >= 4 ? NEVER : conforming.backoffMs(context, attempts)),
  }),
});

export const waitsLongerAndLonger = clientMutant({
  name: "waits-longer-and-longer",
  story:
    "The wait doubles with every attempt, and nothing caps it: after a night offline the phone waits for a day.",
  breaks: ["CLI-032"],
  deform: (conforming) => ({
    ...conforming,
    backoffMs: ({ random }, attempts) => random() * 1_000 * 2 ** attempts,
  }),
});

export const waitsWithoutJitter = clientMutant({
  name: "waits-without-jitter",
  story: "Exponential back-off without a random part: all devices come back in the same second.",
  breaks: ["CLI-032"],
  deform: (conforming) => ({
    ...conforming,
    backoffMs: (_context, attempts) => Math.min(30_000, 1_000 * 2 ** attempts),
  }),
});

export const waitsHalfAtLeast = clientMutant({
  name: "waits-half-at-least",
  story:
    "Equal jitter was copied from an article: half of the wait is fixed, so devices still come in a crowd.",
  breaks: ["CLI-032"],
  deform: (conforming) => ({
    ...conforming,
    backoffMs: ({ random }, attempts) => (0.55 + 0.45 * random()) * Math.min(30_000, 1_000 * 2 ** attempts),
  }),
});

export const triesEverySecond = clientMutant({
  name: "tries-every-second",
  story: "What failed is tried again within a second, as often as it takes.",
  breaks: ["CLI-032"],
  deform: (conforming) => ({ ...conforming, backoffMs: ({ random }) => random() * 1_000 }),
});

export const triesEveryFiveSeconds = clientMutant({
  name: "tries-every-five-seconds",
  story: "The retry is a setInterval of five seconds.",
  breaks: ["CLI-032"],
  deform: (conforming) => ({ ...conforming, backoffMs: () => 5_000 }),
});

export const triesAgainAtOnce = clientMutant({
  name: "tries-again-at-once",
  story: "The catch block calls the same function again.",
  breaks: ["CLI-032"],
  deform: (conforming) => ({ ...conforming, backoffMs: () => 0 }),
});

export const givesUpReconnecting = clientMutant({
  name: "gives-up-reconnecting",
  story:
    "As deployed clients do, it tries to reconnect five times, and from then on is deaf until the app is started again.",
  breaks: ["CLI-032"],
  deform: (conforming) => ({
    ...conforming,
    afterClose: (context, code) =>
      tally(context, "closes") > 5 ? "stop" : conforming.afterClose(context, code),
  }),
});

export const reconnectsOnce = clientMutant({
  name: "reconnects-once",
  story: "The close handler is attached to the first socket, and its successor has none.",
  breaks: ["CLI-032", "CLI-037"],
  deform: (conforming) => ({
    ...conforming,
    afterClose: (context, code) =>
      tally(context, "closes") > 1 ? "stop" : conforming.afterClose(context, code),
  }),
});

export const countsAnewOnceItIsOpen = clientMutant({
  name: "counts-anew-once-it-is-open",
  story:
    "The attempts are set to 0 in onopen, so a gateway that accepts and drops is asked again every second.",
  breaks: ["CLI-033"],
  deform: (conforming) => ({ ...conforming, isUseful: () => true }),
});

export const countsAnewWithEachTry = clientMutant({
  name: "counts-anew-with-each-try",
  story:
    "The counter is a variable of the function that connects, and begins at 0 each time that it is called.",
  breaks: ["CLI-032", "CLI-033"],
  deform: (conforming) => ({ ...conforming, backoffMs: (context) => conforming.backoffMs(context, 0) }),
});

export const countsAnewWithAnyAnswer = clientMutant({
  name: "counts-anew-with-any-answer",
  story: "Whatever status 200 came with sets the attempts to 0, the page of a captive portal too.",
  breaks: ["CLI-033"],
  deform: (conforming) => ({
    ...conforming,
    readAnswer(context, call, response) {
      const answer = conforming.readAnswer(context, call, response);
      if (response.status === 200) for (const lane of Object.values(context.lanes)) lane.useful();
      return answer;
    },
  }),
});

export const neverCountsAnew = clientMutant({
  name: "never-counts-anew",
  story:
    "The attempts of a whole life are counted: after a week each hiccup of the network costs half a minute.",
  breaks: ["CLI-033"],
  deform: (conforming) => ({
    ...conforming,
    backoffMs: (context) => conforming.backoffMs(context, tally(context, "failures") - 1),
  }),
});

export const ignoresRetryAfter = clientMutant({
  name: "ignores-retry-after",
  story: "The back-off is thought to be wait enough.",
  breaks: ["CLI-034"],
  deform: (conforming) => ({ ...conforming, heedsRetryAfter: () => false }),
});

export const takesRetryAfterForMilliseconds = clientMutant({
  name: "takes-retry-after-for-milliseconds",
  story: "The header's number goes into setTimeout as it stands.",
  breaks: ["CLI-034"],
  deform: (conforming) => ({
    ...conforming,
    retryAfterMs(context, response) {
      const ms = conforming.retryAfterMs(context, response);
      return ms === undefined ? undefined : ms / 1_000;
    },
  }),
});

export const heedsRetryAfterOf429Alone = clientMutant({
  name: "heeds-retry-after-of-429-alone",
  story: "Retry-After is known from rate limits, and looked at for 429 only.",
  breaks: ["CLI-034"],
  deform: (conforming) => ({
    ...conforming,
    retryAfterMs: (context, response) =>
      response.status === 429 ? conforming.retryAfterMs(context, response) : undefined,
  }),
});

export const waitsHalfAMinuteAtMost = clientMutant({
  name: "waits-half-a-minute-at-most",
  story: "The cap of the back-off is applied after Retry-After was taken in, so a longer one is cut short.",
  breaks: ["CLI-034"],
  deform: (conforming) => ({
    ...conforming,
    retryAfterMs(context, response) {
      const ms = conforming.retryAfterMs(context, response);
      return ms === undefined ? undefined : Math.min(ms, 30_000);
    },
  }),
});

const ASKED = "asked to wait";

export const endsTheWaitForANewWrite = clientMutant({
  name: "ends-the-wait-for-a-new-write",
  story: "Each new write starts a flush, whatever the last one was told.",
  breaks: ["CLI-034"],
  deform: (conforming) => ({
    ...conforming,
    heedsRetryAfter: () => false,
    retryAfterMs(context, response) {
      const ms = conforming.retryAfterMs(context, response);
      context.scratch.set(ASKED, ms ?? 0);
      return ms;
    },
    backoffMs: (context, attempts) => Math.max(conforming.backoffMs(context, attempts), askedOf(context)),
    enqueue(context, change) {
      context.life.after(0, () => context.lanes.push.wake());
      return conforming.enqueue(context, change);
    },
  }),
});

function askedOf({ scratch }: Context): number {
  const asked = (scratch.get(ASKED) as number | undefined) ?? 0;
  scratch.delete(ASKED);
  return asked;
}

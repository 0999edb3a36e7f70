import type { ClientBehaviour } from "../../model-client/behaviour.ts";
import { clientMutant } from "../../model-client/mutant.ts";

export const countsAnewWithAProblem = clientMutant({
  name: "counts-anew-with-a-problem",
  story:
    "A problem document is the server's own word, so the server is there, and the attempts start from 0.",
  breaks: ["CLI-033", "CLI-032"],
  deform: (conforming) => ({
    ...conforming,
    fateOf(context, call, answer) {
      const { push, pull } = context.lanes;
      for (const lane of [push, pull]) lane.useful();
      return conforming.fateOf(context, call, answer);
    },
  }),
});

/** A client that waits as it was asked to, by a timer that others may end. */
const withATimerOfItsOwn = (conforming: ClientBehaviour): ClientBehaviour => ({
  ...conforming,
  heedsRetryAfter: () => false,
  retryAfterMs(context, response) {
    const ms = conforming.retryAfterMs(context, response);
    if (ms !== undefined) context.scratch.set("asked to wait", ms);
    return ms;
  },
  backoffMs(context, attempts) {
    const asked = (context.scratch.get("asked to wait") as number | undefined) ?? 0;
    context.scratch.delete("asked to wait");
    return Math.max(conforming.backoffMs(context, attempts), asked);
  },
});

export const flushesWhenAsked = clientMutant({
  name: "flushes-when-asked",
  story: "A flush that the user asks for goes out at once: the wait is for what the client does by itself.",
  breaks: ["CLI-034"],
  deform: withATimerOfItsOwn,
});

export const endsItsWaitsWithTheNetwork = clientMutant({
  name: "ends-its-waits-with-the-network",
  story: "Going offline cancels all timers, and coming back starts everything afresh.",
  breaks: ["CLI-034"],
  deform: (conforming) => ({
    ...withATimerOfItsOwn(conforming),
    goOffline(context) {
      conforming.goOffline(context);
      context.life.after(0, () => context.lanes.push.wake());
    },
  }),
});

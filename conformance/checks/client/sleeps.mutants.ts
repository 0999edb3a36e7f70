import { clientMutant } from "../../model-client/mutant.ts";
import { socketRound } from "../../model-client/socket.ts";

export const leavesItsHeartbeatAsleep = clientMutant({
  name: "leaves-its-heartbeat-asleep",
  story:
    "The heartbeat is stopped when the app goes to sleep, to spare the battery; what starts it is a socket that opens.",
  breaks: ["CLI-040"],
  deform: (conforming) => ({
    ...conforming,
    woke({ scratch, session }) {
      scratch.set("slept with", session);
      session?.stopHeartbeat();
    },
    silenceMs: (context) =>
      context.scratch.get("slept with") === context.session ? Infinity : conforming.silenceMs(context),
  }),
});

export const forgivesAfterASleep = clientMutant({
  name: "forgives-after-a-sleep",
  story:
    "A timer that comes an hour late shows that this machine slept, not that the server is silent: it is passed over, and nobody sets the next one.",
  breaks: ["CLI-040"],
  deform: (conforming) => ({
    ...conforming,
    woke: ({ scratch }) => void scratch.set("slept", true),
    pongMs: (context) => (context.scratch.has("slept") ? Infinity : conforming.pongMs(context)),
  }),
});

export const dialsForEachThatWasDue = clientMutant({
  name: "dials-for-each-that-was-due",
  story:
    "Waking up connects, and so does the timer of the back-off, which was due all the while: none looks at the other.",
  breaks: ["CLI-047"],
  deform: (conforming) => ({ ...conforming, woke: (context) => void socketRound(context) }),
});

export const givesUpWhatItSleptThrough = clientMutant({
  name: "gives-up-what-it-slept-through",
  story:
    "Attempts end a while after the first one by the wall clock, and most of that while the phone was asleep.",
  breaks: ["CLI-030", "CLI-032"],
  deform: (conforming) => ({
    ...conforming,
    woke: (context) => void (context.stopped = "the time for attempts is over"),
  }),
});

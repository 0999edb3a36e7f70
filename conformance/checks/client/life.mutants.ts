import { clientMutant, tally } from "../../model-client/mutant.ts";
import { entityKey } from "../../model-client/store.ts";

export const isAlwaysConnected = clientMutant({
  name: "is-always-connected",
  story: "The status is set when the app starts, and the badge stays green in the tunnel.",
  breaks: ["CLI-043"],
  deform: (conforming) => ({ ...conforming, status: () => "connected" }),
});

export const isNeverConnected = clientMutant({
  name: "is-never-connected",
  story:
    "The status is changed when a socket opens, which is not what this client calls connected, and never again.",
  breaks: ["CLI-043"],
  deform: (conforming) => ({
    ...conforming,
    status(context) {
      const status = conforming.status(context);
      return status === "connected" ? "connecting" : status;
    },
  }),
});

export const staysDisconnected = clientMutant({
  name: "stays-disconnected",
  story: "What sets the status after a loss is the handler of the first socket's events.",
  breaks: ["CLI-043"],
  deform: (conforming) => ({
    ...conforming,
    status: (context) => (context.metrics.connectionsLost > 0 ? "disconnected" : conforming.status(context)),
  }),
});

export const countsNotWhatIsOnItsWay = clientMutant({
  name: "counts-not-what-is-on-its-way",
  story: "What was sent is not pending any more: the app says that all is saved while the answer is out.",
  breaks: ["CLI-043"],
  deform: (conforming) => ({
    ...conforming,
    pending(context) {
      const items = context.behaviour
        .outbox(context)
        .filter(({ sent }) => !sent)
        .map(({ type, id }) => ({ type, id }));
      return { items, count: items.length };
    },
  }),
});

export const countsWhatItCountedFirst = clientMutant({
  name: "counts-what-it-counted-first",
  story:
    "The number is kept beside the list and goes up by one; that it must go down again was forgotten for acknowledgements.",
  breaks: ["CLI-043", "CLI-044"],
  deform: (conforming) => ({
    ...conforming,
    pending(context) {
      const { items, count } = conforming.pending(context);
      const most = Math.max(count, (context.scratch.get("most") as number | undefined) ?? 0);
      context.scratch.set("most", most);
      return { items, count: most };
    },
  }),
});

export const showsNoDeadLetters = clientMutant({
  name: "shows-no-dead-letters",
  story: "What was refused for good is logged, and nobody reads logs on a phone.",
  breaks: ["CLI-029", "CLI-043"],
  deform: (conforming) => ({ ...conforming, deadLetters: () => [] }),
});

export const showsTheLatestDeadLetter = clientMutant({
  name: "shows-the-latest-dead-letter",
  story: "There is room for one error on the screen, and so there is in the API.",
  breaks: ["CLI-043"],
  deform: (conforming) => ({
    ...conforming,
    deadLetters: (context) => conforming.deadLetters(context).slice(-1),
  }),
});

export const countsAttemptsAsSuccesses = clientMutant({
  name: "counts-attempts-as-successes",
  story: "successfulSyncs goes up before the answer is looked at.",
  breaks: ["CLI-044", "CLI-045"],
  deform: (conforming) => ({
    ...conforming,
    metrics(context) {
      const metrics = conforming.metrics(context);
      return { ...metrics, successfulSyncs: metrics["totalSyncs"]!, failedSyncs: 0 };
    },
  }),
});

export const forgetsToCountSyncs = clientMutant({
  name: "forgets-to-count-syncs",
  story: "totalSyncs is there for the dashboard, and nothing writes it.",
  breaks: ["CLI-044"],
  deform: (conforming) => ({
    ...conforming,
    metrics: (context) => ({ ...conforming.metrics(context), totalSyncs: 0 }),
  }),
});

export const hasNoQueueSize = clientMutant({
  name: "has-no-queue-size",
  story: "The size of the queue was measured once, when the app was started.",
  breaks: ["CLI-044"],
  deform: (conforming) => ({
    ...conforming,
    metrics: (context) => ({ ...conforming.metrics(context), queueSize: 0 }),
  }),
});

export const isAlwaysHealthy = clientMutant({
  name: "is-always-healthy",
  story: "Health says whether the client runs, not whether it syncs.",
  breaks: ["CLI-045"],
  deform: (conforming) => ({ ...conforming, health: () => "healthy" }),
});

export const isHealthyOrNot = clientMutant({
  name: "is-healthy-or-not",
  story: "There are two colours: what is not unhealthy is healthy.",
  breaks: ["CLI-045"],
  deform: (conforming) => ({
    ...conforming,
    health: (context) => (conforming.health(context) === "degraded" ? "healthy" : conforming.health(context)),
  }),
});

export const isDegradedAtWorst = clientMutant({
  name: "is-degraded-at-worst",
  story: "The thresholds were turned into a chain of ifs whose last branch is never reached.",
  breaks: ["CLI-045"],
  deform: (conforming) => ({
    ...conforming,
    health: (context) =>
      conforming.health(context) === "unhealthy" ? "degraded" : conforming.health(context),
  }),
});

export const forgetsSettings = clientMutant({
  name: "forgets-settings",
  story: "The settings screen shows what the user chose, and the client never hears of it.",
  breaks: ["CLI-046"],
  deform: (conforming) => ({ ...conforming, configured: ({ store }) => store.state.settings }),
});

export const resetsTheOtherSettings = clientMutant({
  name: "resets-the-other-settings",
  story: "A change of one setting is stored as the whole, the others falling back to their defaults.",
  breaks: ["CLI-046"],
  deform: (conforming) => ({
    ...conforming,
    configured: (_context, change) => ({
      realtime: true,
      autoSync: "always",
      notifications: "all",
      ...change,
    }),
  }),
});

export const syncsThoughNever = clientMutant({
  name: "syncs-though-never",
  story: "autoSync is looked at when the timer is set up, and a write that flushes by itself is no timer.",
  breaks: ["CLI-046"],
  deform: (conforming) => ({ ...conforming, syncsByItself: () => true }),
});

export const keepsItsSocketThoughOff = clientMutant({
  name: "keeps-its-socket-though-off",
  story: "The setting is for the next start of the app.",
  breaks: ["CLI-046"],
  deform: (conforming) => ({
    ...conforming,
    wantsSocket: ({ realtime, signedOut, socketStopped }) => realtime && !signedOut && socketStopped === null,
  }),
});

export const goesOnAfterClose = clientMutant({
  name: "goes-on-after-close",
  story: "close() closes the socket; the timers for polling and trying again know nothing of it.",
  breaks: ["CLI-047"],
  deform: (conforming) => ({
    ...conforming,
    // The harness closes once more, and then it is over.
    close(context) {
      if (tally(context, "close") > 1) conforming.close(context);
      else context.session?.socket.close(1000);
    },
  }),
});

export const leavesItsSocketOpen = clientMutant({
  name: "leaves-its-socket-open",
  story: "close() drops the reference to the socket, and the platform keeps it open until the page is gone.",
  breaks: ["CLI-047"],
  deform: (conforming) => ({
    ...conforming,
    close(context) {
      context.session?.stopHeartbeat();
      context.life.end();
    },
  }),
});

export const losesWhatWaitsAtClose = clientMutant({
  name: "loses-what-waits-at-close",
  story: "close() clears what it holds in memory, and with it what the store had in its care.",
  breaks: ["CLI-018", "CLI-047"],
  deform: (conforming) => ({
    ...conforming,
    close(context) {
      for (const { n, type, id } of conforming.outbox(context)) {
        context.store.changes.delete(String(n));
        context.store.dead.delete(entityKey(type, id));
      }
      conforming.close(context);
    },
  }),
});

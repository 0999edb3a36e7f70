import { leaderOf } from "../../model-client/context.ts";
import { clientMutant } from "../../model-client/mutant.ts";

export const goesByItsSocketAlone = clientMutant({
  name: "goes-by-its-socket-alone",
  story: "The badge is bound to the socket's state; without a socket it stays where it began.",
  breaks: ["CLI-043"],
  deform: (conforming) => ({
    ...conforming,
    status(context) {
      const { session } = leaderOf(context);
      return session?.phase === "live" ? "connected" : "disconnected";
    },
  }),
});

export const isConnectedForGood = clientMutant({
  name: "is-connected-for-good",
  story:
    "Once something was answered the client is connected; that nothing is any more shows in another place.",
  breaks: ["CLI-043"],
  deform: (conforming) => ({
    ...conforming,
    status(context) {
      const status = conforming.status(context);
      if (status === "connected") context.scratch.set("connected", true);
      return context.scratch.has("connected") ? "connected" : status;
    },
  }),
});

export const tellsHowTheLastCallWent = clientMutant({
  name: "tells-how-the-last-call-went",
  story: "Without a socket the status is how the last call went, and stays so when no other follows.",
  breaks: ["CLI-043"],
  deform: (conforming) => ({
    ...conforming,
    status: (context) => (leaderOf(context).reached === true ? "connected" : conforming.status(context)),
  }),
});

export const disconnectedWithItsSocket = clientMutant({
  name: "disconnected-with-its-socket",
  story: "A socket that is closed for good sets the status, and nothing that HTTP does sets it back.",
  breaks: ["CLI-043"],
  deform: (conforming) => ({
    ...conforming,
    status: (context) =>
      leaderOf(context).socketStopped === null ? conforming.status(context) : "disconnected",
  }),
});

export const hasNamesOfItsOwn = clientMutant({
  name: "has-names-of-its-own",
  story: "The counters of sockets came later, and were called as their author thought best.",
  breaks: ["CLI-044"],
  deform: (conforming) => ({
    ...conforming,
    metrics(context) {
      const { connectionsOpened, connectionsLost, ...others } = conforming.metrics(context);
      return { ...others, connects: connectionsOpened!, disconnects: connectionsLost! };
    },
  }),
});

export const countsNoLosses = clientMutant({
  name: "counts-no-losses",
  story: "Connections are counted where they are closed in order; one that breaks is noticed elsewhere.",
  breaks: ["CLI-044"],
  deform: (conforming) => ({
    ...conforming,
    metrics: (context) => ({ ...conforming.metrics(context), connectionsLost: 0 }),
  }),
});

export const beginsWithItsDefaults = clientMutant({
  name: "begins-with-its-defaults",
  story: "Settings are options of the constructor, and the app passes the same ones each time.",
  breaks: ["CLI-046"],
  deform: (conforming) => ({
    ...conforming,
    leads(context) {
      if (!context.scratch.has("opened")) {
        context.scratch.set("opened", true);
        context.store.put({ settings: { realtime: true, autoSync: "always", notifications: "all" } });
      }
      return conforming.leads(context);
    },
  }),
});

import { clientMutant } from "../../model-client/mutant.ts";

export const announcesNothingOnSockets = clientMutant({
  name: "announces-nothing-on-sockets",
  story: "The header says the version already, on the upgrade as on everything else.",
  breaks: ["CLI-001"],
  deform: (conforming) => ({ ...conforming, frame: (_context, message) => JSON.stringify(message) }),
});

export const announcesOnItsFirstSocket = clientMutant({
  name: "announces-on-its-first-socket",
  story: "The version is settled once, when the client starts, and not looked at when it reconnects.",
  breaks: ["CLI-001"],
  deform: (conforming) => ({
    ...conforming,
    frame: (context, message) =>
      context.metrics.connectionsOpened > 1 ? JSON.stringify(message) : conforming.frame(context, message),
  }),
});

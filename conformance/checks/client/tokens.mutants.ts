import { call } from "../../model-client/call.ts";
import { clientMutant, tally } from "../../model-client/mutant.ts";

export const triesTheRefusedTokenAgain = clientMutant({
  name: "tries-the-refused-token-again",
  story: "401 is one more status that is not 200, and backed off like a fault of the server.",
  breaks: ["CLI-035"],
  deform: (conforming) => ({
    ...conforming,
    fateOf: (context, name, answer) =>
      answer.status === 401 ? "same-again" : conforming.fateOf(context, name, answer),
  }),
});

export const asksForTheSameTokenAgain = clientMutant({
  name: "asks-for-the-same-token-again",
  story: "After 401 it reads the token from where it read it before, and goes on at once.",
  breaks: ["CLI-035"],
  deform: (conforming) => ({ ...conforming, onRefusedToken() {} }),
});

export const losesItsWritesAtA401 = clientMutant({
  name: "loses-its-writes-at-a-401",
  story: "401 is taken for the end of the session, and everything of the user is cleared.",
  breaks: ["CLI-018", "CLI-035"],
  deform: (conforming) => ({
    ...conforming,
    onRefusedToken(context, token) {
      conforming.onRefusedToken(context, token);
      context.store.transaction(() => {
        context.store.changes.clear();
        context.store.requests.clear();
      });
    },
  }),
});

export const buriesWhatA401Carried = clientMutant({
  name: "buries-what-a-401-carried",
  story: "Every 4xx but 429 is taken for the server's word on the items.",
  breaks: ["CLI-029", "CLI-035"],
  deform: (conforming) => ({
    ...conforming,
    fateOf: (context, name, answer) =>
      name === "push" && answer.status === 401 ? "split" : conforming.fateOf(context, name, answer),
  }),
});

export const neverTakesAnotherToken = clientMutant({
  name: "never-takes-another-token",
  story: "The token is read once when the client is made; a new one is for the next start.",
  breaks: ["CLI-035"],
  deform: (conforming) => ({ ...conforming, isNewToken: () => false }),
});

export const reconnectsWithTheRefusedToken = clientMutant({
  name: "reconnects-with-the-refused-token",
  story: "The close handler does not look at the code: 4401 is a lost connection.",
  breaks: ["CLI-035"],
  deform: (conforming) => ({
    ...conforming,
    afterClose: (context, code) => (code === 4401 ? "reconnect" : conforming.afterClose(context, code)),
  }),
});

export const neverComesBackAfter4401 = clientMutant({
  name: "never-comes-back-after-4401",
  story: "4401 ends realtime for good, whatever token comes later.",
  breaks: ["CLI-035"],
  deform: (conforming) => ({
    ...conforming,
    afterClose: (context, code) => (code === 4401 ? "stop" : conforming.afterClose(context, code)),
  }),
});

export const neverAsksStatus = clientMutant({
  name: "never-asks-status",
  story: "The onerror handler goes straight back to connecting.",
  breaks: ["CLI-036"],
  deform: (conforming) => ({ ...conforming, asksStatusFirst: () => false }),
});

export const asksStatusOnce = clientMutant({
  name: "asks-status-once",
  story: "Status is asked after the first handshake that fails, and its answer is believed from then on.",
  breaks: ["CLI-036"],
  deform: (conforming) => ({
    ...conforming,
    asksStatusFirst: (context) =>
      conforming.asksStatusFirst(context) && tally(context, "failed handshakes") === 1,
  }),
});

export const asksStatusAndDialsAtOnce = clientMutant({
  name: "asks-status-and-dials-at-once",
  story: "The call for the status is not awaited: its answer goes to the log.",
  breaks: ["CLI-036", "CLI-035"],
  deform: (conforming) => ({
    ...conforming,
    asksStatusFirst(context) {
      if (conforming.asksStatusFirst(context)) void call(context, "status");
      return false;
    },
  }),
});

export const dialsWhateverStatusSays = clientMutant({
  name: "dials-whatever-status-says",
  story: "Status is asked to wake the server up; that it says 401 interests nobody.",
  breaks: ["CLI-036", "CLI-035"],
  deform: (conforming) => ({
    ...conforming,
    fateOf: (context, name, answer) =>
      name === "status" && answer.status === 401 ? "settle" : conforming.fateOf(context, name, answer),
  }),
});

import { clientMutant } from "../../model-client/mutant.ts";

export const stopsOnAMismatch = clientMutant({
  name: "stops-on-a-mismatch",
  story: "410 is handled; 400 means that the request was wrong, and the same request would be wrong again.",
  breaks: ["CLI-014"],
  deform: (conforming) => ({
    ...conforming,
    fateOf: (context, call, answer) =>
      call === "pull" && answer.status === 400 ? "stop" : conforming.fateOf(context, call, answer),
  }),
});

export const asksWithTheSameCursorAgain = clientMutant({
  name: "asks-with-the-same-cursor-again",
  story: "What is not a 200 is tried again later, with the cursor that it has.",
  breaks: ["CLI-014"],
  deform: (conforming) => ({
    ...conforming,
    fateOf: (context, call, answer) =>
      call === "pull" && answer.code?.startsWith("CURSOR_")
        ? "same-again"
        : conforming.fateOf(context, call, answer),
  }),
});

export const beginsWithNothing = clientMutant({
  name: "begins-with-nothing",
  story: "A cursor that is no good means that local data is no good: the database is deleted and made anew.",
  breaks: ["CLI-014", "CLI-018", "CLI-050"],
  deform: (conforming) => ({
    ...conforming,
    forgetCursor(context) {
      const { store } = context;
      for (const table of [store.rows, store.known, store.changes, store.requests, store.floors])
        table.clear();
      conforming.forgetCursor(context);
    },
  }),
});

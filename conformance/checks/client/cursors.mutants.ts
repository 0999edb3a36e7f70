import { clientMutant } from "../../model-client/mutant.ts";
import type { JsonObject } from "../../../schemas/json.ts";
import { advance } from "../../model-client/behaviour/realtime.ts";

export const takesThePushsToken = clientMutant({
  name: "takes-the-pushs-token",
  story: "Every answer has a syncToken, and the newest one is where it stands.",
  breaks: ["CLI-010"],
  deform: (conforming) => ({
    ...conforming,
    async settle(context, frozen, answer) {
      const tally = await conforming.settle(context, frozen, answer);
      const token = answer.body["syncToken"] ?? answer.body["newSyncToken"];
      if (typeof token === "string") context.store.put({ token });
      return tally;
    },
  }),
});

export const takesTheStatusToken = clientMutant({
  name: "takes-the-status-token",
  story: "One function reads all answers of the server, and keeps the syncToken that they have.",
  breaks: ["CLI-010"],
  deform: (conforming) => ({
    ...conforming,
    readAnswer(context, call, response) {
      const answer = conforming.readAnswer(context, call, response);
      const token = answer?.body["syncToken"];
      if (call === "status" && typeof token === "string") context.store.put({ token });
      return answer;
    },
  }),
});

const seqOf = (meta: unknown): number | undefined => (meta as { seq?: number } | undefined)?.seq;

export const takesTheSeqOfItsAcknowledgement = clientMutant({
  name: "takes-the-seq-of-its-acknowledgement",
  story: "Its own write is number 8 now, so everything up to 8 is known.",
  breaks: ["CLI-010"],
  deform: (conforming) => ({
    ...conforming,
    settleOne(context, change, result, tally) {
      conforming.settleOne(context, change, result, tally);
      advance(context, seqOf(result["meta"]));
    },
    cursorOfAcknowledgement: (_context, message: JsonObject) => seqOf(message["meta"]),
  }),
});

export const storesTheCursorFirst = clientMutant({
  name: "stores-the-cursor-first",
  story: "The cursor is a setting, and the rows go into a database that is slower.",
  breaks: ["CLI-010"],
  deform: (conforming) => ({
    ...conforming,
    applyPage(context, walk, page) {
      const { life, store } = context;
      const told = conforming.cursorOfPage(context, walk, page);
      if (store.state.epoch !== null) store.put({ ...told });
      return new Promise((resolve) => {
        life.after(2_000, () => {
          void conforming.applyPage(context, walk, page);
          resolve();
        });
      });
    },
  }),
});

export const storesAChunksNumberFirst = clientMutant({
  name: "stores-a-chunks-number-first",
  story: "A chunk's lastSeq is noted when it comes, and its items are put into a queue for the database.",
  breaks: ["CLI-010"],
  deform: (conforming) => ({
    ...conforming,
    onChunk(context, session, message) {
      advance(context, conforming.cursorOfCatchUp(context, message));
      context.life.after(2_000, () => void conforming.onChunk(context, session, message));
    },
  }),
});

export const keepsTheTokenOfEachPage = clientMutant({
  name: "keeps-the-token-of-each-page",
  story: "So that a long first sync need not begin anew, it goes on where it was interrupted.",
  breaks: ["CLI-011"],
  deform: (conforming) => ({
    ...conforming,
    cursorOfPage: (context, walk, page) =>
      conforming.cursorOfPage(context, walk, page) ?? { token: page.syncToken },
  }),
});

export const takesTheRestForTheWhole = clientMutant({
  name: "takes-the-rest-for-the-whole",
  story:
    "It goes on with the walk after an interruption, and removes at its end what the pages since then did not have.",
  breaks: ["CLI-011", "CLI-012"],
  deform: (conforming) => ({
    ...conforming,
    cursorOfPage: (context, walk, page) =>
      conforming.cursorOfPage(context, walk, page) ?? { token: page.syncToken },
    applyPage(context, walk, page) {
      walk.full = page.body["mode"] === "full";
      return conforming.applyPage(context, walk, page);
    },
  }),
});

export const catchesUpFromThePage = clientMutant({
  name: "catches-up-from-the-page",
  story:
    "The greatest seq that it has seen is where its catch-up begins, also while pages of its first pull are missing.",
  breaks: ["CLI-011"],
  deform: (conforming) => ({
    ...conforming,
    cursorOfPage: (context, walk, page) =>
      conforming.cursorOfPage(context, walk, page) ?? {
        seq: Math.max(0, ...page.told.map(({ meta }) => meta.seq)),
      },
  }),
});

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

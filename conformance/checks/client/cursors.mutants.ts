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
        life.after(5_000, () => {
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
      context.life.after(5_000, () => void conforming.onChunk(context, session, message));
    },
  }),
});

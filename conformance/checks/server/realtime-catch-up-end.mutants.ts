import { mutant } from "../../model/mutant.ts";

export const endEchoesTheChange = mutant({
  name: "end-of-catch-up-echoes-client-change-id",
  story: "All answers echo clientChangeId, and the client takes the end for an acknowledgement.",
  breaks: ["RT-029"],
  deform: (conforming) => ({
    ...conforming,
    endFrame: (context, connection, told) => ({
      ...conforming.endFrame(context, connection, told),
      ...conforming.tellChangeId(context),
    }),
  }),
});

export const endWithoutEpoch = mutant({
  name: "end-of-catch-up-has-no-epoch",
  story: "The member is new, and only pulls were taught it.",
  breaks: ["RT-029"],
  deform: (conforming) => ({
    ...conforming,
    endFrame(context, connection, told) {
      const { epoch: _epoch, ...frame } = conforming.endFrame(context, connection, told);
      return frame;
    },
  }),
});

export const endOfItsOwnEpoch = mutant({
  name: "end-of-catch-up-has-an-epoch-of-its-own",
  story: "The sockets' process makes an epoch of its own when it starts.",
  breaks: ["RT-029"],
  deform: (conforming) => ({
    ...conforming,
    endFrame: (context, connection, told) => ({
      ...conforming.endFrame(context, connection, told),
      epoch: `of-sockets-${context.user.epoch}`,
    }),
  }),
});

export const endAtTheLastLiveRow = mutant({
  name: "end-of-catch-up-at-the-last-chunk",
  story: "The end repeats the lastSeq of the last chunk, and the deletions after it come again and again.",
  breaks: ["RT-026", "RT-029"],
  deform: (conforming) => ({
    ...conforming,
    endFrame(context, connection, told) {
      const live = [...context.user.rows.values()].filter(({ item }) => item !== null);
      const lastSeq = live.reduce((most, { seq }) => Math.max(most, seq), 0);
      return { ...conforming.endFrame(context, connection, told), lastSeq };
    },
  }),
});

export const emptyCatchUpHasNoEnd = mutant({
  name: "empty-catch-up-has-no-end",
  story: "Where there is nothing to tell, nothing is sent.",
  breaks: ["RT-029"],
  deform: (conforming) => ({
    ...conforming,
    endCatchUp(context, connection, told) {
      if (told > 0) return conforming.endCatchUp(context, connection, told);
      connection.catchingUp = false;
    },
  }),
});

export const eventsDoNotWait = mutant({
  name: "events-do-not-wait-for-catch-up",
  story: "Fan-out knows nothing of the catch-up that runs.",
  breaks: ["RT-022", "RT-029"],
  deform: (conforming) => ({ ...conforming, holds: () => false }),
});

export const eventsOfSocketsDoNotWait = mutant({
  name: "events-of-sockets-do-not-wait-for-catch-up",
  story: "Only what comes over HTTP looks whether a catch-up runs.",
  breaks: ["RT-022", "RT-029"],
  deform: (conforming) => ({
    ...conforming,
    holds: (context, connection, rows) =>
      context.connection === undefined && conforming.holds(context, connection, rows),
  }),
});

export const staysInCatchUp = mutant({
  name: "events-wait-for-ever-after-a-catch-up",
  story: "The flag that makes events wait is cleared by the next mutation of the client only.",
  breaks: ["RT-021", "RT-029"],
  deform: (conforming) => ({
    ...conforming,
    endCatchUp(context, connection, told) {
      conforming.endCatchUp(context, connection, told);
      connection.catchingUp = true;
    },
  }),
});

export const eventsDoNotWaitAgain = mutant({
  name: "events-do-not-wait-for-a-later-catch-up",
  story: "The connection counts as live from its first catch-up on, and what is live is told at once.",
  breaks: ["RT-022", "RT-029"],
  deform: (conforming) => ({
    ...conforming,
    endCatchUp(context, connection, told) {
      conforming.endCatchUp(context, connection, told);
      connection.memory.set("live", true);
    },
    holds: (context, connection, rows) =>
      !connection.memory.has("live") && conforming.holds(context, connection, rows),
  }),
});

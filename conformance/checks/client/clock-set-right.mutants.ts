import { clientMutant, tally } from "../../model-client/mutant.ts";
import { entityKey } from "../../model-client/store.ts";

export const countsAbsenceForGood = clientMutant({
  name: "counts-absence-for-good",
  story:
    "What a full pull lacked was looked for at that time, whatever the clock said; a refused stamp is made again from the same bound.",
  breaks: ["CLI-053"],
  deform: (conforming) => ({ ...conforming, isRewound: () => false }),
});

export const keepsTheLatestTime = clientMutant({
  name: "keeps-the-latest-time",
  story: "Times of pulls only ever grow, so the greater of two is kept, lest a late page set it back.",
  breaks: ["CLI-053", "CLI-002"],
  deform: (conforming) => ({
    ...conforming,
    raiseFloors(context, walk, page) {
      const { floors } = context.store;
      const before = new Map(floors);
      conforming.raiseFloors(context, walk, page);
      for (const [type, floor] of floors)
        floors.set(type, { ...floor, at: Math.max(floor.at, before.get(type)?.at ?? 0) });
    },
  }),
});

export const takesTheServersTime = clientMutant({
  name: "takes-the-servers-time",
  story: "A stamp that is refused for the clock is replaced by the server's time, and that is that.",
  breaks: ["CLI-053", "CLI-003"],
  deform: (conforming) => ({
    ...conforming,
    isRewound: () => false,
    restamp: ({ store }, { type, id }, serverTime) =>
      Math.max(serverTime, (store.known.get(entityKey(type, id))?.seen ?? 0) + 1),
  }),
});

export const triesOnceMoreFirst = clientMutant({
  name: "tries-once-more-first",
  story:
    "A refusal for the clock is answered with another stamp at once; that all data are fetched again is kept for when this fails, too.",
  breaks: ["CLI-053"],
  deform: (conforming) => ({
    ...conforming,
    isRewound: (context, serverTime) =>
      tally(context, "refusals for the clock") > 2 && conforming.isRewound(context, serverTime),
  }),
});

import { clientMutant } from "../../model-client/mutant.ts";

export const stampsByItsOwnClock = clientMutant({
  name: "stamps-by-its-own-clock",
  story: "Every device has a clock, and the team's were all right.",
  breaks: ["CLI-002"],
  deform: (conforming) => ({ ...conforming, correctedNow: ({ clock }) => Math.floor(clock.now()) }),
});

export const correctsTheWrongWay = clientMutant({
  name: "corrects-the-wrong-way",
  story: "The offset is kept as server minus own, and subtracted.",
  breaks: ["CLI-002"],
  deform: (conforming) => ({
    ...conforming,
    correctedNow: ({ clock, store }) => Math.floor(clock.now() - store.state.offset),
  }),
});

export const measuresWhenItIsRefused = clientMutant({
  name: "measures-when-it-is-refused",
  story:
    "The clock is measured by serverTime, which comes with CLOCK_SKEW: a clock that is slow is never refused.",
  breaks: ["CLI-002"],
  deform: (conforming) => ({
    ...conforming,
    measure() {},
    settleRefused(context, change, result, tally) {
      if (typeof result["serverTime"] === "string")
        context.store.put({ offset: Date.parse(result["serverTime"]) - context.clock.now() });
      conforming.settleRefused(context, change, result, tally);
    },
  }),
});

export const stampsWhatItSawByTheClock = clientMutant({
  name: "stamps-what-it-saw-by-the-clock",
  story: "The time of an edit is the time of the edit, whatever stood there before.",
  breaks: ["CLI-002"],
  deform: (conforming) => ({ ...conforming, seen: () => undefined }),
});

export const stampsDeletionsByTheClock = clientMutant({
  name: "stamps-deletions-by-the-clock",
  story: "Edits go through one function that looks at the stored stamp; deletedAt is set to now by another.",
  breaks: ["CLI-002"],
  deform: (conforming) => ({
    ...conforming,
    makeChange(context, type, id, item) {
      const change = conforming.makeChange(context, type, id, item);
      return item === null
        ? context.behaviour.withStamp(context, change, context.behaviour.correctedNow(context))
        : change;
    },
  }),
});

export const stampsLikeWhatItSaw = clientMutant({
  name: "stamps-like-what-it-saw",
  story:
    "It takes the greater of both, and never the one after: the checksum decides which of two edits stays.",
  breaks: ["CLI-002"],
  deform: (conforming) => ({
    ...conforming,
    seen(context, type, id) {
      const seen = conforming.seen(context, type, id);
      return seen === undefined ? undefined : seen - 1;
    },
  }),
});

export const learnsFromPullsOnly = clientMutant({
  name: "learns-from-pulls-only",
  story: "What an answer to a push tells of the winner is shown, and its stamp left where it was.",
  breaks: ["CLI-002", "CLI-023"],
  deform: (conforming) => ({
    ...conforming,
    learn(context, told, way) {
      if (way !== "acknowledgement") conforming.learn(context, told, way);
    },
  }),
});

export const learnsNothingFromEvents = clientMutant({
  name: "learns-nothing-from-events",
  story:
    "Messages go straight into what is shown; the sync layer with its stamps hears of them by its next pull.",
  breaks: ["CLI-002", "CLI-023"],
  deform: (conforming) => ({
    ...conforming,
    learn(context, told, way) {
      if (way !== "event") conforming.learn(context, told, way);
    },
  }),
});

export const forgetsWhatIsUnderWay = clientMutant({
  name: "forgets-what-is-under-way",
  story: "It compares with what the server is known to hold, and what was sent is not known to be there.",
  breaks: ["CLI-002"],
  deform: (conforming) => ({ ...conforming, inFlight: () => undefined }),
});

export const takesAbsenceForNothing = clientMutant({
  name: "takes-absence-for-nothing",
  story: "An entity that no pull brought has no row, so there is nothing to compare with.",
  breaks: ["CLI-002"],
  deform: (conforming) => ({
    ...conforming,
    seen: ({ store }, type, id) => store.known.get(`${type} ${id}`)?.seen,
  }),
});

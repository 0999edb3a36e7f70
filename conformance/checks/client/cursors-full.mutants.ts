import { clientMutant } from "../../model-client/mutant.ts";
import { entityKey } from "../../model-client/store.ts";

export const removesNothing = clientMutant({
  name: "removes-nothing",
  story: "A full pull is a pull without a cursor: it adds and updates what it brings.",
  breaks: ["CLI-012"],
  deform: (conforming) => ({ ...conforming, removeAbsent() {} }),
});

export const removesAmongTypesThatCame = clientMutant({
  name: "removes-among-types-that-came",
  story:
    "Each collection of the answer replaces the stored one, unless it is empty: that is taken for not asked.",
  breaks: ["CLI-012"],
  deform: (conforming) => ({
    ...conforming,
    removeAbsent(context, walk, page) {
      const { rows } = context.store;
      const spared = [...rows].filter(
        ([, { type }]) => ![...walk.entities].some((key) => key.startsWith(`${type} `)),
      );
      conforming.removeAbsent(context, walk, page);
      for (const [key, row] of spared) rows.set(key, row);
    },
  }),
});

export const removesWhatCameSince = clientMutant({
  name: "removes-what-came-since",
  story: "What the full pull did not bring is gone, also what was acknowledged while it was on its way.",
  breaks: ["CLI-012"],
  deform: (conforming) => ({
    ...conforming,
    removeAbsent({ store }, { entities }) {
      for (const [key, { item }] of store.rows)
        if (item !== null && !entities.has(key)) store.rows.delete(key);
    },
  }),
});

export const removesWhatWaits = clientMutant({
  name: "removes-what-waits",
  story: "The collection is replaced by what the server has; what was only here is in it no more.",
  breaks: ["CLI-012", "CLI-018", "CLI-024"],
  deform: (conforming) => ({
    ...conforming,
    removeAbsent(context, walk, page) {
      const { store } = context;
      conforming.removeAbsent(context, walk, page);
      for (const [n, { type, id }] of store.changes)
        if (!walk.entities.has(entityKey(type, id))) store.changes.delete(n);
      for (const [key, { items }] of store.requests)
        if (items.every(({ n }) => !store.changes.has(String(n)))) store.requests.delete(key);
    },
  }),
});

export const replacesWithTheFirstPage = clientMutant({
  name: "replaces-with-the-first-page",
  story: "A full pull begins with an empty table, into which its pages go.",
  breaks: ["CLI-012"],
  deform: (conforming) => ({
    ...conforming,
    applyPage(context, walk, page) {
      if (walk.full && walk.pages === 0) context.store.rows.clear();
      return conforming.applyPage(context, walk, page);
    },
  }),
});

export const cleansUpLater = clientMutant({
  name: "cleans-up-later",
  story:
    "What a full pull did not bring is removed by a job that runs when the app has time, not with the last page.",
  breaks: ["CLI-012"],
  deform: (conforming) => ({
    ...conforming,
    removeAbsent(context, walk, page) {
      context.life.after(10_000, () => conforming.removeAbsent(context, walk, page));
    },
  }),
});

export const hasNoFloor = clientMutant({
  name: "has-no-floor",
  story: "What comes is compared with what is there; where nothing is, everything is newer.",
  breaks: ["CLI-013"],
  deform: (conforming) => ({ ...conforming, isBelowFloor: () => false }),
});

export const answersPassTheFloor = clientMutant({
  name: "answers-pass-the-floor",
  story:
    "Pages and events are held against the floor; the answer to an own push is about what the user just did.",
  breaks: ["CLI-013"],
  deform: (conforming) => ({
    ...conforming,
    isBelowFloor: (context, told, way) =>
      way !== "acknowledgement" && conforming.isBelowFloor(context, told, way),
  }),
});

export const eventsPassTheFloor = clientMutant({
  name: "events-pass-the-floor",
  story: "The floor is a part of pulling, and sockets know nothing of it.",
  breaks: ["CLI-013"],
  deform: (conforming) => ({
    ...conforming,
    isBelowFloor: (context, told, way) => way !== "event" && conforming.isBelowFloor(context, told, way),
  }),
});

export const forgetsItsFloorsWhenClosed = clientMutant({
  name: "forgets-its-floors-when-closed",
  story: "The floor of the last full pull is a variable beside the walk.",
  breaks: ["CLI-013"],
  deform: (conforming) => ({
    ...conforming,
    raiseFloors(context, walk, page) {
      context.scratch.set("floors", true);
      conforming.raiseFloors(context, walk, page);
    },
    isBelowFloor: (context, told, way) =>
      context.scratch.has("floors") && conforming.isBelowFloor(context, told, way),
  }),
});

export const leavesUnsettledWhatIsBelowTheFloor = clientMutant({
  name: "leaves-unsettled-what-is-below-the-floor",
  story: "A result below the floor is old news and skipped, with the write that it was to settle.",
  breaks: ["CLI-013", "CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    settleOne(context, change, result, tally) {
      const told = conforming.toldByResult(context, change, result);
      if (told && conforming.isBelowFloor(context, told, "acknowledgement")) return;
      conforming.settleOne(context, change, result, tally);
    },
  }),
});

import { clientMutant } from "../../model-client/mutant.ts";

export const comparesWithTheEarlierEpoch = clientMutant({
  name: "compares-with-the-earlier-epoch",
  story:
    "The cursor is dropped and everything is pulled again; each item is then compared with the one that is there.",
  breaks: ["CLI-050"],
  deform: (conforming) => ({
    ...conforming,
    dropEpoch({ store }, epoch) {
      store.floors.clear();
      store.put({ epoch, token: null, seq: null, generation: store.state.generation + 1 });
    },
  }),
});

export const keepsDeletionsOfTheEarlierEpoch = clientMutant({
  name: "keeps-deletions-of-the-earlier-epoch",
  story: "The items are cleared; what is known of deletions stands in a table of its own.",
  breaks: ["CLI-050"],
  deform: (conforming) => ({
    ...conforming,
    dropEpoch(context, epoch) {
      const { rows } = context.store;
      const deletions = [...rows].filter(([, { item }]) => item === null);
      conforming.dropEpoch(context, epoch);
      for (const [key, row] of deletions) rows.set(key, row);
    },
  }),
});

export const keepsFloorsOfTheEarlierEpoch = clientMutant({
  name: "keeps-floors-of-the-earlier-epoch",
  story: "The floor goes up, never down: that is what it is for.",
  breaks: ["CLI-013", "CLI-050"],
  deform: (conforming) => ({
    ...conforming,
    dropEpoch(context, epoch) {
      const floors = [...context.store.floors];
      conforming.dropEpoch(context, epoch);
      for (const [type, floor] of floors) context.store.floors.set(type, floor);
    },
    raiseFloors(context, walk, page) {
      const before = new Map(context.store.floors);
      conforming.raiseFloors(context, walk, page);
      for (const [type, floor] of before)
        if (floor.through > (context.store.floors.get(type)?.through ?? 0))
          context.store.floors.set(type, floor);
    },
  }),
});

export const looksAtNoEpoch = clientMutant({
  name: "looks-at-no-epoch",
  story: "An expired cursor means a full pull, and that is all that a restore is.",
  breaks: ["CLI-050"],
  deform: (conforming) => ({ ...conforming, isNewEpoch: () => false }),
});

export const emptiesItsOutboxOnARestore = clientMutant({
  name: "empties-its-outbox-on-a-restore",
  story: "Another server, another database: everything of the old one goes, the writes that wait included.",
  breaks: ["CLI-014", "CLI-018", "CLI-050"],
  deform: (conforming) => ({
    ...conforming,
    dropEpoch(context, epoch) {
      conforming.dropEpoch(context, epoch);
      context.store.changes.clear();
      context.store.requests.clear();
    },
  }),
});

export const sendsBackWhatTheBackupLacks = clientMutant({
  name: "sends-back-what-the-backup-lacks",
  story: "The server has lost data, and this device has it: it helps.",
  breaks: ["CLI-025", "CLI-050"],
  deform: (conforming) => ({
    ...conforming,
    dropEpoch(context, epoch) {
      const { behaviour, store } = context;
      const lost = [...store.rows.values()];
      conforming.dropEpoch(context, epoch);
      for (const { type, id, item } of lost) {
        const change = behaviour.makeChange(context, type, id, item);
        store.changes.set(String(change.n), change);
      }
      context.lanes.push.due(0);
    },
  }),
});

export const countsAnswersOfTheEarlierEpoch = clientMutant({
  name: "counts-answers-of-the-earlier-epoch",
  story: "An answer is an answer: its write is saved, and its key is not needed any more.",
  breaks: ["CLI-050"],
  deform: (conforming) => ({ ...conforming, isFromBefore: () => false }),
});

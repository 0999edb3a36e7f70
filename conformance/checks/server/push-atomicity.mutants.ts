import { mutant } from "../../model/mutant.ts";

export const commitsItemByItem = mutant({
  name: "commits-item-by-item",
  story: "A loop of upserts without a transaction around it.",
  breaks: ["PUSH-009", "PULL-011"],
  deform: (conforming) => ({
    ...conforming,
    async commit(context, transaction) {
      for (const row of transaction.rows) {
        await conforming.commit(context, { rows: [row] });
      }
      await conforming.commit(context, { ...transaction, rows: [] });
    },
  }),
});

export const keepsWhatWasStoredBeforeTheFailure = mutant({
  name: "keeps-what-was-stored-before-the-failure",
  story: "The first item is stored on its own, and stays when the rest fails.",
  breaks: ["PUSH-009", "HTTP-011"],
  deform: (conforming) => ({
    ...conforming,
    async commit(context, { rows: [first, ...rest], ...transaction }) {
      if (first) conforming.applyRow(context, first);
      await conforming.commit(context, { ...transaction, rows: rest });
    },
  }),
});

export const recordsBeforeStoring = mutant({
  name: "records-before-storing",
  story: "The record is saved first, so a retry after a failed store replays a success that never was.",
  breaks: ["PUSH-009", "IDEM-012", "IDEM-014"],
  deform: (conforming) => ({
    ...conforming,
    async commit(context, transaction) {
      const { record } = transaction;
      if (record) conforming.saveRecord(context, record.key, record.record);
      await conforming.commit(context, transaction);
    },
  }),
});

export const keepsWritesInMemory = mutant({
  name: "keeps-writes-in-memory",
  story: "A cache answers reads and writes, and nobody noticed that the store behind it is never written.",
  breaks: ["PUSH-015"],
  deform: (conforming) => ({
    ...conforming,
    restart(server) {
      conforming.restart(server);
      server.users.clear();
    },
  }),
});

export const keepsSequenceInMemory = mutant({
  name: "keeps-the-sequence-in-memory",
  story: "The counter for seq is a variable that begins at 0 with the process.",
  breaks: ["PUSH-015", "ORD-021"],
  deform: (conforming) => ({
    ...conforming,
    restart(server) {
      conforming.restart(server);
      for (const user of server.users.values()) user.head = 0;
    },
  }),
});

export const flushesWritesLater = mutant({
  name: "flushes-writes-later",
  story: "Writes are acknowledged from a buffer that holds the latest of them.",
  breaks: ["PUSH-015"],
  deform: (conforming) => ({
    ...conforming,
    restart(server) {
      conforming.restart(server);
      for (const user of server.users.values()) {
        const stored = Math.max(0, user.head - 7);
        for (const [key, { seq }] of user.rows) if (seq > stored) user.rows.delete(key);
        user.log = user.log.filter(({ seq }) => seq <= stored);
        user.head = stored;
      }
    },
  }),
});

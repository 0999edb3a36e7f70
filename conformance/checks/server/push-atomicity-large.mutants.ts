import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";

/** Rows become visible in portions; the record comes with the last. */
const inPortions = (size: number, of: "push" | "batch" | undefined): Mutant["deform"] => {
  return (conforming) => ({
    ...conforming,
    async commit(context, transaction) {
      const { rows } = transaction;
      if (of !== undefined && context.endpoint !== of) return conforming.commit(context, transaction);
      let at = 0;
      for (; rows.length - at > size; at += size)
        await conforming.commit(context, { rows: rows.slice(at, at + size) });
      return conforming.commit(context, { ...transaction, rows: rows.slice(at) });
    },
  });
};

export const commitsInPortions = mutant({
  name: "commits-in-portions-of-a-hundred",
  story: "The store takes a hundred statements in one transaction, so a larger push is cut.",
  breaks: ["PUSH-009", "BATCH-001"],
  deform: inPortions(100, undefined),
});

export const commitsPushesInPortions = mutant({
  name: "commits-pushes-in-portions-of-250",
  story: "An insert takes a thousand parameters, four to a row, and each insert is its own transaction.",
  breaks: ["PUSH-009"],
  deform: inPortions(250, "push"),
});

export const commitsBatchesInPortions = mutant({
  name: "commits-batches-in-portions",
  story: "A batch was thought to be a way to send many requests, not one.",
  breaks: ["PUSH-009", "BATCH-001"],
  deform: inPortions(50, "batch"),
});

export const commitsEachTypeApart = mutant({
  name: "commits-each-type-apart",
  story: "Each type has a table and a writer, which commits when it is done.",
  breaks: ["PUSH-009", "BATCH-001"],
  deform: (conforming) => ({
    ...conforming,
    async commit(context, transaction) {
      const types = [...new Set(transaction.rows.map(({ entityType }) => entityType))];
      for (const type of types.slice(0, -1)) {
        await conforming.commit(context, { rows: transaction.rows.filter((row) => row.entityType === type) });
      }
      const rows = transaction.rows.filter((row) => row.entityType === types.at(-1));
      await conforming.commit(context, { ...transaction, rows });
    },
  }),
});

import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";

// For how long.

/** A store that throws the oldest record of a user out once there are `most` whose key passes `isCounted`. */
const keepsTheLast = (most: number, isCounted: (key: string) => boolean = () => true): Mutant["deform"] => {
  return (conforming) => ({
    ...conforming,
    saveRecord: (context, key, record) => {
      conforming.saveRecord(context, key, record);
      const records = context.behaviour.records(context);
      const counted = [...records.keys()].filter(isCounted);
      if (counted.length > most) records.delete(counted[0]!);
    },
  });
};

export const keepsTheLastTenRecords = mutant({
  name: "keeps-the-last-ten-records",
  story: "A cache that throws out the oldest record of a user once there are ten.",
  breaks: ["IDEM-016"],
  deform: keepsTheLast(10),
});

export const keepsTheLastFiftyRecords = mutant({
  name: "keeps-the-last-fifty-records",
  story: "Every new record sweeps, and leaves a user the latest fifty.",
  breaks: ["IDEM-016"],
  deform: keepsTheLast(50),
});

export const keepsTheLastHundredRecords = mutant({
  name: "keeps-the-last-hundred-records",
  story: "The records are in an LRU cache of a library, whose size is the one of its first example.",
  breaks: ["IDEM-016"],
  deform: keepsTheLast(100),
});

export const keepsTheLastFiftyBatches = mutant({
  name: "keeps-the-last-fifty-records-of-batches",
  story: "The batch has a table of its own for its answers, which are large, and so fewer of them are kept.",
  breaks: ["IDEM-016"],
  deform: keepsTheLast(50, (key) => key.startsWith("batch ")),
});

export const forgetsAfterAnHour = mutant({
  name: "forgets-after-an-hour",
  story: "Discovery promises a day, and the store expires its entries after an hour.",
  breaks: ["IDEM-016"],
  deform: (conforming) => ({
    ...conforming,
    isExpired: ({ server }, { answeredAt }) => server.now() - answeredAt > 3_600_000,
  }),
});

export const advertisesAnHour = mutant({
  name: "advertises-an-hour",
  story: "Records are large, so the operator keeps them for an hour, and says so.",
  breaks: ["IDEM-017"],
  deform: (conforming) => ({
    ...conforming,
    advertisedLimits: (context) => ({
      ...conforming.advertisedLimits(context),
      idempotencyRetentionMs: 3_600_000,
    }),
  }),
});

// Without a record.

const reapplies = (name: string, story: string, when: (context: Context) => boolean): Mutant =>
  mutant({
    name,
    story,
    breaks: ["IDEM-019", "ORD-006"],
    deform: (conforming) => ({
      ...conforming,
      judge: (context, stored, incoming) => {
        const outcome = conforming.judge(context, stored, incoming);
        return outcome === "duplicate" && stored !== undefined && when(context) ? "applied" : outcome;
      },
    }),
  });
export const reappliesWithoutKeys = reapplies(
  "reapplies-without-keys",
  "Duplicates are caught by the key alone, and here there is none.",
  ({ key }) => key === undefined,
);
export const reappliesUnderNewKeys = reapplies(
  "reapplies-under-new-keys",
  "A new key is taken to mean a new write.",
  ({ key }) => key !== undefined,
);
export const letsLateCopiesWin = mutant({
  name: "lets-late-copies-win",
  story: "What arrives last is what is stored; only the keys hold late copies off.",
  breaks: ["IDEM-019", "ORD-001"],
  deform: (conforming) => ({
    ...conforming,
    judge: (context, stored, incoming) => {
      const outcome = conforming.judge(context, stored, incoming);
      return outcome === "superseded" ? "applied" : outcome;
    },
  }),
});

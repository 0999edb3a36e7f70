import type { JsonObject } from "../../../schemas/json.ts";
import type { Answer } from "../../model/answer.ts";
import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import type { Mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";
import type { IdempotencyRecord } from "../../model/state.ts";

// Concurrency.

export const letsTwinsThrough = mutant({
  name: "lets-twins-through",
  story: "Look up, judge, write, with nothing that holds a second request between the first two steps.",
  breaks: ["IDEM-003", "IDEM-011"],
  deform: (conforming) => ({ ...conforming, lock: (_context, task) => task() }),
});

export const locksByDevice = mutant({
  name: "locks-by-device",
  story: "Requests wait for those of their own connection's device only.",
  breaks: ["IDEM-003", "IDEM-011"],
  deform: (conforming) => ({
    ...conforming,
    lockName: (context) => `${context.user.id} ${context.request.headers["x-device-id"]}`,
  }),
});

export const locksPushesOnly = mutant({
  name: "locks-pushes-only",
  story: "Batch is another handler, and nobody repeated the lock there.",
  breaks: ["IDEM-011"],
  deform: (conforming) => ({
    ...conforming,
    lock: (context, task) => (context.endpoint === "batch" ? task() : conforming.lock(context, task)),
  }),
});

export const turnsTwinsAwayWithoutAWord = mutant({
  name: "turns-twins-away-without-a-word",
  story: "The 409 was written by hand and lacks Retry-After.",
  breaks: ["IDEM-011"],
  deform: (conforming) => ({
    ...conforming,
    meetTwin: async () => {
      throw new Refusal("IDEMPOTENCY_IN_FLIGHT", "the same request is being judged");
    },
  }),
});

export const tellsTwinsThatAllIsDone = mutant({
  name: "tells-twins-that-all-is-done",
  story: "A request in flight is taken for an answered one, and an empty success is made up for it.",
  breaks: ["IDEM-011"],
  deform: (conforming) => ({
    ...conforming,
    meetTwin: async (context) => {
      Object.assign(context, { madeUp: true });
      throw new Refusal("IDEMPOTENCY_IN_FLIGHT", "the same request is being judged");
    },
    finish: (context, answer) => {
      if (!("madeUp" in context)) return conforming.finish(context, answer);
      const body = context.behaviour.pushAnswer(context, [], context.user.head);
      const madeUp = context.behaviour.succeed(context, body);
      return conforming.finish(context, {
        ...madeUp,
        headers: { ...madeUp.headers, "x-idempotent-replay": "true" },
      });
    },
  }),
});

export const callsTwinsAReuse = mutant({
  name: "calls-twins-a-reuse",
  story: "While the first is judged its fingerprint is not stored yet, and no fingerprint is another one.",
  breaks: ["IDEM-011"],
  deform: (conforming) => ({
    ...conforming,
    meetTwin: async () => {
      throw new Refusal("IDEMPOTENCY_KEY_REUSED", "this key was used for another body");
    },
  }),
});

// Records and effects.

export const recordsWhatWasDelivered = mutant({
  name: "records-what-was-delivered",
  story: "The record is written in a callback that runs when the answer has been sent.",
  breaks: ["IDEM-012"],
  deform: (conforming) => ({
    ...conforming,
    isRecorded: (context, answer) => !context.request.abandon && conforming.isRecorded(context, answer),
  }),
});

export const recordsInASecondTransaction = mutant({
  name: "records-in-a-second-transaction",
  story: "The items are committed, then the record: the process can end in between.",
  breaks: ["IDEM-012", "PUSH-009"],
  deform: (conforming) => ({
    ...conforming,
    commit: async (context, { rows, record }) => {
      await conforming.commit(context, { rows });
      if (!record) return;
      await conforming.persist(context, { rows: [], record });
      conforming.saveRecord(context, record.key, record.record);
    },
  }),
});

export const recordsBeforehand = mutant({
  name: "records-beforehand",
  story: "The record is written first, to keep others out: the process can end before the items are.",
  breaks: ["IDEM-012", "IDEM-014", "PUSH-009"],
  deform: (conforming) => ({
    ...conforming,
    commit: async (context, { rows, record }) => {
      if (record) conforming.saveRecord(context, record.key, record.record);
      await conforming.commit(context, { rows });
    },
  }),
});

export const keepsRecordsInMemory = mutant({
  name: "keeps-records-in-memory",
  story: "The records are in a Map of the process, and a deployment ends the process.",
  breaks: ["IDEM-012", "IDEM-016"],
  deform: (conforming) => ({
    ...conforming,
    records: ({ server, user }) => {
      const slot = `records ${user.id}`;
      const known = server.volatile.get(slot) as Map<string, IdempotencyRecord> | undefined;
      if (known) return known;
      const fresh = new Map<string, IdempotencyRecord>();
      server.volatile.set(slot, fresh);
      return fresh;
    },
  }),
});

// What is recorded.

const recordsNot = (
  name: string,
  breaks: readonly string[],
  story: string,
  leavesOut: (answer: Answer, context: Context) => boolean,
): Mutant =>
  mutant({
    name,
    story,
    breaks,
    deform: (conforming) => ({
      ...conforming,
      isRecorded: (context, answer) => !leavesOut(answer, context) && conforming.isRecorded(context, answer),
    }),
  });

export const recordsSuccessesOnly = recordsNot(
  "records-successes-only",
  ["IDEM-013"],
  "A refusal changes nothing, so it was thought that it need not be remembered.",
  ({ refused }) => refused,
);
export const recordsNoRefusedItems = recordsNot(
  "records-no-answers-with-refused-items",
  ["IDEM-013"],
  "`if (body.success) record(…)`.",
  ({ refused, status }) => refused && status === 200,
);
export const recordsOnly200 = recordsNot(
  "records-only-200",
  ["IDEM-013"],
  "The record is written at the end of the handler, and refusals leave it by an exception.",
  ({ status }) => status !== 200,
);
export const recordsNo400 = recordsNot(
  "records-no-400",
  ["IDEM-013"],
  "Validation stands in front of the keys in the chain of handlers.",
  ({ status }) => status === 400,
);
export const recordsNo413 = recordsNot(
  "records-no-413",
  ["IDEM-013"],
  "Items are counted by a guard in front of the handler.",
  ({ status }) => status === 413,
);
export const recordsNoRefusedBatches = recordsNot(
  "records-no-refused-batches",
  ["IDEM-013"],
  "A version conflict is thought to be worth another try, so it is not remembered.",
  ({ refused }, { endpoint }) => refused && endpoint === "batch",
);
export const recordsNothingThatChangesNothing = recordsNot(
  "records-nothing-that-changes-nothing",
  ["IDEM-002", "IDEM-013"],
  "The record rides along with the rows, and without rows there is no transaction.",
  ({ body, status }) =>
    status !== 200 ||
    !(JSON.parse(new TextDecoder().decode(body)) as { results: JsonObject[] }).results.some(
      ({ outcome }) => outcome === "applied",
    ),
);

const recordsAlso = (status: 401 | 429 | 503, story: string): Mutant =>
  mutant({
    name: `records-${status}`,
    story,
    breaks: ["IDEM-014"],
    deform: (conforming) => ({
      ...conforming,
      intercept: async (context) => {
        const key = context.request.headers["x-idempotency-key"];
        const known = context.server.scratch.get(`${status} ${key}`) as Answer | undefined;
        return known ?? conforming.intercept(context);
      },
      finish: (context, answer) => {
        const key = context.request.headers["x-idempotency-key"];
        if (answer.status === status && key !== undefined)
          context.server.scratch.set(`${status} ${key}`, answer);
        return conforming.finish(context, answer);
      },
    }),
  });
export const records401 = recordsAlso(
  401,
  "The cache for keys stands in front of everything, the guard included.",
);
export const records429 = recordsAlso(
  429,
  "The gateway's answers go through the same cache as the handler's.",
);
export const records503 = recordsAlso(
  503,
  "Whatever is answered is recorded, the failure to answer as well.",
);

export const keepsTheKeyOfAFailedRequest = mutant({
  name: "keeps-the-key-of-a-failed-request",
  story: "The key is marked as in flight first, and the mark stays when the handler throws.",
  breaks: ["IDEM-014"],
  deform: (conforming) => ({
    ...conforming,
    lock: async (context, task) => {
      if (context.key === undefined) return conforming.lock(context, task);
      const slot = `in flight ${context.user.id} ${context.key}`;
      if (context.server.volatile.has(slot)) {
        const headers = { "retry-after": "1" };
        throw new Refusal("IDEMPOTENCY_IN_FLIGHT", "the same request is being judged", { headers });
      }
      context.server.volatile.set(slot, true);
      const answer = await conforming.lock(context, task);
      context.server.volatile.delete(slot);
      return answer;
    },
  }),
});

export const remembersWhatWasNeverLookedUp = mutant({
  name: "remembers-what-was-never-looked-up",
  story: "A cache around the whole handler keeps refusals that came before the key was looked at.",
  breaks: ["IDEM-013"],
  deform: (conforming) => ({
    ...conforming,
    intercept: async (context) => {
      const key = context.request.headers["x-idempotency-key"];
      return (context.server.scratch.get(`early ${key}`) as Answer) ?? conforming.intercept(context);
    },
    finish: (context, answer) => {
      const key = context.request.headers["x-idempotency-key"];
      const early = answer.status === 415 || (answer.status === 400 && context.key === undefined);
      if (early && key !== undefined) context.server.scratch.set(`early ${key}`, answer);
      return conforming.finish(context, answer);
    },
  }),
});

const recordsForDeployed = (name: string, story: string, too: (answer: Answer) => boolean): Mutant =>
  mutant({
    name,
    story,
    breaks: ["IDEM-015"],
    deform: (conforming) => ({
      ...conforming,
      isRecorded: (context, answer) =>
        conforming.isRecorded(context, answer) || (!context.announced && too(answer)),
    }),
  });
export const recordsRefusedItemsOfDeployedPeers = recordsForDeployed(
  "records-refused-items-of-deployed-peers",
  "An answer is an answer: 200 is recorded, whoever asked and whatever it says.",
  ({ status }) => status === 200,
);
export const recordsRefusalsOfDeployedPeers = recordsForDeployed(
  "records-refusals-of-deployed-peers",
  "Deployed peers are served by the same code, and their keys were thought to be random as well.",
  ({ status }) => status < 500,
);

// For how long.

export const keepsTheLastTenRecords = mutant({
  name: "keeps-the-last-ten-records",
  story: "A cache that throws out the oldest record of a user once there are ten.",
  breaks: ["IDEM-016"],
  deform: (conforming) => ({
    ...conforming,
    saveRecord: (context, key, record) => {
      conforming.saveRecord(context, key, record);
      const records = context.behaviour.records(context);
      const [oldest] = records.keys();
      if (records.size > 10) records.delete(oldest!);
    },
  }),
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

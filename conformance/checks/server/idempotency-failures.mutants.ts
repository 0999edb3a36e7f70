import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
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

/** A gap between two transactions: some other requests come in meanwhile, if there are any. */
async function otherWork({ server, life }: Context): Promise<void> {
  const until = { requests: server.requests + 3, at: performance.now() + 400 };
  while (server.life === life && server.requests < until.requests && performance.now() < until.at)
    await new Promise((resolve) => setTimeout(resolve, 2));
}

export const recordsInASecondTransaction = mutant({
  name: "records-in-a-second-transaction",
  story: "The items are committed, then the record: the process can end in between.",
  breaks: ["IDEM-012", "PUSH-009"],
  deform: (conforming) => ({
    ...conforming,
    commit: async (context, { rows, record }) => {
      for (const row of rows) conforming.applyRow(context, row);
      conforming.afterCommit(context, rows);
      if (!record) return;
      await otherWork(context);
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
      await otherWork(context);
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

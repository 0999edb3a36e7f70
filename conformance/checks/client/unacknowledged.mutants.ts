import { isDeepStrictEqual } from "node:util";
import type { JsonObject } from "../../../schemas/json.ts";
import { contentOf } from "../../../spec/rules/content.ts";
import { atStart } from "../../model-client/at-start.ts";
import type { Context } from "../../model-client/context.ts";
import { clientMutant } from "../../model-client/mutant.ts";
import type { Frozen } from "../../model-client/store.ts";

// Kept until acknowledged (CLI-018).

export const clearsTheQueueWhenSent = clientMutant({
  name: "clears-the-queue-when-sent",
  story: "The queue is emptied into the request, and what is on its way is nobody's any more.",
  breaks: ["CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    afterSending({ store }, { key, items }) {
      store.requests.delete(key);
      for (const { n } of items) store.changes.delete(String(n));
    },
  }),
});

export const givesUpWhatFailedOnce = clientMutant({
  name: "gives-up-what-failed-once",
  story: "A push is taken off the queue in a `finally`.",
  breaks: ["CLI-018", "CLI-030"],
  deform: (conforming) => ({
    ...conforming,
    requestToSend(context, frozen, attempt) {
      if (attempt > 0) {
        context.store.requests.delete(frozen.key);
        for (const { n } of frozen.items) context.store.changes.delete(String(n));
      }
      return conforming.requestToSend(context, frozen, attempt);
    },
  }),
});

export const clearsTheWholeQueueByOneAnswer = clientMutant({
  name: "clears-the-whole-queue-by-one-answer",
  story: "`await send(queue); queue = []`: what was written while the request was under way goes with it.",
  breaks: ["CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    dequeue: ({ store }) => store.changes.clear(),
  }),
});

export const dequeuesByEntity = clientMutant({
  name: "dequeues-by-entity",
  story:
    "DELETE FROM outbox WHERE entity_id = ?: an edit made while its entity's create was under way goes with it.",
  breaks: ["CLI-018", "CLI-019"],
  deform: (conforming) => ({
    ...conforming,
    dequeue({ store }, { type, id }) {
      for (const change of store.changes.values())
        if (change.type === type && change.id === id) store.changes.delete(String(change.n));
    },
  }),
});

export const dequeuesBeforeItApplies = clientMutant({
  name: "dequeues-before-it-applies",
  story: "The outbox and the replica are two databases, written one after the other.",
  breaks: ["CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    applyResult(context, told) {
      context.life.after(2_000, () => context.store.transaction(() => conforming.applyResult(context, told)));
    },
  }),
});

export const clearsWhatTheSocketTook = clientMutant({
  name: "clears-what-the-socket-took",
  story: "`socket.send` did not throw, so the change counts as sent and is taken off the queue.",
  breaks: ["CLI-018", "CLI-027"],
  deform: (conforming) => ({
    ...conforming,
    mutation(context, change, clientChangeId) {
      conforming.dequeue(context, change);
      return conforming.mutation(context, change, clientChangeId);
    },
  }),
});

// Frozen, body and key (CLI-019).

export const editJoinsTheFrozenOne = clientMutant({
  name: "edit-joins-the-frozen-one",
  story:
    "There is one row of the outbox for each entity: an edit overwrites it, and the answer to what was sent deletes it.",
  breaks: ["CLI-019", "CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    enqueue(context, change) {
      const sent = conforming
        .outbox(context)
        .find((other) => other.sent && other.type === change.type && other.id === change.id);
      if (!sent) return conforming.enqueue(context, change);
      context.store.changes.set(String(sent.n), { ...change, n: sent.n, sent: true });
    },
  }),
});

/** A request of the same writes as the outbox has them by now. */
function madeAnew(context: Context, { items, call }: Frozen): Pick<Frozen, "body" | "items"> {
  const { behaviour, store } = context;
  const sent = items.flatMap(({ n }) => store.changes.get(String(n)) ?? []);
  const latest = sent.map(({ type, id, n }) =>
    behaviour.outbox(context).findLast((other) => other.type === type && other.id === id && other.n >= n)!,
  );
  return behaviour.body(context, latest, call);
}

export const retriesWithWhatIsThereNow = clientMutant({
  name: "retries-with-what-is-there-now",
  story: "The key is kept with the queue and the body made of it at each attempt.",
  breaks: ["CLI-019", "CLI-009"],
  deform: (conforming) => ({
    ...conforming,
    requestToSend(context, frozen, attempt) {
      if (attempt === 0) return frozen;
      return { ...frozen, body: madeAnew(context, frozen).body };
    },
  }),
});

export const makesTheKeyWhenItSends = clientMutant({
  name: "makes-the-key-when-it-sends",
  story: "The key is made in the function that sends, which the retry calls again.",
  breaks: ["CLI-019", "CLI-009"],
  deform: (conforming) => ({
    ...conforming,
    requestToSend: (context, frozen, attempt) =>
      attempt === 0 ? frozen : { ...frozen, key: conforming.newKey(context) },
  }),
});

/** Nothing that was frozen is known any more; the writes themselves are. */
function thaw({ store }: Context, which: (frozen: Frozen) => boolean): void {
  for (const [key, frozen] of store.requests) {
    if (!which(frozen)) continue;
    store.requests.delete(key);
    for (const { n } of frozen.items) {
      const change = store.changes.get(String(n));
      if (change) store.changes.set(String(n), { ...change, sent: false });
    }
  }
}

export const freezesInMemory = clientMutant({
  name: "freezes-in-memory",
  story:
    "The queue is durable; which key a request had, and what was in it, is a matter of the running process.",
  breaks: ["CLI-019"],
  deform: (conforming) => atStart(conforming, "freezes-in-memory", (context) => thaw(context, () => true)),
});

export const keepsTheRequestWhenItIsOut = clientMutant({
  name: "keeps-the-request-when-it-is-out",
  story: "The request is noted as pending after it was handed to the network, in a write that nobody awaits.",
  breaks: ["CLI-019"],
  deform(conforming) {
    const out = ({ store }: Context): Set<string> => {
      const keys = (store.scratch.get("noted") as Set<string> | undefined) ?? new Set<string>();
      store.scratch.set("noted", keys);
      return keys;
    };
    const forgetful = atStart(conforming, "keeps-the-request-when-it-is-out", (context) =>
      thaw(context, ({ key }) => !out(context).has(key)),
    );
    return {
      ...forgetful,
      afterSending(context, { key }) {
        context.life.after(2_000, () => out(context).add(key));
      },
    };
  },
});

export const sendsEveryEdit = clientMutant({
  name: "sends-every-edit",
  story: "The outbox is a log: every keystroke that was saved is a write of its own.",
  breaks: ["CLI-019"],
  deform: (conforming) => ({ ...conforming, coalesces: () => false }),
});

export const sendsTheRefusedOneBeforeItsSuccessor = clientMutant({
  name: "sends-the-refused-one-before-its-successor",
  story:
    "What was refused goes back to the head of the queue as it was; what follows is looked at when it is through.",
  breaks: ["CLI-019"],
  deform: (conforming) => ({
    ...conforming,
    putBack: ({ store }, change) => void store.changes.set(String(change.n), { ...change, sent: false }),
  }),
});

export const mergesIntoTheFirstEdit = clientMutant({
  name: "merges-into-the-first-edit",
  story:
    "Edits that wait are merged with the older one's members winning: the spread is the wrong way round.",
  breaks: ["CLI-019", "CLI-015"],
  deform: (conforming) => ({
    ...conforming,
    enqueue(context, change) {
      const waiting = conforming
        .outbox(context)
        .find(({ type, id, sent }) => !sent && type === change.type && id === change.id);
      const stamp: JsonObject = { updatedAt: change.item["updatedAt"]! };
      const merged =
        waiting && !change.deleted && !waiting.deleted
          ? { ...change.item, ...contentOf(waiting.item), ...stamp }
          : change.item;
      if (isDeepStrictEqual(merged, change.item)) return conforming.enqueue(context, change);
      return conforming.enqueue(context, { ...change, item: merged });
    },
  }),
});

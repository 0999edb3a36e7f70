import { atStart } from "../../model-client/at-start.ts";
import type { ClientBehaviour } from "../../model-client/behaviour.ts";
import type { Context } from "../../model-client/context.ts";
import { clientMutant } from "../../model-client/mutant.ts";
import { entityKey } from "../../model-client/store.ts";
import type { Change, Frozen } from "../../model-client/store.ts";
import type { Told, Way } from "../../model-client/told.ts";

/** The writes of an entity that are not acknowledged. */
export const ofEntity = ({ store }: Context, type: string, id: string): Change[] =>
  [...store.changes.values()].filter((change) => change.type === type && change.id === id);

const isConfirmed = ({ store }: Context, { type, id }: Change): boolean =>
  store.rows.has(entityKey(type, id));

// Deletions of what was not acknowledged (CLI-021).

export const deleteCancelsTheCreate = clientMutant({
  name: "delete-cancels-the-create",
  story:
    "What the server has not confirmed is local still: a deletion takes the create off the queue, and that is that.",
  breaks: ["CLI-021"],
  deform: (conforming) => ({
    ...conforming,
    cancels: (context, _waiting, deletion) => !isConfirmed(context, deletion),
  }),
});

export const deleteCancelsTheCreateAndItsRequest = clientMutant({
  name: "delete-cancels-the-create-and-its-request",
  story:
    "A deletion of something new also aborts the request that carries it: as if that could take it back.",
  breaks: ["CLI-021", "CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    cancels(context, waiting, deletion) {
      if (isConfirmed(context, deletion)) return false;
      const numbers = new Set(waiting.map(({ n }) => n));
      for (const [key, { items }] of context.store.requests)
        if (items.some(({ n }) => numbers.has(n))) context.store.requests.delete(key);
      return true;
    },
  }),
});

export const deleteCancelsWhatFailed = clientMutant({
  name: "delete-cancels-what-failed",
  story: "A request that failed is marked as not sent, and what was not sent needs no deletion.",
  breaks: ["CLI-021"],
  deform: (conforming) => ({
    ...conforming,
    cancels: (context, _waiting, deletion) =>
      !isConfirmed(context, deletion) && context.lanes.push.attempts > 0,
  }),
});

export const forgetsTheDeletionWithTheAnswer = clientMutant({
  name: "forgets-the-deletion-with-the-answer",
  story: "The answer to the create sets the item's state to `synced`, whatever it was by then.",
  breaks: ["CLI-021", "CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    dequeue(context, change) {
      for (const { n, deleted } of ofEntity(context, change.type, change.id))
        if (deleted) context.store.changes.delete(String(n));
      conforming.dequeue(context, change);
    },
  }),
});

export const deleteCancelsWhatWasFoundAtStart = clientMutant({
  name: "delete-cancels-what-was-found-at-start",
  story:
    "Whether a create has gone out is a flag of the running process; what is read from disk at start counts as new.",
  breaks: ["CLI-021", "CLI-019"],
  deform(conforming) {
    const name = "delete-cancels-what-was-found-at-start";
    const started = atStart(conforming, name, ({ scratch, store }) => {
      scratch.set(name, store.state.nextChange);
    });
    return {
      ...started,
      cancels: (context, waiting, deletion) =>
        !isConfirmed(context, deletion) && waiting.every(({ n }) => n < Number(context.scratch.get(name))),
    };
  },
});

/** These may have been stored, and count as new from now on. */
function takeBack({ scratch }: Context, { items }: Frozen): void {
  for (const { n } of items) scratch.set(`new again ${n}`, true);
}

const cancelsWhatIsNew: ClientBehaviour["cancels"] = (context, waiting, deletion) =>
  !isConfirmed(context, deletion) &&
  waiting.every(({ n, sent }) => !sent || context.scratch.has(`new again ${n}`));

export const deleteCancelsWhatWasNotNamed = clientMutant({
  name: "delete-cancels-what-was-not-named",
  story:
    "What an answer does not name goes back into the queue as it came out of it, and a deletion takes what is in the queue off it.",
  breaks: ["CLI-021"],
  deform: (conforming) => ({
    ...conforming,
    cancels: cancelsWhatIsNew,
    async settle(context, frozen, answer) {
      const tally = await conforming.settle(context, frozen, answer);
      takeBack(context, frozen);
      return tally;
    },
  }),
});

export const deleteCancelsWhatWasForbidden = clientMutant({
  name: "delete-cancels-what-was-forbidden",
  story: "403 means that nothing was done, so what was in the request is new again.",
  breaks: ["CLI-021"],
  deform: (conforming) => ({
    ...conforming,
    cancels: cancelsWhatIsNew,
    fateOf(context, call, answer) {
      if (answer.status === 403)
        for (const request of context.store.requests.values()) takeBack(context, request);
      return conforming.fateOf(context, call, answer);
    },
  }),
});

// Order (CLI-022).

export const secondRequestBeforeTheFirstAnswer = clientMutant({
  name: "second-request-before-the-first-answer",
  story: "Each flush sends what is new since the last one, whether or not that has been answered.",
  breaks: ["CLI-022"],
  deform: (conforming) => ({
    ...conforming,
    pushesAtOnce: () => 2,
    mayGo: ({ held }, { n }) => !held.has(n),
    enqueue(context, change) {
      const queued = conforming.enqueue(context, change);
      sendBeside(context, change);
      return queued;
    },
  }),
});

export const deletesAtOnce = clientMutant({
  name: "deletes-at-once",
  story: "A deletion is a call of its own, made when the button is pressed, beside the queue of edits.",
  breaks: ["CLI-022"],
  deform: (conforming) => ({
    ...conforming,
    enqueue(context, change) {
      const queued = conforming.enqueue(context, change);
      if (change.deleted) sendBeside(context, change);
      return queued;
    },
  }),
});

/** Sends a write without regard to what is under way. */
function sendBeside(context: Context, change: Change): void {
  const { behaviour, transport, life } = context;
  const call = "push" as const;
  const key = behaviour.newKey(context);
  const { body } = behaviour.body(context, [change], call);
  const headers = behaviour.headers(context, call, key);
  transport(
    { method: "POST", path: "/api/sync/push", headers, body: new TextEncoder().encode(body) },
    life.signal,
  ).catch(() => {});
}

export const sendsTheLatestFirst = clientMutant({
  name: "sends-the-latest-first",
  story: "The queue is read in the order of a descending index, and every edit is a row of it.",
  breaks: ["CLI-022", "CLI-019"],
  deform: (conforming) => ({
    ...conforming,
    coalesces: () => false,
    batchSize: () => 1,
    mayGo: ({ held }, { n }) => !held.has(n),
    select(context) {
      const latest = new Map([...context.store.changes].toReversed());
      const frozen = new Set(
        [...context.store.requests.values()].flatMap(({ items }) => items.map(({ n }) => n)),
      );
      return [...latest.values()].filter(({ n }) => !frozen.has(n)).slice(0, 1);
    },
  }),
});

export const putsFailedRequestsLast = clientMutant({
  name: "puts-failed-requests-last",
  story:
    "What failed goes to the end of the queue, so that it holds nothing up, and what follows of the same entity overtakes it.",
  breaks: ["CLI-022", "CLI-019"],
  deform: (conforming) => ({
    ...conforming,
    coalesces: () => false,
    mayGo: ({ held }, { n }) => !held.has(n),
    requestToSend(context, frozen, attempt) {
      const { store, behaviour } = context;
      const numbers = new Set(frozen.items.map(({ n }) => n));
      const waiting = behaviour.outbox(context).filter(({ n, sent }) => !numbers.has(n) && !sent);
      if (attempt === 0 || waiting.length === 0) return frozen;
      const key = behaviour.newKey(context);
      const next = { key, ...behaviour.body(context, waiting.slice(-1), frozen.call) };
      store.requests.delete(frozen.key);
      store.requests.set(next.key, next);
      store.requests.set(frozen.key, frozen);
      return next;
    },
  }),
});

// Versions (CLI-023).

/** Sends what the server is known to have by batches, with the version that was seen last. */
const byBatch = (
  conforming: ClientBehaviour,
  learns: (context: Context, told: Told, way: Way) => boolean,
): ClientBehaviour => ({
  ...conforming,
  callFor: ({ store }, { type, id }) => (store.known.has(entityKey(type, id)) ? "batch" : "push"),
  learn(context, told, way) {
    const { store } = context;
    const key = entityKey(told.meta.entityType, told.meta.entityId);
    const before = store.known.get(key);
    conforming.learn(context, told, way);
    if (before && !learns(context, told, way))
      store.known.set(key, { ...store.known.get(key)!, version: before.version });
  },
});

export const learnsVersionsOfWinners = clientMutant({
  name: "learns-versions-of-winners",
  story:
    "Version and content are written in one statement, which is left out where the user's own edit is newer.",
  breaks: ["CLI-023"],
  deform: (conforming) =>
    byBatch(conforming, (context, { meta }) => {
      const key = entityKey(meta.entityType, meta.entityId);
      const own = [...ofEntity(context, meta.entityType, meta.entityId), context.store.dead.get(key)?.change];
      return own.every((change) => !change || change.at < Date.parse(meta.updatedAt));
    }),
});

export const learnsVersionsOfItsOwnWrites = clientMutant({
  name: "learns-versions-of-its-own-writes",
  story: "The version is kept when an answer tells it; what pulls tell of it is for other devices.",
  breaks: ["CLI-023"],
  deform: (conforming) => byBatch(conforming, (_context, _told, way) => way === "acknowledgement"),
});

export const learnsVersionsOnce = clientMutant({
  name: "learns-versions-once",
  story: "The version is copied when an item is first stored, and counted up by one with each own edit.",
  breaks: ["CLI-023"],
  deform: (conforming) => byBatch(conforming, () => false),
});

import { atStart } from "../../model-client/at-start.ts";
import { clientMutant } from "../../model-client/mutant.ts";
import { entityKey } from "../../model-client/store.ts";

export const dropsDeadLetters = clientMutant({
  name: "drops-dead-letters",
  story: "What the server refuses for good is removed from the outbox: nothing can be done about it.",
  breaks: ["CLI-029"],
  deform: (conforming) => ({
    ...conforming,
    bury: ({ store }, { n }) => void store.changes.delete(String(n)),
  }),
});

export const triesPermanentOnesThrice = clientMutant({
  name: "tries-permanent-ones-thrice",
  story: "Every refusal counts the same: three strikes.",
  breaks: ["CLI-029"],
  deform: (conforming) => ({ ...conforming, isPermanent: () => false }),
});

export const triesPermanentOnesForEver = clientMutant({
  name: "tries-permanent-ones-for-ever",
  story: "What is not acknowledged is sent with the next flush, whatever was said of it.",
  breaks: ["CLI-029"],
  deform: (conforming) => ({ ...conforming, isPermanent: () => false, mostTries: () => Infinity }),
});

export const stopsAtABadItem = clientMutant({
  name: "stops-at-a-bad-item",
  story:
    "The first refusal throws out of the loop that settles results, so what follows it is not settled, and sync stops.",
  breaks: ["CLI-029", "CLI-008"],
  deform: (conforming) => ({
    ...conforming,
    settleRefused(context, change, result, tally) {
      conforming.settleRefused(context, change, result, tally);
      context.stopped = "a refused item";
    },
  }),
});

export const refusesTheWholeRequestForOne = clientMutant({
  name: "refuses-the-whole-request-for-one",
  story: "`success: false` is read as a failure of the request: all of it is kept, and sent again.",
  breaks: ["CLI-029", "CLI-008"],
  deform: (conforming) => ({
    ...conforming,
    settle(context, frozen, answer) {
      if (answer.body["success"] !== false) return conforming.settle(context, frozen, answer);
      context.store.requests.delete(frozen.key);
      return { settled: 0, refused: [], conflicts: [] };
    },
  }),
});

export const keepsTheLatestDeadLetter = clientMutant({
  name: "keeps-the-latest-dead-letter",
  story: "`lastError` has room for one.",
  breaks: ["CLI-029"],
  deform: (conforming) => ({
    ...conforming,
    bury(context, change, code) {
      context.store.dead.clear();
      conforming.bury(context, change, code);
    },
  }),
});

export const hidesRefusedItems = clientMutant({
  name: "hides-refused-items",
  story: "A refused item is rolled back on the screen: the user's words are in a table that no screen shows.",
  breaks: ["CLI-029", "CLI-024"],
  deform: (conforming) => ({
    ...conforming,
    list(context, type) {
      const dead = [...context.store.dead.values()].map(({ change }) => change.id);
      return conforming.list(context, type).filter(({ id }) => !dead.includes(String(id)));
    },
  }),
});

export const leavesDeadLettersPending = clientMutant({
  name: "leaves-dead-letters-pending",
  story:
    "A dead letter is a flag that the list of failed items shows, and that the query of the flush does not look at.",
  breaks: ["CLI-029"],
  deform: (conforming) => ({
    ...conforming,
    bury(context, change, code) {
      conforming.bury(context, change, code);
      context.store.changes.set(String(change.n), { ...change, sent: false });
    },
  }),
});

export const losesDeadLettersAtStart = clientMutant({
  name: "loses-dead-letters-at-start",
  story: "Failed items are part of the sync service's state, which begins anew with the app.",
  breaks: ["CLI-029"],
  deform: (conforming) =>
    atStart(conforming, "loses-dead-letters-at-start", ({ store }) => store.dead.clear()),
});

export const retriesOnPaper = clientMutant({
  name: "retries-on-paper",
  story: "`retry` clears the flag; the item's next attempt was set to never, and stays so.",
  breaks: ["CLI-029"],
  deform: (conforming) => ({
    ...conforming,
    revive(context, change) {
      context.held.add(change.n);
      return conforming.revive(context, change);
    },
  }),
});

export const retriesUnderTheOldKey = clientMutant({
  name: "retries-under-the-old-key",
  story: "The key is stored with the item, so that a retry finds it: and the server repeats its refusal.",
  breaks: ["CLI-029", "CLI-009"],
  deform: (conforming) => ({
    ...conforming,
    freeze(context, changes) {
      const name = `key of ${changes.map(({ n }) => n).join(" ")}`;
      const known = context.store.scratch.get(name) as string | undefined;
      const frozen = conforming.freeze(context, changes);
      if (known === undefined) {
        for (const { n } of changes) context.store.scratch.set(`key of ${n}`, frozen.key);
        return frozen;
      }
      const again = { ...frozen, key: known };
      context.store.requests.delete(frozen.key);
      context.store.requests.set(known, again);
      return again;
    },
    select: (context) => conforming.select(context).slice(0, 1),
  }),
});

export const buriesUnknownCodesAtOnce = clientMutant({
  name: "buries-unknown-codes-at-once",
  story: "A code that the list of those that may pass does not have is taken for permanent.",
  breaks: ["CLI-029"],
  deform: (conforming) => ({ ...conforming, mostTries: () => 1 }),
});

export const givesUpAfterTwo = clientMutant({
  name: "gives-up-after-two",
  story: "The count begins at one, and is compared before it is counted up.",
  breaks: ["CLI-029"],
  deform: (conforming) => ({ ...conforming, mostTries: () => 2 }),
});

export const givesUpAfterFive = clientMutant({
  name: "gives-up-after-five",
  story: "The library's default for retries is five.",
  breaks: ["CLI-029"],
  deform: (conforming) => ({ ...conforming, mostTries: () => 5 }),
});

export const waitsForTheBadOne = clientMutant({
  name: "waits-for-the-bad-one",
  story: "The queue is worked off from its head, and its head waits for its next try.",
  breaks: ["CLI-029"],
  deform: (conforming) => ({
    ...conforming,
    select(context) {
      const waits = context.behaviour.outbox(context).some(({ n }) => (context.refusals.get(n) ?? 0) > 0);
      const ready = conforming.select(context);
      return waits ? ready.filter(({ n }) => (context.refusals.get(n) ?? 0) > 0) : ready;
    },
  }),
});

export const keepsTheDeadLetterBeside = clientMutant({
  name: "keeps-the-dead-letter-beside",
  story: "Dead letters are a log of failures; an edit that mends one knows nothing of it.",
  breaks: ["CLI-029"],
  deform: (conforming) => ({ ...conforming, replacesDeadLetter: () => false }),
});

export const editsTheDeadLetter = clientMutant({
  name: "edits-the-dead-letter",
  story:
    "The entity's row of the outbox is there already, marked as failed, and the edit updates what it carries.",
  breaks: ["CLI-029"],
  deform: (conforming) => ({
    ...conforming,
    enqueue(context, change) {
      const key = entityKey(change.type, change.id);
      const letter = context.store.dead.get(key);
      if (letter === undefined) return conforming.enqueue(context, change);
      context.store.dead.set(key, { ...letter, change });
    },
  }),
});

export const buriesTheSuccessorToo = clientMutant({
  name: "buries-the-successor-too",
  story:
    "UPDATE outbox SET failed = 1 WHERE entity_id = ?: the edit that would have mended it is marked as well.",
  breaks: ["CLI-029", "CLI-019"],
  deform: (conforming) => ({
    ...conforming,
    bury(context, change, code) {
      const { store } = context;
      for (const other of store.changes.values())
        if (other.type === change.type && other.id === change.id) store.changes.delete(String(other.n));
      conforming.bury(context, change, code);
    },
  }),
});

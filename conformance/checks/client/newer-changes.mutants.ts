import type { ClientBehaviour } from "../../model-client/behaviour.ts";
import type { Context } from "../../model-client/context.ts";
import { clientMutant } from "../../model-client/mutant.ts";
import { entityKey } from "../../model-client/store.ts";
import type { Change } from "../../model-client/store.ts";

export const editsAlwaysOnTop = clientMutant({
  name: "edits-always-on-top",
  story: "What the user has written is what the user sees, until the server has spoken.",
  breaks: ["CLI-051", "CLI-007"],
  deform: (conforming) => ({
    ...conforming,
    outranks: () => true,
    // Conflicts are settled by the stamps all the same.
    resolveConflict: (context, change) =>
      conforming.resolveConflict(
        { ...context, behaviour: { ...context.behaviour, outranks: conforming.outranks } },
        change,
      ),
  }),
});

/** A client that does something with the edits that a row has beaten. */
const onEditsThatLost = (
  conforming: ClientBehaviour,
  does: (context: Context, lost: Change) => void,
): ClientBehaviour => ({
  ...conforming,
  afterApplying(context, told, way) {
    conforming.afterApplying(context, told, way);
    if (way === "acknowledgement") return;
    const { entityType: type, entityId: id } = told.meta;
    const row = context.store.rows.get(entityKey(type, id));
    for (const change of conforming.outbox(context))
      if (row && change.type === type && change.id === id && !conforming.outranks(context, change, row))
        does(context, change);
  },
});

export const givesUpWhatHasLost = clientMutant({
  name: "gives-up-what-has-lost",
  story: "An edit that is older than what the pull brings has lost; why bother the server with it?",
  breaks: ["CLI-051", "CLI-018"],
  deform: (conforming) =>
    onEditsThatLost(conforming, ({ store }, { n }) => void store.changes.delete(String(n))),
});

export const sendsNothingThatHasLost = clientMutant({
  name: "sends-nothing-that-has-lost",
  story:
    "What has lost is marked as such, and whatever carries it is not sent any more; the queue still counts it.",
  breaks: ["CLI-051", "CLI-018"],
  deform: (conforming) => ({
    ...onEditsThatLost(conforming, ({ store }, { n }) => {
      store.scratch.set(`lost ${n}`, true);
      for (const [key, { items }] of store.requests)
        if (items.some((item) => item.n === n)) store.requests.delete(key);
    }),
    mayGo: (context, change, preceded) =>
      !context.store.scratch.has(`lost ${change.n}`) && conforming.mayGo(context, change, preceded),
  }),
});

export const deadLettersAlwaysOnTop = clientMutant({
  name: "dead-letters-always-on-top",
  story: "Lists show the rejected version with a red mark, so that nobody overlooks it, whatever came since.",
  breaks: ["CLI-051"],
  deform: (conforming) => ({
    ...conforming,
    visible(context, type, id) {
      const letter = context.store.dead.get(entityKey(type, id));
      return letter ? letter.change.item : conforming.visible(context, type, id);
    },
  }),
});

export const forgetsDeadLettersThatLost = clientMutant({
  name: "forgets-dead-letters-that-lost",
  story: "A newer edit takes the place of a dead letter, and another device's is one as well.",
  breaks: ["CLI-051", "CLI-029"],
  deform: (conforming) => ({
    ...conforming,
    afterApplying(context, told, way) {
      conforming.afterApplying(context, told, way);
      const key = entityKey(told.meta.entityType, told.meta.entityId);
      const [row, letter] = [context.store.rows.get(key), context.store.dead.get(key)];
      if (row && letter && !conforming.outranks(context, letter.change, row)) context.store.dead.delete(key);
    },
  }),
});

import { clientMutant } from "../../model-client/mutant.ts";

export const filesAnswersUnderTheIdItSent = clientMutant({
  name: "files-answers-under-the-id-it-sent",
  story:
    "The result is matched with the item that was sent, and stored under that item's id; the pull brings the other one.",
  breaks: ["CLI-006"],
  deform: (conforming) => ({
    ...conforming,
    toldByResult(context, change, result) {
      const told = conforming.toldByResult(context, change, result);
      return told && { ...told, meta: { ...told.meta, entityId: change.id } };
    },
  }),
});

export const rekeysTheRowAlone = clientMutant({
  name: "rekeys-the-row-alone",
  story:
    "The stored row gets the server's id; an edit that waits still has the old one, and shows beside it.",
  breaks: ["CLI-006"],
  deform: (conforming) => ({ ...conforming, rekey() {} }),
});

export const losesWaitingEditsWhenItRekeys = clientMutant({
  name: "loses-waiting-edits-when-it-rekeys",
  story: "The entity under the old id is removed with everything that belongs to it.",
  breaks: ["CLI-006", "CLI-018"],
  deform: (conforming) => ({
    ...conforming,
    rekey(context, type, from, to) {
      for (const change of context.behaviour.outbox(context))
        if (change.type === type && change.id === from && !change.sent)
          context.store.changes.delete(String(change.n));
      conforming.rekey(context, type, from, to);
    },
  }),
});

export const knowsTheRuleItself = clientMutant({
  name: "knows-the-rule-itself",
  story:
    "It names pieces by the server's rule before it sends them, so the two can't differ, and re-keying is for the one difference that its rule knows of: case.",
  breaks: ["CLI-006"],
  deform: (conforming) => ({
    ...conforming,
    rekey(context, type, from, to) {
      if (from.toLowerCase() === to) conforming.rekey(context, type, from, to);
    },
  }),
});

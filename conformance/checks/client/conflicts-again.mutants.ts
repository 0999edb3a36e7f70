import { clientMutant, tally } from "../../model-client/mutant.ts";

export const pullsOnce = clientMutant({
  name: "pulls-after-the-first-conflict-alone",
  story: "That an item met a conflict is noted with it, and one so noted has been pulled for already.",
  breaks: ["CLI-031"],
  deform: (conforming) => ({
    ...conforming,
    itemFateOf(context, code, tries) {
      if (code === "VERSION_CONFLICT" && tally(context, "conflicts") > 1) return "try-again";
      return conforming.itemFateOf(context, code, tries);
    },
    holdMs: () => 0,
  }),
});

export const stampsAnewAfterAConflict = clientMutant({
  name: "stamps-anew-after-a-conflict",
  story: "An edit that has to go out once more is rebased: on what was pulled, and on now.",
  breaks: ["CLI-031", "CLI-004"],
  deform: (conforming) => ({
    ...conforming,
    resolveConflict(context, change) {
      conforming.resolveConflict(context, change);
      const { behaviour, store } = context;
      const kept = store.changes.get(String(change.n));
      if (!kept) return;
      const at = behaviour.stamp(context, kept.type, kept.id);
      store.changes.set(String(kept.n), behaviour.withStamp(context, kept, at));
    },
  }),
});

import { clientMutant } from "../../model-client/mutant.ts";

export const serverAlwaysWins = clientMutant({
  name: "server-always-wins",
  story: "On a conflict the local edit is thrown away, and the server's item shown.",
  breaks: ["CLI-031"],
  deform: (conforming) => ({
    ...conforming,
    resolveConflict: ({ store }, { n }) => void store.changes.delete(String(n)),
  }),
});

export const sendsAgainWithoutAPull = clientMutant({
  name: "sends-again-without-a-pull",
  story: "The conflict tells the stored version, which is all that the next attempt needs.",
  breaks: ["CLI-031"],
  deform: (conforming) => ({
    ...conforming,
    itemFateOf: (context, code, tries) =>
      code === "VERSION_CONFLICT" ? "try-again" : conforming.itemFateOf(context, code, tries),
  }),
});

export const leavesConflictsForLater = clientMutant({
  name: "leaves-conflicts-for-later",
  story: "A conflicting edit is marked as such, and a screen to solve it was planned.",
  breaks: ["CLI-031"],
  deform: (conforming) => ({
    ...conforming,
    resolveConflict: (context, { n }) => void context.held.add(n),
  }),
});

export const clientAlwaysWins = clientMutant({
  name: "client-always-wins",
  story:
    "The edit is sent again on top of what the server has, with a stamp above it: the user pressed save.",
  breaks: ["CLI-031", "CLI-004"],
  deform: (conforming) => ({
    ...conforming,
    resolveConflict(context, { n }) {
      const { behaviour, store } = context;
      store.transaction(() => {
        const change = store.changes.get(String(n));
        if (!change) return;
        const at = behaviour.stamp(context, change.type, change.id);
        behaviour.putBack(context, behaviour.withStamp(context, change, at));
      });
    },
  }),
});

export const takesConflictsForDead = clientMutant({
  name: "takes-conflicts-for-dead",
  story: "An edit that lost goes to the list of failed items, so that nothing is ever dropped.",
  breaks: ["CLI-031", "CLI-030"],
  deform: (conforming) => ({
    ...conforming,
    resolveConflict(context, { n }) {
      const change = context.store.changes.get(String(n));
      if (change) context.behaviour.bury(context, change, "VERSION_CONFLICT");
    },
  }),
});

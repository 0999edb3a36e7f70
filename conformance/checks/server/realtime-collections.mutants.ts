import { COLLECTIONS, isMember } from "../../../schemas/collections.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import { onlyOnSockets } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";
import { Refusal } from "../../model/refusal.ts";

export const answersByErrorWhereNothingIsGood = mutant({
  name: "answers-by-error-where-nothing-is-good",
  story: "A message of which nothing is left to store is taken for a failure.",
  breaks: ["RT-050"],
  deform: (conforming) => ({
    ...conforming,
    ackFrame(context, connection, judgements) {
      const [first] = judgements;
      const isGood = first === undefined || judgements.some(({ outcome }) => outcome !== "refused");
      if (isGood) return conforming.ackFrame(context, connection, judgements);
      return conforming.refusalFrame(context, first);
    },
  }),
});

export const ignoresOtherCollections = mutant({
  name: "ignores-other-collections-in-bulk-messages",
  story: "The handler reads the members that it knows, and the message is acknowledged by what was read.",
  breaks: ["RT-051"],
  deform: (conforming) => ({ ...conforming, strayItems: () => [] }),
});

export const takesPiecesFromAnyBulk = mutant({
  name: "takes-pieces-from-any-bulk",
  story: "Both bulk messages go through the code of a push, which knows all collections.",
  breaks: ["RT-051"],
  deform: (conforming) => ({
    ...conforming,
    strayItems: (context, message, known) =>
      conforming.strayItems(context, message, known).map((one) => {
        const [, member] = one.pointer.split("/");
        return isMember(member) ? { ...one, entityType: COLLECTIONS[member] } : one;
      }),
  }),
});

export const refusesBulksOfUnknownMembers = mutant({
  name: "refuses-bulks-with-unknown-collections",
  story: "One collection that is not known makes the whole message one that is not known.",
  breaks: ["RT-051"],
  deform: (conforming) => ({
    ...conforming,
    strayItems(context, message, known) {
      if (conforming.strayItems(context, message, known).length === 0) return [];
      throw new Refusal("INVALID_REQUEST", "the message has an unknown collection");
    },
  }),
});

export const countsNoItemsOnSockets = mutant({
  name: "counts-no-items-on-sockets",
  story: "The number of items is checked where a request's body is read.",
  breaks: ["LIM-008"],
  deform: onlyOnSockets((conforming) => ({ ...conforming, checkItemCount: () => {} }), ["checkItemCount"]),
});

export const holdsDeployedPeersToMaxItems = mutant({
  name: "holds-deployed-peers-on-sockets-to-max-items",
  story: "Which limit counts is read from the header, and a socket's messages have none.",
  breaks: ["LIM-008"],
  deform: onlyOnSockets(
    (conforming) => ({ ...conforming, itemLimit: ({ server }) => server.limits.maxItems }),
    ["itemLimit"],
  ),
});

/** Another depth for messages than for bodies. */
const depth =
  (change: (most: number) => number) =>
  (conforming: Behaviour): Behaviour =>
    onlyOnSockets(
      (original) => ({ ...original, depthLimit: (context) => change(original.depthLimit(context)) }),
      ["depthLimit"],
    )(conforming);

export const hasNoDepthLimitOnSockets = mutant({
  name: "has-no-depth-limit-on-sockets",
  story: "The parser of bodies is given a limit, and that of messages none.",
  breaks: ["LIM-008"],
  deform: depth(() => 100_000),
});

export const countsDepthFromTheItem = mutant({
  name: "counts-depth-from-the-item",
  story: "The limit is applied to items, so that both channels take the same ones.",
  breaks: ["LIM-008"],
  deform: depth((most) => most + 1),
});

export const countsDepthAsInAPush = mutant({
  name: "counts-depth-as-in-a-push",
  story:
    "A message is put into the form of a push before its depth is measured, and so lies two levels deeper.",
  breaks: ["LIM-008"],
  deform: depth((most) => most - 2),
});

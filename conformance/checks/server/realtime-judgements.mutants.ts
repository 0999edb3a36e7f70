import type { JsonObject } from "../../../schemas/json.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { writingAlso } from "../../model/deform.ts";
import { changingMessages, onlyOnSockets } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";
import type { Connection } from "../../model/realtime/connection.ts";
import { Refusal } from "../../model/refusal.ts";
import type { Row } from "../../model/state.ts";
import type { Judgement } from "../../model/submission.ts";

/** Tells the others also of what changed nothing, as the rows that `rowOf` gives. */
const tellingAlso =
  (outcome: Judgement["outcome"], rowOf: (judgement: Judgement) => Row) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    async settle(context, connection, judgements, rows) {
      await conforming.settle(context, connection, judgements, rows);
      const others = conforming.audience(context).filter((one) => one !== connection);
      for (const judgement of judgements.filter((one) => one.outcome === outcome)) {
        for (const other of others) conforming.sendEvent(context, other, [rowOf(judgement)]);
      }
    },
  });

export const tellsTheWinnerToAll = mutant({
  name: "tells-the-winner-of-a-superseded-write-to-all",
  story: "What deployed senders need, the winner as an event, is sent to the whole room.",
  breaks: ["RT-015"],
  deform: tellingAlso("superseded", ({ row }) => row!),
});

export const tellsTheLoser = mutant({
  name: "tells-the-loser",
  story: "The room is told of every message that was judged without an error.",
  breaks: ["RT-015", "RT-018"],
  deform: tellingAlso("superseded", ({ row, candidate }) => ({
    ...row!,
    item: candidate!.deleted ? null : candidate!.item,
    stamp: candidate!.stamp,
  })),
});

export const tellsDuplicates = mutant({
  name: "tells-duplicates",
  story: "An upsert that changes nothing is a success, and a success is told.",
  breaks: ["RT-015"],
  deform: tellingAlso("duplicate", ({ row }) => row!),
});

export const answersSupersededByError = mutant({
  name: "answers-superseded-by-error",
  story: "A write that loses is thought to have failed.",
  breaks: ["RT-015", "RT-013"],
  deform: changingMessages(["SYNC_RESPONSE"], (frame) =>
    frame["outcome"] === "superseded"
      ? {
          type: "ERROR",
          code: "INVALID_ITEM",
          error: "a newer version is stored",
          clientChangeId: frame["clientChangeId"]!,
        }
      : frame,
  ),
});

const losing = (outcome: string) =>
  changingMessages(["SYNC_RESPONSE"], (frame) => (frame["outcome"] === outcome ? undefined : frame));

export const leavesSupersededUnanswered = mutant({
  name: "leaves-superseded-mutations-unanswered",
  story: "The acknowledgement hangs on the row that was written, and here none was.",
  breaks: ["RT-015", "RT-013"],
  deform: losing("superseded"),
});

export const leavesDuplicatesUnanswered = mutant({
  name: "leaves-duplicate-mutations-unanswered",
  story: "A repetition was answered the first time, so it is dropped.",
  breaks: ["RT-015", "RT-013"],
  deform: losing("duplicate"),
});

/** Runs `known` in place of serving a mutation whose name was heard before; a scope is what a name is unique in. */
const knowingNames =
  (
    scope: (connection: Connection) => string,
    known: (context: Context, connection: Connection, earlier: JsonObject | undefined) => void,
  ) =>
  (conforming: Behaviour): Behaviour => {
    const slot = (context: Context, connection: Connection): string | undefined => {
      const name = context.message?.["clientChangeId"];
      return typeof name === "string" ? `change ${scope(connection)} ${name}` : undefined;
    };
    return {
      ...conforming,
      async interceptMessage(context, connection) {
        const name = slot(context, connection);
        if (name === undefined || !context.server.scratch.has(name)) return false;
        known(context, connection, context.server.scratch.get(name) as JsonObject);
        return true;
      },
      ackFrame(context, connection, judgements) {
        const frame = conforming.ackFrame(context, connection, judgements);
        const name = slot(context, connection);
        if (name !== undefined) context.server.scratch.set(name, frame);
        return frame;
      },
    };
  };

export const ignoresAKnownChangeId = mutant({
  name: "ignores-a-known-change-id",
  story: "A set of names that were seen on the socket filters repetitions.",
  breaks: ["RT-017"],
  deform: knowingNames(
    ({ id }) => id,
    () => {},
  ),
});

export const takesAKnownChangeIdForADuplicate = mutant({
  name: "answers-a-known-change-id-with-the-first-answer",
  story: "The name is treated as the idempotency key that HTTP has.",
  breaks: ["RT-017"],
  deform: knowingNames(
    ({ id }) => id,
    (context, connection, earlier) => context.behaviour.send(context, connection, earlier!),
  ),
});

export const sharesChangeIdsAmongSockets = mutant({
  name: "shares-change-ids-among-the-sockets-of-a-user",
  story: "Names that were seen are kept for the user, though each device counts for itself.",
  breaks: ["RT-017"],
  deform: (conforming) => {
    const deformed = knowingNames(
      ({ userId }) => userId,
      (context, connection, earlier) => context.behaviour.send(context, connection, earlier!),
    )(conforming);
    return {
      ...deformed,
      async interceptMessage(context, connection, message) {
        const owner = `owner ${connection.userId} ${String(message["clientChangeId"])}`;
        const first = context.server.scratch.get(owner) ?? connection.id;
        context.server.scratch.set(owner, first);
        return first === connection.id ? false : deformed.interceptMessage(context, connection, message);
      },
    };
  },
});

export const remembersRefusalsByChangeId = mutant({
  name: "remembers-refusals-by-change-id",
  story: "A change that was refused once is refused for ever, by its name.",
  breaks: ["RT-017"],
  deform: (conforming) => {
    const slot = ({ message, user }: Context): string =>
      `refused ${user.id} ${String(message?.["clientChangeId"])}`;
    return {
      ...conforming,
      refusalFrame(context, judgement) {
        const frame = conforming.refusalFrame(context, judgement);
        context.server.scratch.set(slot(context), frame);
        return frame;
      },
      async interceptMessage(context, connection) {
        const earlier = context.server.scratch.get(slot(context)) as JsonObject | undefined;
        if (earlier === undefined) return false;
        conforming.send(context, connection, earlier);
        return true;
      },
    };
  },
});

export const takesANewChangeIdForANewChange = mutant({
  name: "takes-a-new-change-id-for-a-new-change",
  story: "A change is recognised by its name, so the same one under another name is written once more.",
  breaks: ["RT-017", "RT-015", "ORD-006", "RT-004"],
  deform: onlyOnSockets(
    writingAlso("duplicate", (_stored, built) => built),
    ["decide", "buildRow"],
  ),
});

export const demandsAChangeId = mutant({
  name: "demands-a-change-id",
  story: "The handler looks for the name first, since it could not answer without one.",
  breaks: ["RT-017"],
  deform: (conforming) => ({
    ...conforming,
    mutationItems(context, message) {
      if (typeof message["clientChangeId"] === "string") return conforming.mutationItems(context, message);
      throw new Refusal("INVALID_REQUEST", "the message must have a clientChangeId");
    },
  }),
});

export const knowsOneChangeWithoutId = mutant({
  name: "knows-one-change-without-an-id",
  story: "All changes without a name have the same one in the set of those that were seen: undefined.",
  breaks: ["RT-017"],
  deform: (conforming) => ({
    ...conforming,
    async interceptMessage(_context, connection, message) {
      if (typeof message["clientChangeId"] === "string") return false;
      const seen = connection.memory.has("unnamed");
      connection.memory.set("unnamed", true);
      return seen;
    },
  }),
});

import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { mutant, tally } from "../../model/mutant.ts";
import type { Row } from "../../model/state.ts";

/** Another behaviour for which rows of a write are told. */
function telling(choose: (rows: readonly Row[], context: Context) => readonly Row[]) {
  return (conforming: Behaviour): Behaviour => ({
    ...conforming,
    fanOut: (context, rows) => conforming.fanOut(context, choose(rows, context)),
  });
}

const overHttp = ({ connection }: Context): boolean => connection === undefined;
const named = (context: Context): string | undefined =>
  context.behaviour.fetchHeader(context, "x-connection-id");

export const tellsOnlyWhatCameOnSockets = mutant({
  name: "tells-only-what-came-on-sockets",
  story: "The socket's handler broadcasts; the push handler writes to the database and knows no sockets.",
  breaks: ["RT-001"],
  deform: telling((rows, context) => (overHttp(context) ? [] : rows)),
});

export const tellsFirstItemOfPushes = mutant({
  name: "tells-the-first-item-of-a-push",
  story: "The broadcast takes `changes[0]`, as clients used to push one change at a time.",
  breaks: ["RT-001"],
  deform: telling((rows, context) => (overHttp(context) ? rows.slice(0, 1) : rows)),
});

export const tellsTypesOfTheFirstAppOnly = mutant({
  name: "tells-entries-and-pieces-of-pushes-only",
  story: "The push handler maps a change to a message by a table from the days when there were two types.",
  breaks: ["RT-001"],
  deform: telling((rows, context) =>
    overHttp(context)
      ? rows.filter(({ entityType }) =>
          // Goals are told: a fence is one.
          ["logbook_entry", "repertoire_item", "goal"].includes(entityType),
        )
      : rows,
  ),
});

export const tellsNewestSocketOnly = mutant({
  name: "tells-the-newest-socket-only",
  story: "Sockets are kept in a map by user, so a second one takes the place of the first.",
  breaks: ["RT-001", "RT-016"],
  deform: (conforming) => ({
    ...conforming,
    audience: (context) => conforming.audience(context).slice(-1),
    hasRoom: () => true,
  }),
});

export const tellsOnlyThoseWhoCaughtUp = mutant({
  name: "tells-only-those-who-caught-up",
  story: "A connection joins the list of listeners when it asks for catch-up.",
  breaks: ["RT-001", "RT-016"],
  deform: (conforming) => ({
    ...conforming,
    audience: (context) => conforming.audience(context).filter(({ watermark }) => watermark !== null),
    hasRoom: () => true,
  }),
});

export const tellsNoBatches = mutant({
  name: "tells-no-batches",
  story: "The broadcast was added to push; batch is an old call that nobody remembered.",
  breaks: ["RT-001"],
  deform: telling((rows, { endpoint }) => (endpoint === "batch" ? [] : rows)),
});

export const tellsNoDeletionsOfHttp = mutant({
  name: "tells-no-deletions-of-http",
  story: "The broadcast reads the items back from the table, where a deletion has none.",
  breaks: ["RT-001"],
  deform: telling((rows, context) => (overHttp(context) ? rows.filter(({ item }) => item !== null) : rows)),
});

export const tellsNewEntitiesOnly = mutant({
  name: "tells-new-entities-only",
  story: "A trigger on INSERT feeds the broadcast; an update in place does not fire it.",
  breaks: ["RT-001", "RT-016"],
  deform: telling((rows) => rows.filter(({ version }) => version === 1)),
});

export const ignoresConnectionIds = mutant({
  name: "ignores-connection-ids",
  story: "The header is allowed by CORS and read by nobody.",
  breaks: ["RT-002"],
  deform: (conforming) => ({
    ...conforming,
    isOwn: (context, connection) => context.connection === connection,
  }),
});

export const sparesEverySocketOfTheDevice = mutant({
  name: "spares-every-socket-of-a-token",
  story: "The named socket is looked up, and everything that was opened with the same token counts as it.",
  breaks: ["RT-001", "RT-002"],
  deform: (conforming) => ({
    ...conforming,
    isOwn(context, connection) {
      if (conforming.isOwn(context, connection)) return true;
      const id = named(context);
      const own = id && conforming.audience(context).find((one) => one.id === id);
      return Boolean(own && own.context.query.get("token") === connection.context.query.get("token"));
    },
  }),
});

export const sparesAllWhereOneIsNamed = mutant({
  name: "spares-all-where-one-is-named",
  story: "A push with the header is taken for one whose change has been told on the socket already.",
  breaks: ["RT-001", "RT-002"],
  deform: telling((rows, context) => (overHttp(context) && named(context) !== undefined ? [] : rows)),
});

export const sparesTheNamedForEver = mutant({
  name: "spares-a-named-socket-for-ever",
  story: "The header sets a flag on the connection which nobody takes back.",
  breaks: ["RT-001", "RT-002"],
  deform: (conforming) => ({
    ...conforming,
    isOwn(context, connection) {
      const own = conforming.isOwn(context, connection);
      if (own && overHttp(context)) connection.memory.set("spared", true);
      return own || (overHttp(context) && connection.memory.has("spared"));
    },
  }),
});

export const sparesTheFirstPushOnly = mutant({
  name: "spares-a-named-socket-once",
  story: "The header's value is put into a set of ids to skip, and a skip takes it out for good.",
  breaks: ["RT-002"],
  deform: (conforming) => ({
    ...conforming,
    isOwn: (context, connection) =>
      conforming.isOwn(context, connection) &&
      (context.connection !== undefined || tally(context, "spared") === 1),
  }),
});

export const sparesEntriesOnly = mutant({
  name: "spares-a-named-socket-entries-only",
  story: "The general message for the newer types has a broadcast of its own, without the exception.",
  breaks: ["RT-002"],
  deform: (conforming) => ({
    ...conforming,
    tell(context, connection, rows) {
      const entries = rows.filter(({ entityType }) => entityType === "logbook_entry");
      if (!overHttp(context) || entries.length === rows.length) {
        return conforming.tell(context, connection, rows);
      }
      const behaviour = { ...context.behaviour, isOwn: () => false };
      conforming.tell({ ...context, behaviour }, connection, rows);
    },
  }),
});

export const refusesUnknownConnectionIds = mutant({
  name: "fails-on-unknown-connection-ids",
  story: "The socket of that id is looked up without asking whether there is one.",
  breaks: ["RT-002"],
  deform: (conforming) => ({
    ...conforming,
    fanOut(context, rows) {
      const id = overHttp(context) ? named(context) : undefined;
      const known = id === undefined || conforming.audience(context).some((one) => one.id === id);
      if (known) conforming.fanOut(context, rows);
    },
  }),
});

export const tellsDeployedSendersNothing = mutant({
  name: "tells-deployed-losers-nothing",
  story: "The acknowledgement has the winner in `item`, and that is thought to be enough for everybody.",
  breaks: ["RT-003"],
  deform: (conforming) => ({ ...conforming, tellWinners: () => {} }),
});

export const tellsWinnersWithSeq = mutant({
  name: "tells-winners-with-seq",
  story: "The winner goes out by the same helper as every other event, which adds the seq.",
  breaks: ["RT-003", "RT-021"],
  deform: (conforming) => ({
    ...conforming,
    tellWinners(context, connection, judgements) {
      for (const { outcome, row } of judgements)
        if (outcome === "superseded" && row) conforming.sendEvent(context, connection, [row]);
    },
  }),
});

export const tellsLosersToTheirSenders = mutant({
  name: "tells-losers-to-their-senders",
  story: "The event is built from the message that came in, not from what is stored.",
  breaks: ["RT-003", "RT-018"],
  deform: (conforming) => ({
    ...conforming,
    tellWinners: (context, connection, judgements) =>
      conforming.tellWinners(
        context,
        connection,
        judgements.map((judgement) => {
          const { row, candidate } = judgement;
          return row?.item && candidate
            ? { ...judgement, row: { ...row, item: candidate.item, stamp: candidate.stamp } }
            : judgement;
        }),
      ),
  }),
});

export const tellsOnlyWinnersThatAreLive = mutant({
  name: "tells-live-winners-only",
  story: "`if (winner.item) send(...)`.",
  breaks: ["RT-003"],
  deform: (conforming) => ({
    ...conforming,
    tellWinners: (context, connection, judgements) =>
      conforming.tellWinners(
        context,
        connection,
        judgements.filter(({ row }) => row?.item),
      ),
  }),
});

export const tellsFirstWinnerOnly = mutant({
  name: "tells-the-first-winner-only",
  story: "A message has one winner, thought whoever had single messages in mind.",
  breaks: ["RT-003"],
  deform: (conforming) => ({
    ...conforming,
    tellWinners: (context, connection, judgements) =>
      conforming.tellWinners(
        context,
        connection,
        judgements.filter(({ outcome }) => outcome === "superseded").slice(0, 1),
      ),
  }),
});

export const tellsWinnersOfEntriesOnly = mutant({
  name: "tells-winners-of-entries-only",
  story: "The rule stands in the handler of entries alone.",
  breaks: ["RT-003"],
  deform: (conforming) => ({
    ...conforming,
    tellWinners: (context, connection, judgements) =>
      conforming.tellWinners(
        context,
        connection,
        judgements.filter(({ row }) => row?.entityType === "logbook_entry"),
      ),
  }),
});

export const sparesForPushesOnly = mutant({
  name: "spares-the-named-socket-of-pushes-only",
  story: "The header is read in the push handler; batches came from clients that had no sockets.",
  breaks: ["RT-002"],
  deform: (conforming) => ({
    ...conforming,
    isOwn: (context, connection) =>
      context.endpoint === "batch" ? false : conforming.isOwn(context, connection),
  }),
});

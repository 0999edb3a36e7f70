import { mutant, tally } from "../../model/mutant.ts";

export const eventsInOrderOfTypes = mutant({
  name: "events-of-a-push-in-order-of-types",
  story: "What a push changed is collected in a map by type, and told one type after the other.",
  breaks: ["RT-021", "RT-022"],
  deform: (conforming) => ({
    ...conforming,
    groupRows: (context, rows) =>
      conforming.groupRows(
        context,
        rows.toSorted((a, b) => (a.entityType < b.entityType ? -1 : a.entityType > b.entityType ? 1 : 0)),
      ),
  }),
});

export const deletionsAreToldLast = mutant({
  name: "deletions-of-a-push-are-told-last",
  story: "Live items and deletions of a push are told by two loops.",
  breaks: ["RT-021", "RT-022"],
  deform: (conforming) => ({
    ...conforming,
    groupRows: (context, rows) =>
      [rows.filter(({ item }) => item !== null), rows.filter(({ item }) => item === null)].flatMap((some) =>
        conforming.groupRows(context, some),
      ),
  }),
});

export const someEventsAreLost = mutant({
  name: "every-seventh-event-is-lost",
  story: "A send that fails is logged and forgotten, and the next number goes out all the same.",
  breaks: ["RT-001", "RT-016", "RT-021", "RT-022"],
  deform: (conforming) => ({
    ...conforming,
    sendEvent(context, connection, rows) {
      if (tally(context, `events of ${connection.id}`) % 7 !== 0)
        conforming.sendEvent(context, connection, rows);
    },
  }),
});

export const httpWritesAreToldLater = mutant({
  name: "events-of-http-writes-are-told-later",
  story: "HTTP writes reach the sockets by a queue, those of sockets at once.",
  breaks: ["RT-021", "RT-022"],
  deform: (conforming) => ({
    ...conforming,
    fanOut(context, rows) {
      if (context.connection !== undefined) return conforming.fanOut(context, rows);
      // Longer than a round of writes takes, so that it shows whichever of two writes comes first.
      let turns = 200;
      const later = (): void => {
        turns -= 1;
        if (turns === 0) conforming.fanOut(context, rows);
        else setImmediate(later);
      };
      later();
    },
  }),
});

export const eventsCarryTheHead = mutant({
  name: "events-carry-the-head-of-their-push",
  story:
    "The number is read from the store when the event is made, and the push is stored as a whole by then.",
  breaks: ["RT-022"],
  deform: (conforming) => ({
    ...conforming,
    eventSeq: ({ user }, { watermark }) => (watermark === null ? undefined : user.head),
  }),
});

export const acksCarryTheirSeq = mutant({
  name: "acknowledgements-carry-the-seq-of-their-change",
  story: "lastSeq of an acknowledgement is filled from its meta.",
  breaks: ["RT-022", "RT-024"],
  deform: (conforming) => ({
    ...conforming,
    ackLastSeq: (_context, { watermark }, judgements) =>
      watermark === null ? undefined : judgements.at(-1)?.row?.seq,
  }),
});

export const refusedRequestSetsThePlace = mutant({
  name: "refused-sync-request-puts-the-connection-at-the-head",
  story: "The watermark is set before the request is judged.",
  breaks: ["RT-022", "RT-023"],
  deform: (conforming) => ({
    ...conforming,
    baselineOf(context, connection, message) {
      connection.watermark ??= context.user.head;
      return conforming.baselineOf(context, connection, message);
    },
  }),
});

export const refusalsCarryTheHead = mutant({
  name: "refusals-carry-the-head",
  story: "Everything that answers a SYNC_REQUEST says where the server is.",
  breaks: ["RT-022", "RT-023"],
  deform: (conforming) => ({
    ...conforming,
    errorFrame: (context, refusal) => ({
      ...conforming.errorFrame(context, refusal),
      ...(context.message?.["type"] === "SYNC_REQUEST" ? { lastSeq: context.user.head } : {}),
    }),
  }),
});

export const refusedRequestForgetsThePlace = mutant({
  name: "refused-sync-request-forgets-the-place",
  story: "A new SYNC_REQUEST begins by resetting what the last one left.",
  breaks: ["RT-023"],
  deform: (conforming) => ({
    ...conforming,
    baselineOf(context, connection, message) {
      connection.watermark = null;
      return conforming.baselineOf(context, connection, message);
    },
  }),
});

export const eventsAlwaysNumbered = mutant({
  name: "events-carry-seq-before-any-catch-up",
  story: "Every event is stamped with its seq, as the wire format has the member.",
  breaks: ["RT-022", "RT-023"],
  deform: (conforming) => ({
    ...conforming,
    eventSeq: (_context, _connection, rows) => rows.at(-1)?.seq,
  }),
});

export const deletionsAlwaysNumbered = mutant({
  name: "deletions-carry-seq-before-any-catch-up",
  story: "The message of a deletion is built elsewhere, and looks at no watermark.",
  breaks: ["RT-022", "RT-023"],
  deform: (conforming) => ({
    ...conforming,
    eventSeq: (context, connection, rows) =>
      rows.at(-1)?.item === null ? rows.at(-1)?.seq : conforming.eventSeq(context, connection, rows),
  }),
});

export const acksAlwaysNumbered = mutant({
  name: "acknowledgements-carry-last-seq-before-any-catch-up",
  story: "The sender's own change is taken for all that it could have missed.",
  breaks: ["RT-022", "RT-023", "RT-024"],
  deform: (conforming) => ({
    ...conforming,
    ackLastSeq: (_context, _connection, judgements) => judgements.at(-1)?.row?.seq,
  }),
});

export const bulkAcksAlwaysNumbered = mutant({
  name: "bulk-acknowledgements-carry-last-seq-before-any-catch-up",
  story: "Messages with several entities are acknowledged by the code that ends a catch-up.",
  breaks: ["RT-022", "RT-023", "RT-024"],
  deform: (conforming) => ({
    ...conforming,
    ackLastSeq: (context, connection, judgements) =>
      conforming.tellsResults(context)
        ? context.user.head
        : conforming.ackLastSeq(context, connection, judgements),
  }),
});

export const newConnectionsAreUpToDate = mutant({
  name: "new-connections-begin-at-the-head",
  story: "A socket's watermark is the head when it is opened, as if the client had pulled just before.",
  breaks: ["RT-022", "RT-023"],
  deform: (conforming) => ({
    ...conforming,
    greet(context, connection) {
      connection.watermark = context.user.head;
      conforming.greet(context, connection);
    },
  }),
});

export const evictionForgetsTheWatermark = mutant({
  name: "eviction-forgets-the-watermark",
  story:
    "The watermark is a field of an object that the platform throws away; its sockets live on without it.",
  breaks: ["RT-025"],
  deform: (conforming) => ({
    ...conforming,
    evict(server) {
      conforming.evict(server);
      for (const connection of server.connections) connection.watermark = null;
    },
  }),
});

export const evictionClosesOtherwise = mutant({
  name: "eviction-closes-with-1000",
  story: "The server closes what it has no watermark for as if the client had wished it.",
  breaks: ["RT-025"],
  deform: (conforming) => ({
    ...conforming,
    evict(server) {
      conforming.evict(server);
      for (const connection of server.connections)
        conforming.closeSocket(connection.context, connection, 1000, "");
    },
  }),
});

export const evictionLosesTheNextEvent = mutant({
  name: "eviction-takes-the-next-head-for-the-watermark",
  story: "The first write after an eviction restores the watermark from the head, its own change included.",
  breaks: ["RT-021", "RT-022", "RT-025", "RT-040"],
  deform: (conforming) => ({
    ...conforming,
    evict(server) {
      conforming.evict(server);
      for (const { memory } of server.connections) memory.set("wakes", true);
    },
    sendEvent(context, connection, rows) {
      if (!connection.memory.delete("wakes")) conforming.sendEvent(context, connection, rows);
    },
  }),
});

export const evictionEndsCatchUps = mutant({
  name: "eviction-ends-catch-ups-at-the-head",
  story: "Where a walk stood is lost with the memory, and what wakes takes it for finished.",
  breaks: ["RT-022", "RT-025", "RT-026"],
  deform: (conforming) => ({
    ...conforming,
    evict(server) {
      conforming.evict(server);
      for (const { memory } of server.connections) memory.set("evicted", true);
    },
    takeChunk: (context, baseline, position) =>
      context.connection?.memory.delete("evicted")
        ? { rows: [], through: position }
        : conforming.takeChunk(context, baseline, position),
  }),
});

export const evictionLeavesCatchUpsOpen = mutant({
  name: "eviction-leaves-catch-ups-without-an-end",
  story: "The walk is gone with the memory, and the socket lives on, waiting.",
  breaks: ["RT-025", "RT-026", "RT-040"],
  deform: (conforming) => ({
    ...conforming,
    evict(server) {
      conforming.evict(server);
      for (const { memory } of server.connections) memory.set("evicted", true);
    },
    async beforeChunk(context, connection) {
      await conforming.beforeChunk(context, connection);
      if (connection.memory.has("evicted")) await new Promise(() => {});
    },
  }),
});

export const requestAheadSetsThePlace = mutant({
  name: "sync-request-ahead-of-the-head-puts-the-connection-at-the-head",
  story: "A place ahead is cut to the head first, as for deployed peers, and refused afterwards.",
  breaks: ["RT-022", "RT-023"],
  deform: (conforming) => ({
    ...conforming,
    baselineOf(context, connection, message) {
      if (Number(message["lastSeq"] ?? 0) > context.user.head) connection.watermark ??= context.user.head;
      return conforming.baselineOf(context, connection, message);
    },
  }),
});

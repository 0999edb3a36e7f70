import { isJsonObject } from "../../../schemas/json.ts";
import type { Json, JsonObject } from "../../../schemas/json.ts";
import { formatInstant } from "../../../spec/rules/instant.ts";
import type { Behaviour } from "../../model/behaviour.ts";
import type { Context } from "../../model/context.ts";
import { changingMessages } from "../../model/deform-sockets.ts";
import { mutant } from "../../model/mutant.ts";
import type { Judgement } from "../../model/submission.ts";

/** Changes acknowledgements of single entities. */
const acknowledging =
  (change: (told: JsonObject, judgement: Judgement, context: Context) => JsonObject) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    ackOutcome: (context, judgement) => change(conforming.ackOutcome(context, judgement), judgement, context),
  });

/** Loses acknowledgements. */
const losingAcks = (lost: (frame: JsonObject, context: Context) => boolean) =>
  changingMessages(["SYNC_RESPONSE"], (frame, _connection, context) =>
    "clientChangeId" in frame && lost(frame, context) ? undefined : frame,
  );

const changingResults = (change: (results: JsonObject[]) => JsonObject[]) =>
  changingMessages(["SYNC_RESPONSE"], (frame) =>
    Array.isArray(frame["results"]) ? { ...frame, results: change(frame["results"] as JsonObject[]) } : frame,
  );

export const acknowledgesNoOtherEntities = mutant({
  name: "acknowledges-no-other-entities",
  story: "The generic message was added later, and its handler ends without an answer.",
  breaks: ["RT-013"],
  deform: losingAcks((_frame, { message }) => message?.["type"] === "ENTITY_CHANGED"),
});

export const answersDissociationByNothing = mutant({
  name: "answers-dissociation-by-nothing",
  story: "PIECE_DISSOCIATED is taken for a note that needs no answer.",
  breaks: ["RT-013"],
  deform: losingAcks((_frame, { message }) => message?.["type"] === "PIECE_DISSOCIATED"),
});

export const acknowledgesMetaOfBefore = mutant({
  name: "acknowledges-meta-of-before",
  story: "The acknowledgement is made of the row that was read for judging, before the write.",
  breaks: ["RT-013"],
  deform: acknowledging((told) => {
    const meta = told["meta"] as JsonObject;
    const version = meta["version"] as number;
    return version === 1 ? told : { ...told, meta: { ...meta, version: version - 1 } };
  }),
});

export const acknowledgesRemovalsAsLive = mutant({
  name: "acknowledges-removals-as-live",
  story: "The acknowledgement of a removal is built from the item that was removed.",
  breaks: ["RT-013"],
  deform: acknowledging((told) => {
    const meta = told["meta"] as JsonObject;
    return { ...told, meta: { ...meta, deletedAt: null, checksum: meta["checksum"] || "0".repeat(64) } };
  }),
});

export const acknowledgesWithoutItem = mutant({
  name: "acknowledges-without-item",
  story: "Only what superseded is sent back; that the server normalises was forgotten.",
  breaks: ["RT-013"],
  deform: acknowledging(({ item, ...told }) =>
    told["outcome"] === "superseded" ? { ...told, item: item ?? null } : told,
  ),
});

export const acknowledgesTheItemAsSent = mutant({
  name: "acknowledges-the-item-as-sent",
  story: "The acknowledgement repeats the message's item in place of the stored one.",
  breaks: ["RT-013"],
  deform: acknowledging((told, { submission: { raw } }) =>
    told["outcome"] === "superseded" || !isJsonObject(raw) ? told : { ...told, item: raw },
  ),
});

export const echoesTheLoser = mutant({
  name: "echoes-the-loser",
  story: "The item that was judged is sent back, also where it lost.",
  breaks: ["RT-013"],
  deform: acknowledging((told, { submission: { raw } }) =>
    told["outcome"] === "superseded" && isJsonObject(raw) ? { ...told, item: raw } : told,
  ),
});

export const acknowledgesTheFirstAlone = mutant({
  name: "acknowledges-the-first-of-several-alone",
  story: "Results are collected until the first that is no plain success.",
  breaks: ["RT-013"],
  deform: changingResults((results) => results.slice(0, 1)),
});

export const leavesRefusalsOut = mutant({
  name: "leaves-refusals-out-of-results-on-sockets",
  story: "Only what has a row is told, and a refused item has none.",
  breaks: ["RT-013", "RT-014"],
  deform: changingResults((results) => results.filter(({ outcome }) => outcome !== "refused")),
});

export const pointsIntoAPush = mutant({
  name: "points-into-a-push",
  story: "The message is rewritten as a push, and its results point into that.",
  breaks: ["RT-013", "RT-050"],
  deform: changingResults((results) =>
    results.map((result) => ({ ...result, pointer: `/changes${result["pointer"] as string}` })),
  ),
});

export const ignoresEmptyBulks = mutant({
  name: "ignores-empty-bulks",
  story: "A loop over items answers after the last one, and an empty message has none.",
  breaks: ["RT-013"],
  deform: losingAcks((frame) => Array.isArray(frame["results"]) && frame["results"].length === 0),
});

const stampingBy =
  (stamp: (item: JsonObject, context: Context) => Json | undefined) =>
  (conforming: Behaviour): Behaviour => ({
    ...conforming,
    withEnvelopeStamp(context, submission, item) {
      const updatedAt = submission.deletion ? undefined : stamp(item, context);
      return updatedAt === undefined
        ? conforming.withEnvelopeStamp(context, submission, item)
        : { ...item, updatedAt };
    },
  });

export const stampsByItsClock = mutant({
  name: "stamps-messages-by-its-own-clock",
  story: "An item without a stamp gets the time of receipt, as deployed peers get over HTTP.",
  breaks: ["RT-013", "ORD-009"],
  deform: stampingBy(({ updatedAt }, { now }) => (updatedAt === undefined ? formatInstant(now) : undefined)),
});

export const putsTheEnvelopeFirst = mutant({
  name: "puts-the-envelope-s-timestamp-first",
  story: "The time of the message is taken for that of the change.",
  breaks: ["RT-013", "ORD-009"],
  deform: stampingBy((_item, { message }) => message?.["timestamp"] ?? undefined),
});

export const stampsRemovalsByItsClock = mutant({
  name: "stamps-removals-on-sockets-by-its-own-clock",
  story: "The message names an id alone, so the handler makes the deletion's stamp.",
  breaks: ["RT-013", "ORD-009"],
  deform: (conforming) => ({
    ...conforming,
    mutationItems: (context, message) =>
      conforming.mutationItems(context, message).map((submission) =>
        submission.deletion && (message["deletedAt"] ?? null) === null
          ? {
              ...submission,
              raw: { ...(submission.raw as JsonObject), deletedAt: formatInstant(context.now) },
            }
          : submission,
      ),
  }),
});

export const acknowledgesTheLastOfAQueue = mutant({
  name: "acknowledges-the-last-of-a-queue",
  story: "Acknowledgements are thought to cover all messages before them, as in TCP.",
  breaks: ["RT-013"],
  deform: losingAcks((_frame, { connection }) => (connection?.backlog ?? 0) > 1),
});

export const namesTheLatestChange = mutant({
  name: "names-the-latest-change",
  story: "The name is kept in a field of the connection, which the next message overwrites.",
  breaks: ["RT-013"],
  deform: (conforming) => ({
    ...conforming,
    // Read when the frame comes in, long before it is judged where others are before it.
    isPing(context, incoming) {
      const text = new TextDecoder().decode(incoming.bytes);
      const name = /"clientChangeId":"([^"]*)"/.exec(text)?.[1];
      if (name !== undefined) context.server.scratch.set(`latest ${context.user.id}`, name);
      return conforming.isPing(context, incoming);
    },
    ackFrame(context, connection, judgements) {
      const frame = conforming.ackFrame(context, connection, judgements);
      const name = context.server.scratch.get(`latest ${context.user.id}`) as string | undefined;
      return name === undefined ? frame : { ...frame, clientChangeId: name };
    },
  }),
});

import type { JsonObject } from "../../../schemas/json.ts";
import type { Context } from "../context.ts";
import { rowKey } from "../state.ts";
import type { Row } from "../state.ts";
import { variant } from "../variant.ts";

/** Whether an entity came into being after a place in the log. */
function isBornAfter({ user }: Context, { entityType, entityId }: Row, seq: number): boolean {
  const key = rowKey(entityType, entityId);
  const first = user.log.find((entry) => rowKey(entry.entityType, entry.entityId) === key);
  return first !== undefined && first.seq > seq;
}

export const smallPortions = variant({
  name: "small-portions",
  story: "A server with little memory, which reads a few rows at a time and looks no further than those.",
  uses: [
    { freedom: "pages smaller than asked for", of: ["PULL-009"] },
    { freedom: "hasMore once too often, with an empty page after it", of: ["PULL-009"] },
    { freedom: "what was created and deleted during a full pull is not told", of: ["PULL-009"] },
    {
      freedom: "small chunks, pieces before the others, deletions told once more in them",
      of: ["RT-026", "RT-027", "RT-028"],
    },
    { freedom: "a second SYNC_REQUEST waits for the first", of: ["RT-033"] },
    { freedom: "lists that are empty in a chunk", of: ["RT-027"] },
    { freedom: "a plan and its occurrences in one event, all sockets alike", of: ["RT-019"] },
  ],
  deform: (conforming) => ({
    ...conforming,
    pageSize: (context, query) => {
      const asked = conforming.pageSize(context, query);
      return asked === undefined ? undefined : Math.min(50, Math.ceil(asked * 0.7));
    },
    takePage: (context, rows, size) => {
      const page = conforming.takePage(context, rows, size);
      return { ...page, hasMore: size !== undefined && rows.length >= size };
    },
    tellsDeletion: (context, row, walk) => {
      const told = conforming.tellsDeletion(context, row, walk);
      const isLater = walk.start !== null && row.stamp.updatedAt > walk.readAt;
      return told && (walk.start === null || isLater || !isBornAfter(context, row, walk.start.head));
    },
    chunkSize: () => 3,
    chunkFrames: (context, connection, chunk) => {
      const frames = conforming.chunkFrames(context, connection, chunk);
      const gone = chunk.rows.filter(({ item }) => item === null);
      const isPieces = ({ type }: JsonObject): boolean => type === "REPERTOIRE_BULK_SYNC";
      const isChunk = (frame: JsonObject): boolean => isPieces(frame) || frame["type"] === "BULK_SYNC";
      const pieces = frames.filter(isPieces).map((frame) => {
        const others = chunk.rows.find(
          ({ entityType, item }) => item !== null && entityType !== "repertoire_item",
        );
        return { ...frame, lastSeq: others === undefined ? chunk.through : others.seq - 1 };
      });
      const last: JsonObject = {
        type: "BULK_SYNC",
        entries: [],
        goals: [],
        ...frames.find(({ type }) => type === "BULK_SYNC"),
        lastSeq: chunk.through,
        deleted: gone.map((row) => context.behaviour.tellMeta(context, row)),
      };
      last["meta"] = { goals: [], entries: [], ...(last["meta"] as JsonObject | undefined) };
      return [...frames.filter((frame) => !isChunk(frame)), ...pieces, last];
    },
    interceptMessage: async (context, connection, message) => {
      while (message["type"] === "SYNC_REQUEST" && connection.catchingUp && connection.open)
        await context.server.turn(context);
      return conforming.interceptMessage(context, connection, message);
    },
  }),
});

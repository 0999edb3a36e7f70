import type { Context } from "../../model/context.ts";
import { mutant } from "../../model/mutant.ts";
import { remembered } from "./pull-history.ts";

export const remembersWhereADeviceIs = mutant({
  name: "remembers-where-a-device-is",
  story: "The server keeps a position for each device and takes the greater of it and the cursor.",
  breaks: ["PULL-002"],
  deform: (conforming) => ({
    ...conforming,
    startWalk(context, query) {
      const walk = conforming.startWalk(context, query);
      if (walk.mode === "full") return walk;
      const known = (context.server.scratch.get(position(context)) as number | undefined) ?? 0;
      return { ...walk, after: Math.max(walk.after, known) };
    },
    cursorAfter(context, walk, page) {
      const cursor = conforming.cursorAfter(context, walk, page);
      if (cursor.full === null && cursor.types === null)
        context.server.scratch.set(position(context), cursor.seq);
      return cursor;
    },
  }),
});

export const cursorsWorkOnce = mutant({
  name: "cursors-work-once",
  story: "Tokens are rows in a table that are deleted when they are used.",
  breaks: ["PULL-002", "PULL-004"],
  deform: (conforming) => ({
    ...conforming,
    startWalk(context, query) {
      const used = remembered(context, "used tokens");
      if (query.since !== null && used.has(query.since)) throw conforming.refuseCursor(context);
      if (query.since !== null) used.add(query.since);
      return conforming.startWalk(context, query);
    },
  }),
});

export const deltaRepeatsTheLastChange = mutant({
  name: "delta-repeats-the-last-change",
  story: "The query says seq >= cursor.",
  breaks: ["PULL-002", "PULL-004"],
  deform: (conforming) => ({
    ...conforming,
    startWalk(context, query) {
      const walk = conforming.startWalk(context, query);
      return walk.mode === "delta" ? { ...walk, after: walk.after - 1 } : walk;
    },
  }),
});

export const restReturnsToTheStart = mutant({
  name: "an-empty-delta-returns-to-the-start",
  story: "The next cursor is that of the last row, and an empty answer has none.",
  breaks: ["PULL-004"],
  deform: (conforming) => ({
    ...conforming,
    cursorAfter(context, walk, page) {
      const cursor = conforming.cursorAfter(context, walk, page);
      return walk.mode === "delta" && page.rows.length === 0 ? { ...cursor, seq: 0 } : cursor;
    },
  }),
});

export const restSkipsTheNextChange = mutant({
  name: "an-empty-delta-skips-the-next-change",
  story: "Where nothing is told, the token is made from the number that will be given next.",
  breaks: ["PULL-004"],
  deform: (conforming) => ({
    ...conforming,
    cursorAfter(context, walk, page) {
      const cursor = conforming.cursorAfter(context, walk, page);
      return walk.mode === "delta" && page.rows.length === 0
        ? { ...cursor, seq: context.user.head + 1 }
        : cursor;
    },
    isAhead: ({ user }, { seq }) => seq > user.head + 1,
  }),
});

export const emptyLogGivesAnUnusableCursor = mutant({
  name: "cursor-of-an-empty-log-is-refused",
  story: "A position of 0 is falsy, and was taken for a token without a position.",
  breaks: ["PULL-004"],
  deform: (conforming) => ({
    ...conforming,
    decodeCursor(context, token) {
      const cursor = conforming.decodeCursor(context, token);
      return cursor?.seq ? cursor : undefined;
    },
  }),
});

export const typedCursorsMoveToUntyped = mutant({
  name: "an-empty-typed-delta-forgets-its-types",
  story: "The early return for nothing new gives the token of the head, which is for all types.",
  breaks: ["PULL-004", "PULL-017"],
  deform: (conforming) => ({
    ...conforming,
    cursorAfter(context, walk, page) {
      const cursor = conforming.cursorAfter(context, walk, page);
      return walk.mode === "delta" && page.rows.length === 0 ? { ...cursor, types: null } : cursor;
    },
  }),
});

function position(context: Context): string {
  return `position ${context.user.id} ${context.behaviour.deviceOf(context) ?? ""}`;
}

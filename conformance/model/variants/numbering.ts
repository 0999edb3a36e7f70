import type { Context, Server } from "../context.ts";
import type { Cursor } from "../behaviour/cursor.ts";
import { variant } from "../variant.ts";

/** One counter for everybody, as a database's sequence: what others write, and what failed, leaves gaps. */
function nextNumber({ server, user }: Context): number {
  const last = (server.scratch.get("sequence") as number | undefined) ?? 2 ** 41;
  const step = 1 + ((last * 7 + user.id.length) % 5_000);
  server.scratch.set("sequence", last + step);
  return last + step;
}

function handles(server: Server): Map<string, Cursor> {
  const known = server.scratch.get("handles") as Map<string, Cursor> | undefined;
  if (known) return known;
  const made = new Map<string, Cursor>();
  server.scratch.set("handles", made);
  return made;
}

export const numbersWithGaps = variant({
  name: "numbers-with-gaps",
  story: "A relational database whose one sequence numbers the rows of all users, and a table of cursors.",
  uses: [
    { freedom: "gaps in seq, its size, and whose writes lie between", of: ["ORD-021", "RT-019"] },
    { freedom: "which of a push's items has the smaller seq", of: ["ORD-021", "PUSH-009"] },
    {
      freedom: "short cursors, another one for the same place each time",
      of: ["PULL-018", "PUSH-013", "STAT-003"],
    },
    { freedom: "a plan and its occurrences told one by one", of: ["RT-019", "RT-043"] },
    { freedom: "collections whose names are integers last", of: ["PUSH-001"] },
    { freedom: "records kept longer than advertised", of: ["IDEM-016", "IDEM-019"] },
  ],
  deform: (conforming) => ({
    ...conforming,
    nextSeq: (context) => nextNumber(context),
    selectRows: (context, judgements, rows) => {
      const selected = conforming.selectRows(context, judgements, rows);
      const numbers = selected.map(({ seq }) => seq).toReversed();
      for (const [index, row] of selected.entries()) row.seq = numbers[index]!;
      return selected.toReversed();
    },
    joins: () => false,
    pushItems: (context, body) => {
      const items = conforming.pushItems(context, body);
      const isInteger = ({ pointer }: { pointer: string }): boolean => /^\/changes\/\d+\//.test(pointer);
      return [...items.filter((item) => !isInteger(item)), ...items.filter(isInteger)];
    },
    isExpired: () => false,
    encodeCursor: ({ server }, cursor) => {
      const handle = Array.from({ length: 2 }, () => server.random().toString(36).slice(2, 8)).join("");
      handles(server).set(handle, cursor);
      return handle;
    },
    decodeCursor: ({ server }, token) => handles(server).get(token),
  }),
});
